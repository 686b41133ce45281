"""A folder of real captures: `index.jsonl`, `replay.jsonl` and `pages.tar.zst`, read and checked before anything is played."""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import zstandard

INDEX, REPLAY, PAGES = "index.jsonl", "replay.jsonl", "pages.tar.zst"
EXPECTATIONS = ("same", "changed", "failure")


class Unusable(ValueError):
    """The folder can't be played; the words say which file and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One capture of a sequence, and what a reader would say of it ("" where that isn't sure)."""

    replay: str
    order: int
    service: str
    terms: str
    captured_at: datetime
    sha256: str
    expect: str
    url: str
    select: tuple[Any, ...]
    remove: tuple[Any, ...]

    @property
    def way_of_reading(self) -> tuple[str, str, str]:
        """What a declaration is made of; hashable, since selectors may be ranges."""
        return self.url, json.dumps(self.select, sort_keys=True), json.dumps(self.remove, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Recording:
    """The captures of one document, in their order."""

    name: str
    steps: tuple[Step, ...]

    @property
    def service(self) -> str:
        return self.steps[0].service

    @property
    def terms(self) -> str:
        return self.steps[0].terms

    @property
    def document(self) -> str:
        """The name without the service that it begins with."""
        return self.name.removeprefix(f"{self.service}/")


def read(folder: Path, *, only: str = "") -> list[Recording]:
    """The sequences of the folder, or the one called `only`. Raises Unusable."""
    if not folder.is_dir():
        raise Unusable(f"{folder} is no folder")
    for name in (INDEX, REPLAY, PAGES):
        if not (folder / name).is_file():
            raise Unusable(f"{folder} holds no {name}")
    index = {line["snapshot_commit"]: line for line in _lines(folder / INDEX, ("snapshot_commit", "sha256", "url"))}
    sequences: dict[str, list[Step]] = {}
    for line in _lines(folder / REPLAY, ("replay", "order", "service", "terms", "captured_at", "snapshot_commit")):
        if only in ("", line["replay"]):
            sequences.setdefault(line["replay"], []).append(_step(line, index))
    if not sequences:
        raise Unusable(f"{REPLAY} knows no sequence {only!r}" if only else f"{REPLAY} is empty")
    return [
        Recording(name, tuple(sorted(steps, key=lambda step: (step.captured_at, step.order))))
        for name, steps in sequences.items()
    ]


def unpack(folder: Path, sequences: Sequence[Recording], into: Path) -> None:
    """Write the pages of these sequences into a folder, each named by the SHA-256 that it really has. Raises Unusable."""
    wanted = {step.sha256 for sequence in sequences for step in sequence.steps}
    try:
        with (
            (folder / PAGES).open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            for member in tar:
                content = tar.extractfile(member) if member.name in wanted else None
                if content is None:
                    continue
                page = content.read()
                if hashlib.sha256(page).hexdigest() != member.name:
                    raise Unusable(f"{PAGES}: the bytes of {member.name} have another hash")
                (into / member.name).write_bytes(page)
                wanted.discard(member.name)
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise Unusable(f"{PAGES} can't be unpacked: {error}") from error
    if wanted:
        raise Unusable(f"{PAGES} lacks {len(wanted)} of the pages, {min(wanted)} among them")


def _lines(file: Path, needed: Sequence[str]) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
            except ValueError as error:
                raise Unusable(f"{file.name}, line {number}: no JSON ({error})") from error
            if not isinstance(line, dict):
                raise Unusable(f"{file.name}, line {number}: no JSON object")
            missing = [name for name in needed if name not in line]
            if missing:
                raise Unusable(f"{file.name}, line {number}: no {', '.join(missing)}")
            yield line


def _step(line: dict[str, Any], index: dict[str, dict[str, Any]]) -> Step:
    where = f"{REPLAY}, {line['replay']} {line['order']}"
    capture = index.get(line["snapshot_commit"])
    if capture is None:
        raise Unusable(f"{where}: {INDEX} knows no capture {line['snapshot_commit']}")
    expect = line.get("expect") or ""
    if expect and expect not in EXPECTATIONS:
        raise Unusable(f"{where}: nothing can be expected to be {expect!r}")
    try:
        captured_at = datetime.fromisoformat(line["captured_at"])
    except (TypeError, ValueError) as error:
        raise Unusable(f"{where}: {line['captured_at']!r} is no time") from error
    if captured_at.tzinfo is None:
        raise Unusable(f"{where}: {line['captured_at']} has no time zone")
    return Step(
        replay=line["replay"],
        order=line["order"],
        service=line["service"],
        terms=line["terms"],
        captured_at=captured_at,
        sha256=capture["sha256"],
        expect=expect,
        url=capture["url"],
        select=tuple(capture.get("select") or ()),
        remove=tuple(capture.get("remove") or ()),
    )
