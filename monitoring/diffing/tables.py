"""Rows of tables: a row is known by its first cell, and is like another one by its cells, whatever their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from monitoring.extraction.building import CELL_SEPARATOR
from monitoring.extraction.texts import BlockKind

from .folding import fold
from .units import Unit


def cells(unit: Unit) -> list[str]:
    """The cells of a row as they are compared; one for a block that is no row."""
    return [fold(cell) if cell.strip() else "" for cell in unit.text.split(CELL_SEPARATOR)]


def same_cells(first: Unit, second: Unit) -> float:
    """The share of words that stand in cells which both rows have, from 0 to 1; 0 for blocks that are no rows."""
    if first.kind != BlockKind.ROW or second.kind != BlockKind.ROW:
        return 0.0
    both = Counter(cells(first)) & Counter(cells(second))
    # Long cells tell more than "yes" and "no".
    shared = sum(len(cell) * count for cell, count in both.items())
    return 2 * shared / max(1, sum(map(len, cells(first))) + sum(map(len, cells(second))))


def first_cells(
    old: Sequence[Unit],
    new: Sequence[Unit],
    gaps: Iterable[tuple[range, range]],
    taken: set[int],
    rising: Callable[[Sequence[tuple[int, int]]], Sequence[tuple[int, int]]],
) -> list[tuple[int, int]]:
    """Pairs of rows in the same gap of which nothing but the first cell is known to be the same, and stands there once.

    Numbers of rows name nothing: one row more, and each of them means another one. ``rising`` keeps those in order.
    """
    found: list[tuple[int, int]] = []
    for rows, columns in gaps:
        before, after = _named(old, rows, taken), _named(new, columns, taken)
        found += rising([(row, after[name]) for name, row in before.items() if name in after])
    return found


def _named(units: Sequence[Unit], places: range, taken: set[int]) -> dict[str, int]:
    """Rows by first cells that stand once among these blocks, in order."""
    found: dict[str, list[int]] = {}
    for place in places:
        unit = units[place]
        if unit.kind == BlockKind.ROW and CELL_SEPARATOR in unit.text:
            name = fold(unit.text.partition(CELL_SEPARATOR)[0])
            if any(map(str.isalpha, name)):
                found.setdefault(name, []).append(place)
    return {name: first for name, (first, *more) in found.items() if not more and id(units[first]) not in taken}
