"""A version's text as a page shows it: numbered blocks with permanent anchors, an outline, a marked quotation.

A block's anchor is made of its words, not of its place, so a link to it outlives a renumbering and is the same in every
version in which the words stand.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.extraction import Block, ExtractedText

DEEPEST_HEADING = 6


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters of a block; `marked` where the quotation stands that the reader asked for, `opens` where it begins."""

    text: str
    marked: bool = False
    opens: bool = False


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """One block: `number` counts from 1 on this page, `level` is the heading's (0 for others)."""

    number: int
    anchor: str
    kind: str
    label: str
    level: int
    text: str
    runs: tuple[Run, ...]

    @property
    def aria_level(self) -> int:
        """Below the page's own heading."""
        return min(self.level + 1, DEEPEST_HEADING)


def anchors(blocks: Iterable[Block]) -> list[str]:
    """For each block `b-` and ten hex digits of the SHA-256 of its words; equal words are counted on."""
    seen: Counter[str] = Counter()
    found = []
    for block in blocks:
        anchor = f"b-{hashlib.sha256(block.text.encode()).hexdigest()[:10]}"
        seen[anchor] += 1
        found.append(anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}")
    return found


def shown_blocks(text: ExtractedText, mark: tuple[int, int] | None = None) -> list[ShownBlock]:
    """All blocks in order. `mark` is a span of code points of the text, the end excluded."""
    return [
        ShownBlock(
            number=number,
            anchor=anchor,
            kind=str(block.kind),
            label=block.label,
            level=min(max(block.level, 1), DEEPEST_HEADING) if block.kind == "heading" else 0,
            text=block.text,
            runs=_runs(block, mark),
        )
        for number, (block, anchor) in enumerate(zip(text.blocks, anchors(text.blocks), strict=True), 1)
    ]


def _runs(block: Block, mark: tuple[int, int] | None) -> tuple[Run, ...]:
    if mark is None or mark[1] <= block.start or mark[0] >= block.end:
        return (Run(block.text),)
    start, end = max(mark[0] - block.start, 0), min(mark[1] - block.start, len(block.text))
    parts = (Run(block.text[:start]), Run(block.text[start:end], True, mark[0] >= block.start), Run(block.text[end:]))
    return tuple(part for part in parts if part.text)
