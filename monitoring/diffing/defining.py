"""Definitions that changed, and where their words are used: a change there is a change in each of those places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .phrases import Passage
from .summary import DefinitionItem
from .units import Unit

MOST = 24  # definitions told of one comparison
_DEFINITION = re.compile(
    r"[\"“«„]([^\"”“«»„\n]{2,60})[\"”»“]\s+(?:\([^()]{1,60}\)\s+)?"
    r"(?:(?:shall |will )?means?|(?:shall |will )?(?:refers?|include)s? to|(?:is|are) defined (?:as|to)|"
    r"(?:shall have|has|have) the meaning|includes?)\b",
    re.IGNORECASE,
)


def definitions(old: str, new: str, passages: Sequence[Passage], units: Sequence[Unit]) -> tuple[DefinitionItem, ...]:
    """One item for each defined word whose definition was added, removed or reworded. ``units`` are the new blocks."""
    places: dict[str, tuple[list[Passage], list[Passage]]] = {}
    for passage in passages:
        for side, (text, span) in enumerate(((old, passage.old), (new, passage.new))):
            for term in _terms(text, span):
                places.setdefault(term, ([], []))[side].append(passage)
    found = []
    for term, (gone, come) in list(places.items())[:MOST]:
        last = (come or gone)[0]
        uses = _uses(term, units, come)
        found.append(
            DefinitionItem(
                term,
                bool(gone),
                bool(come),
                last.block.section,
                (gone or come)[0].old,
                last.new,
                sum(count for _, count in uses),
                tuple(dict.fromkeys(title for title, _ in uses if title)),
            )
        )
    return tuple(found)


def _terms(text: str, span: tuple[int, int]) -> list[str]:
    # "you" and "we" are used in every sentence, and nobody looks up where.
    found = [match[1].strip(" ,.") for match in _DEFINITION.finditer(text, *span)]
    return [term for term in found if term[:1].isupper()]


def _uses(term: str, units: Sequence[Unit], defining: Sequence[Passage]) -> list[tuple[str, int]]:
    """The headings of the blocks that use the term, and how often; the definition itself is no use of it."""
    whole = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)")
    found = []
    for unit in units:
        if term not in unit.text:
            continue
        spots = [unit.start + match.start() for match in whole.finditer(unit.text)]
        count = sum(not any(each.new[0] <= spot < each.new[1] for each in defining) for spot in spots)
        if count:
            found.append((unit.section[-1] if unit.section else "", count))
    return found
