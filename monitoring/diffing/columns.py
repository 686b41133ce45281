"""Columns of a table that stand in another order: each row has the same cells, moved in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from monitoring.extraction.building import CELL_SEPARATOR
from monitoring.extraction.texts import BlockKind

from .aligning import Alignment, Match
from .operations import Span
from .tables import cells
from .units import Unit

Order = tuple[int, ...]  # for each new column, the old one


def reordered(alignment: Alignment) -> dict[int, Order]:
    """Rows (by ``id`` of the match) that differ in nothing but the order of columns.

    The first row of a table, which names the columns, has to be among them, and no row may have stayed as it was: cells
    that changed places under names that didn't say something else.
    """
    found: dict[int, Order] = {}
    if not any(not match.equal and match.new[0].kind == BlockKind.ROW for match in alignment.matches):
        return found
    for table in _tables(alignment.every_match):
        order = _order(cells(table[0].old[0]), cells(table[0].new[0]))
        if not order:
            continue
        moved = [match for match in table if _follows(match, order)]
        if any(match.equal for match in table if match not in moved):
            continue
        found |= {id(match): order for match in moved if not match.equal}
    return found


def pieces(old: Unit, new: Unit, order: Order) -> Iterator[tuple[bool, Span, int]]:
    """How the new row is made: whether it is a cell, the span of the old text, the length of what stands there now."""
    spans = list(_spans(old))
    for column, (before, text) in enumerate(zip(order, new.text.split(CELL_SEPARATOR), strict=True)):
        if column:
            yield False, (spans[column - 1][1], spans[column][0]), len(CELL_SEPARATOR)
        yield True, spans[before], len(text)


def _spans(unit: Unit) -> Iterator[Span]:
    place = unit.start
    for text in unit.text.split(CELL_SEPARATOR):
        yield place, place + len(text)
        place += len(text) + len(CELL_SEPARATOR)


def _tables(matches: Sequence[Match]) -> Iterator[list[Match]]:
    """Rows that stand in one table in both texts; rows that came or went between them are no border."""
    rows = [
        match
        for match in matches
        if len(match.old) == len(match.new) == 1
        and match.old[0].kind == match.new[0].kind == BlockKind.ROW
        and not match.moved
    ]
    inner = {id(match) for match in rows}
    numbers: dict[int, int] = {}
    number = 0
    for match in matches:
        number += id(match) not in inner
        numbers[id(match)] = number
    for _, group in groupby(rows, key=lambda match: numbers[id(match)]):
        yield list(group)


def _order(before: Sequence[str], after: Sequence[str]) -> Order:
    """Empty where the cells aren't the same, stand twice, or stand in the same order."""
    if before == after or sorted(before) != sorted(after) or len(set(before)) != len(before):
        return ()
    return tuple(before.index(cell) for cell in after)


def _follows(match: Match, order: Order) -> bool:
    before, after = cells(match.old[0]), cells(match.new[0])
    return len(before) == len(after) == len(order) and [before[column] for column in order] == after
