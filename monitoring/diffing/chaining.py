"""Reworded blocks between two anchors: which pairs, splits (1–2) and merges (2–1) together explain the most words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from rapidfuzz.distance import LCSseq

from monitoring.extraction.texts import BlockKind

from .alphabet import Alphabet
from .budget import Budget
from .units import Unit

SIMILAR = 0.5  # of two blocks at the same place
_PART = 0.5  # of a block's words, to be found in the longer block of which it may be a part
_SURE = 4  # words in a row that don't stand in another block by chance
_GAIN = 0.6  # of a block's words, which its neighbour doesn't explain
_MOVED = 0.5  # of the words that went over a border, which nothing else explains
_SIMILAR_TWO = 0.7  # of two blocks to the two whose border moved


@dataclass(frozen=True, slots=True)
class Pair:
    """Old blocks ``row`` to ``last_row`` and new ones ``column`` to ``last_column``: one of each, two of a side or of both.

    ``common``: words that both have, in order; ``score``: how like they are, from 0 to 1.
    """

    row: int
    last_row: int
    column: int
    last_column: int
    score: float
    common: int


def heaviest_chain(pairs: Sequence[Pair]) -> list[Pair]:
    """Of the pairs, those that rise in both texts, share no block and have the most words in common together."""
    pairs = sorted(pairs, key=lambda pair: (pair.row, pair.last_row, -pair.column, pair.last_column))
    ends = sorted({pair.last_column for pair in pairs} | {pair.column - 1 for pair in pairs})
    place = {column: index + 1 for index, column in enumerate(ends)}
    tree: list[tuple[float, int]] = [(0.0, -1)] * (len(ends) + 1)  # Fenwick tree of the best chain up to a column
    before: list[int] = []
    waiting: list[tuple[int, int, float]] = []  # pairs that end at a row which isn't passed yet
    best = (0.0, -1)
    for number, pair in enumerate(pairs):
        while waiting and waiting[0][0] < pair.row:
            _, done, total = heappop(waiting)
            index = place[pairs[done].last_column]
            while index < len(tree):
                if tree[index][0] < total:
                    tree[index] = total, done
                index += index & -index
        weight, previous = 0.0, -1
        index = place[pair.column - 1]
        while index > 0:
            if tree[index][0] > weight:
                weight, previous = tree[index]
            index -= index & -index
        before.append(previous)
        weight += pair.common * pair.score
        heappush(waiting, (pair.last_row, number, weight))
        if weight > best[0]:
            best = weight, number
    chain = []
    number = best[1]
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]


@dataclass(slots=True)
class Blocks:
    """The blocks between two anchors. ``rows`` and ``columns`` are those of the old and the new text that are free."""

    old: Sequence[Unit]
    new: Sequence[Unit]
    rows: set[int]
    columns: set[int]
    alphabet: Alphabet
    budget: Budget

    def splits_and_merges(self, seen: Iterable[tuple[int, int, int]]) -> list[Pair]:
        """Pairs of one block with two neighbours, each of which has most of its words there, and pairs of two with two
        whose border moved. ``seen``: row, column and how many words they have in common."""
        found: dict[tuple[int, int, int, int], Pair] = {}
        known = {(row, column): common for row, column, common in seen}
        for (row, column), common in known.items():
            self._border(found, known, row, column)
            a, b = self.alphabet.unit(self.old[row]), self.alphabet.unit(self.new[column])
            if len(a) >= len(b):
                if common >= _PART * len(b):
                    for first in (column - 1, column):
                        self._two(found, row, row, first, first + 1)
            elif common >= _PART * len(a):
                for first in (row - 1, row):
                    self._two(found, first, first + 1, column, column)
        return list(found.values())

    def _border(
        self,
        found: dict[tuple[int, int, int, int], Pair],
        known: dict[tuple[int, int], int],
        row: int,
        column: int,
    ) -> None:
        """Two blocks that became two, the words at the end of the first now at the beginning of the second, or back."""
        apart = known[row, column] + known.get((row + 1, column + 1), 0)
        across = max(known.get((row, column + 1), 0), known.get((row + 1, column), 0))
        if across < _SURE or not {row, row + 1} <= self.rows or not {column, column + 1} <= self.columns:
            return
        units = [*self.old[row : row + 2], *self.new[column : column + 2]]
        if any(unit.is_date or unit.kind in (BlockKind.ROW, BlockKind.HEADING) for unit in units):
            return
        a, b, c, d = map(self.alphabet.unit, units)
        self.budget.table(len(a) + len(b), len(c) + len(d))
        common = LCSseq.similarity(a + b, c + d)
        score = 2 * common / (len(a) + len(b) + len(c) + len(d))
        if common - apart >= max(_SURE, _MOVED * across) and score >= _SIMILAR_TWO:
            found[row, row + 1, column, column + 1] = Pair(row, row + 1, column, column + 1, score, common)

    def _two(
        self, found: dict[tuple[int, int, int, int], Pair], row: int, last_row: int, column: int, last_column: int
    ) -> None:
        key = row, last_row, column, last_column
        if key in found or not {row, last_row} <= self.rows or not {column, last_column} <= self.columns:
            return
        units = [*self.old[row : last_row + 1], *self.new[column : last_column + 1]]
        if any(unit.is_date or unit.kind == BlockKind.ROW for unit in units):
            return
        before = [self.alphabet.unit(unit) for unit in self.old[row : last_row + 1]]
        after = [self.alphabet.unit(unit) for unit in self.new[column : last_column + 1]]
        whole, parts = ("".join(before), after) if len(before) == 1 else ("".join(after), before)
        joined = "".join(parts)
        self.budget.table(len(whole), 2 * len(joined))
        common = LCSseq.similarity(whole, joined)
        score = 2 * common / (len(whole) + len(joined))
        if score < SIMILAR:
            return
        for part, other in (parts, parts[::-1]):
            if common - LCSseq.similarity(whole, other) < max(2, _GAIN * len(part)):
                return
        found[key] = Pair(row, last_row, column, last_column, score, common)

    def attach(self, chain: Sequence[Pair]) -> list[tuple[list[int], list[int]]]:
        """Give a free neighbour to a pair where most of its words stand in what the pair still lacks."""
        matches = [
            (list(range(pair.row, pair.last_row + 1)), list(range(pair.column, pair.last_column + 1))) for pair in chain
        ]
        for side, free, texts in ((0, self.rows, self.old), (1, self.columns, self.new)):
            taken = {index for match in matches for index in match[side]}
            for position, match in enumerate(matches):
                if len(match[1 - side]) > 1:
                    continue
                other = self.alphabet.unit((self.new if side == 0 else self.old)[match[1 - side][0]])
                limit_low = matches[position - 1][side][-1] if position else -1
                limit_high = matches[position + 1][side][0] if position + 1 < len(matches) else len(texts)
                for step in (1, -1):
                    while True:
                        index = match[side][-1] + 1 if step == 1 else match[side][0] - 1
                        if index not in free or index in taken or not limit_low < index < limit_high:
                            break
                        parts = [self.alphabet.unit(texts[each]) for each in match[side]]
                        if not self._belongs(other, parts, self.alphabet.unit(texts[index]), step):
                            break
                        taken.add(index)
                        match[side].insert(len(match[side]) if step == 1 else 0, index)
        return matches

    def _belongs(self, other: str, parts: list[str], extra: str, step: int) -> bool:
        """Whether most of the words of ``extra`` stand in ``other`` behind (or, step -1, before) those of ``parts``."""
        self.budget.spend(1 + len(other) // 64)
        edge = parts[-1] if step == 1 else parts[0]
        place = other.find(edge)
        beside = (place + len(edge), len(other)) if step == 1 else (0, place)
        if place >= 0 and len(extra) >= _SURE and other.find(extra, *beside) >= 0:
            return True
        joined = "".join(parts)
        wider = joined + extra if step == 1 else extra + joined
        self.budget.table(len(wider), 2 * len(other))
        gain = LCSseq.similarity(wider, other) - LCSseq.similarity(joined, other)
        return gain >= max(2, _GAIN * len(extra))
