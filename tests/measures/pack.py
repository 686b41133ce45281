"""The page pack and the history beside the project, read without unpacking half a gigabyte."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import zstandard

DATA = Path(os.environ.get("ATLAS_SHARED_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data")


def captures(data: Path = DATA) -> Iterator[dict[str, Any]]:
    """The lines of the pack's index."""
    with (data / "pages" / "index.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


class Pages:
    """The pages asked for by their SHA-256, each packed again by itself."""

    def __init__(self, wanted: Iterable[str], data: Path = DATA) -> None:
        names = set(wanted)
        packer = zstandard.ZstdCompressor(level=1)
        self._packed: dict[str, bytes] = {}
        with (
            (data / "pages" / "pages.tar.zst").open("rb") as packed,
            zstandard.ZstdDecompressor().stream_reader(packed) as stream,
            tarfile.open(fileobj=stream, mode="r|") as tar,
        ):
            for member in tar:
                if member.name in names and (file := tar.extractfile(member)) is not None:
                    self._packed[member.name] = packer.compress(file.read())

    def __getitem__(self, sha256: str) -> bytes:
        return zstandard.ZstdDecompressor().decompress(self._packed[sha256])


class Versions:
    """The recorded versions of the history, cloned from its bundle into ``folder``."""

    def __init__(self, folder: Path, data: Path = DATA) -> None:
        self.path = folder
        if not folder.exists():
            bundle = data / "history" / "genai-contrib-versions.bundle"
            subprocess.run(
                ["git", "clone", "--quiet", "--bare", str(bundle), str(folder)], check=True, capture_output=True
            )

    def read(self, wanted: Iterable[tuple[str, str]]) -> Iterator[str]:
        """The Markdown of each (commit, file), in order."""
        asked = "".join(f"{commit}:{name}\n" for commit, name in wanted).encode()
        command = ["git", "-C", str(self.path), "cat-file", "--batch"]
        answer = subprocess.run(command, input=asked, check=True, capture_output=True).stdout
        position = 0
        while position < len(answer):
            end = answer.index(b"\n", position)
            size = int(answer[position:end].rsplit(b" ", 1)[1])
            yield answer[end + 1 : end + 1 + size].decode()
            position = end + size + 2

    def of_pairs(self, pairs: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
        """The Markdown before and after of each of these lines of `pairs.jsonl`, in order."""
        sides = ("from_commit", "to_commit")
        for start in range(0, len(pairs), 200):
            some = pairs[start : start + 200]
            read = self.read((pair[side], f"{pair['service']}/{pair['terms']}.md") for pair in some for side in sides)
            yield from zip(read, read, strict=True)
