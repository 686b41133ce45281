"""A version's text as the desk shows it: each block with its place in the text, quotations marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.extraction import ExtractedText
from monitoring.findings.services import Quote


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """`start` is the place of its first code point in the text; the label stands outside of the text."""

    start: int
    kind: str
    label: str
    runs: tuple[Run, ...]


def shown_blocks(text: ExtractedText, quotes: Sequence[Quote] = ()) -> list[ShownBlock]:
    """All blocks in order, the words of the quotes marked."""
    spans = sorted((quote.start, quote.end) for quote in quotes)
    return [
        ShownBlock(block.start, str(block.kind), block.label, _runs(block.text, block.start, spans))
        for block in text.blocks
    ]


def _runs(text: str, offset: int, spans: Sequence[tuple[int, int]]) -> tuple[Run, ...]:
    runs, at = [], 0
    for start, end in spans:
        first, last = max(start - offset, at), min(end - offset, len(text))
        if first >= last:
            continue
        runs += [Run(text[at:first], False), Run(text[first:last], True)]
        at = last
    runs.append(Run(text[at:], False))
    return tuple(run for run in runs if run.text)
