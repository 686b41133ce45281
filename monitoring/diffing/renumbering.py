"""Sections that were numbered anew: which label became which, and the references that change by exactly that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from monitoring.extraction.texts import BlockKind

from .aligning import Alignment, Match
from .folding import fold
from .operations import Span
from .phrases import Passage
from .summary import NumberItem
from .units import Unit, Units

_PLAIN = r"\d{1,3}(?:\.\d{1,3})*"
_COUNTED = rf"(?:[a-z]\.?)?{_PLAIN}"  # "4", "4.2", "A2", "B.3.1"
_LETTERS = r"(?:[ivxlc]{1,6}|[a-z])"  # "IV", "A"
_PARTS = "annex appendix exhibit schedule"  # whose letters and numbers are their own: Appendix A is not Section A
_KINDS = rf"section|article|clause|part|chapter|{_PARTS.replace(' ', '|')}"
_LABEL = re.compile(rf"\W*(?:({_KINDS})\s*)?({_COUNTED}|{_LETTERS})\s*[.):–—-]*\s*", re.IGNORECASE)
_IN_TITLE = re.compile(rf"({_KINDS})\s+({_COUNTED}|(?-i:[IVXLC]{{1,6}}|[A-Z]))(?!\w)", re.IGNORECASE)
_DOTTED = re.compile(rf"\d{{1,3}}(?:\.\d{{1,3}})+|[a-z]\.?{_PLAIN}", re.IGNORECASE)
_IN_TEXT = re.compile(rf"#*\s*({_PLAIN})[.)]*\s")
_ITEM_LABEL = re.compile(r"\(?([a-z]{1,4}|\d{1,2})[.)]+", re.IGNORECASE)
_BELOW = r"(?:\((?:[a-z]{1,4}|\d{1,2})\))*"  # the "(b)(ii)" of "4.2(b)(ii)"
_NAMED = rf"(?:{_COUNTED}|(?-i:[IVXLC]{{1,6}}|[A-Z]))(?!\w){_BELOW}"
# "Section 5.2", "sections 3, 4 and 7.1", "clause 4(a)", "Article IV", "Appendix A", "§ 12"
_REFERENCE = re.compile(
    rf"(\b(?:sub-?)?(?:section|clause|article|paragraph|part|chapter|item|point|term|{_PARTS.replace(' ', '|')})s?|§+)"
    rf"(\s*{_NAMED}(?:(?:\s*(?:,|;|&|\b(?:and|or|to|through|and/or)\b|[-–—])\s*)+(?:(?:section|clause|article)s?\s+|§+\s*)?"
    rf"{_NAMED})*)(?!\.?\d)",
    re.IGNORECASE,
)
_EACH = re.compile(rf"(?<!\w){_NAMED}", re.IGNORECASE)


def number_of(unit: Unit) -> str:
    """The number of a section or clause without the signs around it ("4.2", "A2", "IV", "Appendix A"), or "".

    A plain number or letter counts for a heading alone: lists count from 1 again and again.
    """
    if not unit.label:
        if unit.kind == BlockKind.HEADING and (title := _IN_TITLE.match(unit.text)):
            return _in_parts(title[1].capitalize(), title[2].upper())
        found = _IN_TEXT.match(unit.text)
        return found[1] if found and (unit.kind == BlockKind.HEADING or _DOTTED.fullmatch(found[1])) else ""
    found = _LABEL.fullmatch(unit.label)
    if found is None or (unit.kind != BlockKind.HEADING and not _DOTTED.fullmatch(found[2])):
        return ""
    return _in_parts((found[1] or "").capitalize(), found[2].upper())


def _in_parts(kind: str, number: str) -> str:
    return f"{kind} {number}" if kind.lower() in _PARTS.split() else number


def numbering(alignment: Alignment) -> dict[str, NumberItem]:
    """Old numbers and what they became. A number that became two different ones tells nothing and is left out.

    Empty where no number changed at all.
    """
    if not any(
        (match.old[0].label != match.new[0].label or match.old[0].text != match.new[0].text)
        and number_of(match.old[0]) != number_of(match.new[0])
        for match in alignment.matches
    ):
        return {}
    numbered = ((number_of(match.old[0]), number_of(match.new[0]), match) for match in alignment.every_match)
    return _certain(NumberItem(before, after, *_spans(match)) for before, after, match in numbered if before and after)


def _spans(match: Match) -> tuple[Span, Span]:
    first, second = match.old[0], match.new[0]
    return (first.start, first.end), (second.start, second.end)


def _certain(items: Iterable[NumberItem]) -> dict[str, NumberItem]:
    became: dict[str, dict[str, NumberItem]] = defaultdict(dict)
    came_from: dict[str, set[str]] = defaultdict(set)
    for item in items:
        became[item.before].setdefault(item.after, item)
        came_from[item.after].add(item.before)
    return {
        before: item
        for before, (item, *others) in ((before, tuple(found.values())) for before, found in became.items())
        if not others and len(came_from[item.after]) == 1
    }


def _items(alignment: Alignment) -> dict[str, NumberItem]:
    """Items of lists by the clause under which they stand: "4.2(b)"."""
    old, new = dict(_items_of(alignment.old)), dict(_items_of(alignment.new))
    if old == new:
        return {}
    return _certain(
        NumberItem(before, after)
        for match in alignment.every_match
        if (before := old.get(match.old[0].index)) and (after := new.get(match.new[0].index))
    )


def _items_of(units: Units) -> Iterator[tuple[int, str]]:
    clause = ""
    for unit in units:
        found = _ITEM_LABEL.fullmatch(unit.label) if unit.kind == BlockKind.ITEM else None
        if found is None:
            clause = number_of(unit) or clause
        elif clause:
            yield unit.index, f"{clause}({found[1].lower()})"


def renumbered(text: str, numbers: Mapping[str, str]) -> str:
    """The text with its references as the map has them; "5.2" follows "5" where the map doesn't hold it itself."""

    def follow(reference: re.Match[str]) -> str:
        kind = reference[1].lower().removesuffix("s").capitalize()
        return reference[1] + _EACH.sub(lambda number: _followed(number[0], kind, numbers), reference[2])

    return _REFERENCE.sub(follow, text)


