"""The demo's own script: the written history of each document under `texts/`, and where each of them stands now."""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from atlas.demo.policysite import applications, astray
from atlas.demo.policysite.front import front_page
from atlas.demo.policysite.rendering import page_html
from atlas.demo.policysite.scripts import CannotShow, Page
from atlas.demo.policysite.sources import edited, unwrap

BLANK = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title></title></head><body></body></html>\n'


class Kind(StrEnum):
    """What a step shows: the document, or what a site shows in its place when something is wrong."""

    VERSION = "version"
    BLANK = "blank"
    BLOCK = "block"
    SOFT_404 = "soft_404"


@dataclass(frozen=True)
class Step:
    """One thing that the address showed. `date` is None for what is yet to be published."""

    number: int
    kind: Kind
    note: str
    date: datetime | None
    status: int
    title: str
    source: str

    def page(self, platform: str, since: datetime | None) -> Page:
        """The step as a page of the platform's site; an undated one was modified when it was first shown."""
        if self.kind is Kind.BLANK:
            return Page(BLANK.encode(), self.status, validators=False)
        body = page_html(platform, self.title, self.source).encode()
        return Page(body, self.status, modified=self.date or since, validators=self.kind is Kind.VERSION)


@dataclass(frozen=True)
class ScriptedDocument:
    """A document with all its steps, oldest first."""

    platform: str
    platform_name: str
    slug: str
    title: str
    steps: Sequence[Step]

    @property
    def key(self) -> str:
        return f"{self.platform}/{self.slug}"

    @cached_property
    def last_dated(self) -> int:
        """The number of the step at which the written history ends."""
        return max(step.number for step in self.steps if step.date)

    def versions(self) -> list[Step]:
        return [step for step in self.steps if step.kind is Kind.VERSION]


def written_documents() -> list[ScriptedDocument]:
    """All documents under `texts/`, by platform and slug; raises CannotEdit or KeyError for a text that is broken."""
    texts = files(__package__) / "texts"
    return [
        _read(platform, document)
        for platform in sorted(texts.iterdir(), key=lambda place: place.name)
        if platform.is_dir()
        for document in sorted(platform.iterdir(), key=lambda place: place.name)
        if document.is_dir()
    ]


def _read(platform: Traversable, folder: Traversable) -> ScriptedDocument:
    name = yaml.safe_load((platform / "platform.yaml").read_text(encoding="utf-8"))["name"]
    history = yaml.safe_load((folder / "history.yaml").read_text(encoding="utf-8"))
    source = unwrap((folder / "first.md").read_text(encoding="utf-8"))
    steps: list[Step] = []
    for written in [*history["steps"], *history["next"]]:
        kind = Kind(written.get("kind", "version"))
        where = f"{platform.name}/{folder.name}, step {len(steps)}"
        if kind is Kind.VERSION:
            source = edited(source, written.get("edits", []), where=where)
        steps.append(_step(len(steps), kind, written, history["title"], source))
    return ScriptedDocument(platform.name, name, folder.name, history["title"], tuple(steps))


def _step(number: int, kind: Kind, written: Mapping[str, Any], title: str, source: str) -> Step:
    shown = source if kind is Kind.VERSION else unwrap(written.get("body", ""))
    return Step(
        number=number,
        kind=kind,
        note=written["note"],
        date=written.get("date"),
        status=written.get("status", 200),
        title=written.get("title", title),
        source=shown,
    )


class HistoryScript:
    """Plays written documents. Where each of them stands is kept in a file, so that a restart goes on from there.

    Without a file yet, every document stands where its written history ends.
    """

    def __init__(self, documents: Sequence[ScriptedDocument], kept_in: Path) -> None:
        self.documents = {document.key: document for document in documents}
        self._kept_in = kept_in
        self._lock = threading.Lock()
        self._step = {key: document.last_dated for key, document in self.documents.items()}
        self._since: dict[str, datetime] = {}
        self._recall()

    def page(self, path: str) -> Page | None:
        document = self.documents.get(path.strip("/"))
        if document is None:
            return applications.page(path) or astray.page(path)
        with self._lock:
            number, since = self._step[document.key], self._since.get(document.key)
        return document.steps[number].page(document.platform, since)

    def front(self) -> str:
        with self._lock:
            standing = dict(self._step)
        return front_page((document, standing[key]) for key, document in self.documents.items())

    def state(self) -> Mapping[str, object]:
        with self._lock:
            standing = dict(self._step)
        return {
            "documents": [
                {
                    "document": key,
                    "path": f"/{key}",
                    "platform": document.platform,
                    "title": document.title,
                    "step": standing[key],
                    "last_dated": document.last_dated,
                    "steps": [
                        {
                            "step": step.number,
                            "kind": step.kind,
                            "date": step.date and step.date.isoformat(),
                            "note": step.note,
                        }
                        for step in document.steps
                    ],
                }
                for key, document in self.documents.items()
            ]
        }

    def show(self, document: str, step: object) -> None:
        steps = self._document(document).steps
        try:
            number = int(str(step))
        except ValueError as error:
            raise CannotShow(f"a step is a number, not {step!r}") from error
        if not 0 <= number < len(steps):
            raise CannotShow(f"{document} has the steps 0 to {len(steps) - 1}, not {number}")
        with self._lock:
            self._set(document, number)

    def publish(self, document: str) -> None:
        last = len(self._document(document).steps) - 1
        with self._lock:
            if self._step[document] >= last:
                raise CannotShow(f"{document} has no further version")
            self._set(document, self._step[document] + 1)

    def _document(self, key: str) -> ScriptedDocument:
        try:
            return self.documents[key]
        except KeyError as error:
            raise CannotShow(f"there is no document {key}") from error

    def _set(self, key: str, number: int) -> None:
        self._step[key] = number
        self._since[key] = datetime.now(UTC).replace(microsecond=0)
        kept = {key: {"step": step, "since": self._since.get(key, None)} for key, step in self._step.items()}
        self._kept_in.parent.mkdir(parents=True, exist_ok=True)
        draft = self._kept_in.with_suffix(".new")
        draft.write_text(json.dumps(kept, indent=2, default=datetime.isoformat), encoding="utf-8")
        draft.replace(self._kept_in)

    def _recall(self) -> None:
        if not self._kept_in.exists():
            return
        for key, kept in json.loads(self._kept_in.read_text(encoding="utf-8")).items():
            # A text that was dropped or shortened since then stands where its history ends.
            if key in self.documents and 0 <= kept["step"] < len(self.documents[key].steps):
                self._step[key] = kept["step"]
                if kept["since"]:
                    self._since[key] = datetime.fromisoformat(kept["since"])
