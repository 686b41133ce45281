"""Sections that were numbered anew: which label became which, and the references that change by exactly that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from monitoring.extraction.texts import BlockKind

from .aligning import Alignment
from .folding import fold
from .phrases import Passage
from .units import Unit

_NUMBER = r"\d{1,3}(?:\.\d{1,3})*"
_DOTTED = re.compile(r"\d{1,3}(?:\.\d{1,3})+")
_LABEL = re.compile(rf"\W*(?:section|article|clause|part|chapter)?\s*({_NUMBER})[.):]*\s*", re.IGNORECASE)
_IN_TEXT = re.compile(rf"#*\s*({_NUMBER})[.)]*\s")
# "Section 5.2", "sections 3, 4 and 7.1", "clause 4(a)", "§ 12"
_REFERENCE = re.compile(
    rf"(?:\b(?:sub-?)?(?:section|clause|article|paragraph|part|chapter|item|point|term)s?|§+)\s*"
    rf"{_NUMBER}(?:(?:\s*(?:,|;|&|\b(?:and|or|to|through|and/or)\b|[-–—])\s*)+(?:(?:section|clause|article)s?\s+|§+\s*)?"
    rf"{_NUMBER})*(?!\.?\d)",
    re.IGNORECASE,
)


def number_of(unit: Unit) -> str:
    """The number of a section or clause without the signs around it ("4.2"), or "" where it has none.

    A plain number counts for a heading alone: lists count from 1 again and again.
    """
    found = _LABEL.fullmatch(unit.label) if unit.label else _IN_TEXT.match(unit.text)
    if found is None:
        return ""
    return found[1] if unit.kind == BlockKind.HEADING or _DOTTED.fullmatch(found[1]) else ""


def numbering(alignment: Alignment) -> dict[str, str]:
    """Old numbers and what they became. A number that became two different ones tells nothing and is left out.

    Empty where no number changed at all.
    """
    if not any(
        (match.old[0].label != match.new[0].label or match.old[0].text != match.new[0].text)
        and number_of(match.old[0]) != number_of(match.new[0])
        for match in alignment.matches
    ):
        return {}
    became: dict[str, set[str]] = defaultdict(set)
    came_from: dict[str, set[str]] = defaultdict(set)
    for match in alignment.every_match:
        before, after = number_of(match.old[0]), number_of(match.new[0])
        if before and after:
            became[before].add(after)
            came_from[after].add(before)
    return {
        before: after
        for before, (after, *others) in ((before, sorted(found)) for before, found in became.items())
        if not others and len(came_from[after]) == 1
    }


def renumbered(text: str, numbers: Mapping[str, str]) -> str:
    """The text with its references as the map has them; "5.2" follows "5" where the map doesn't hold it itself."""

    def follow(number: str) -> str:
        head, tail = number, ""
        while head not in numbers and "." in head:
            head, _, last = head.rpartition(".")
            tail = f".{last}{tail}"
        return numbers[head] + tail if head in numbers else number

    return _REFERENCE.sub(lambda found: re.sub(_NUMBER, lambda number: follow(number[0]), found[0]), text)


def references_only(old: str, new: str, passages: Sequence[Passage], numbers: Mapping[str, str]) -> list[Passage]:
    """The passages that differ in references alone, and exactly as the sections were numbered anew."""
    if all(before == after for before, after in numbers.items()):
        return []
    return [
        passage
        for passage in passages
        if passage.edits
        and (before := old[slice(*passage.old)]) != (after := renumbered(before, numbers))
        and fold(after) == fold(new[slice(*passage.new)])
    ]