def _followed(number: str, kind: str, numbers: Mapping[str, str]) -> str:
    head, tail = number, ""
    while True:
        plain, bracket, below = head.partition("(")
        became = numbers.get(_in_parts(kind, plain.upper() + bracket + below.lower()))
        if became is not None:
            return became.rpartition(" ")[2] + tail
        cut = max(head.rfind("."), head.rfind("("))
        if cut <= 0:
            return number
        head, tail = head[:cut], head[cut:] + tail


def references_only(
    alignment: Alignment, old: str, new: str, passages: Sequence[Passage], numbers: Mapping[str, NumberItem]
) -> list[Passage]:
    """The passages that differ in references alone, and exactly as sections, clauses and items were numbered anew."""
    edited = [passage for passage in passages if passage.edits]
    items: dict[str, NumberItem] = {}
    if any(_is_letter(old, gone) and _is_letter(new, come) for passage in edited for gone, come in passage.edits):
        items = _items(alignment)
    became = {before: item.after for before, item in (items | dict(numbers)).items()}
    if all(before == after for before, after in became.items()):
        return []
    return [
        passage
        for passage in edited
        if (before := old[slice(*passage.old)]) != (after := renumbered(before, became))
        and fold(after) == fold(new[slice(*passage.new)])
    ]


def _is_letter(text: str, span: Span) -> bool:
    """Whether the words may be the letter or number of an item: "b", "iv", "2"."""
    return span[1] - span[0] <= _LONGEST_ITEM and text[slice(*span)].strip(" ()").isalnum()


_LONGEST_ITEM = 6
