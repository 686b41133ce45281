"""What a dry run found, laid out beside the page as it came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from atlas.kernel import ids
from monitoring.archive.models import Trial
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document
from monitoring.desk.access import DeskRequest
from monitoring.desk.words import ShownBlock, shown_blocks
from monitoring.diffing import Comparison
from monitoring.extraction import BlockKind, ExtractedText, StatedDate
from monitoring.showing.passages import Reading
from monitoring.showing.reading import read

LOOK_AGAIN = 2  # seconds until the browser asks whether a trial has its answer
#: What a person is told of each kind of block, one and several.
KINDS = {
    BlockKind.HEADING: ("heading", "headings"),
    BlockKind.PARAGRAPH: ("paragraph", "paragraphs"),
    BlockKind.ITEM: ("list item", "list items"),
    BlockKind.ROW: ("table row", "table rows"),
    BlockKind.DATE: ("date line", "date lines"),
}


@dataclass(frozen=True, slots=True)
class SeenBlock:
    """A block of the page as it came; `taken`: it is part of the text that was read."""

    kind: str
    label: str
    text: str
    taken: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One page: `facts` as monitoring.trying keeps them, and all of its text."""

    facts: dict[str, Any]
    blocks: list[SeenBlock]

    @property
    def taken(self) -> int:
        return sum(block.taken for block in self.blocks)


@dataclass(frozen=True, slots=True)
class ShownTrial:
    """What was found; `text` is None where nothing could be read, `reading` where nothing differs."""

    found: dict[str, Any]
    pages: list[SeenPage]
    text: ExtractedText | None
    blocks: list[ShownBlock]
    kinds: list[str]
    headings: list[str]
    dates: tuple[StatedDate, ...]
    reading: Reading | None


def named_trial(request: DeskRequest, document: Document) -> Trial | None:
    """The document's trial that the address names (`?trial=`), without the bytes that may have been uploaded for it; None
    where it names none. Raises Http404."""
    named = request.GET.get("trial", "")
    if not named:
        return None
    try:
        public_id = ids.decode(Trial.PREFIX, named)
    except ids.InvalidId as error:
        raise Http404("no such trial") from error
    asked = Trial.objects.select_related("against__extracted", "operator", "kept").defer("uploaded")
    return get_object_or_404(asked, document=document, public_id=public_id)


def shown(trial: Trial) -> ShownTrial:
    """A finished trial, for the page. One query where `against__extracted` isn't selected along."""
    found: dict[str, Any] = trial.found or {}
    text = ExtractedText.loads(trial.text) if trial.text else None
    blocks = shown_blocks(text) if text else []
    counted = Counter(block.kind for block in text.blocks) if text else Counter()
    return ShownTrial(
        found=found,
        pages=[SeenPage(facts, [SeenBlock(*block) for block in facts["blocks"]]) for facts in found.get("pages", [])],
        text=text,
        blocks=blocks,
        kinds=[f"{counted[kind]} {words[counted[kind] != 1]}" for kind, words in KINDS.items() if counted[kind]],
        headings=[block.text for block in text.blocks if block.kind == BlockKind.HEADING] if text else [],
        dates=text.dates if text else (),
        reading=_reading(trial, text),
    )


def _reading(trial: Trial, text: ExtractedText | None) -> Reading | None:
    if text is None or trial.against is None or trial.against.text_sha256 == text.sha256:
        return None
    return read(text_of(trial.against), text, Comparison.loads(trial.comparison))
