"""Which blocks of two texts belong together: equal ones first, then similar ones, then what moved.

Unique blocks anchor both ways and the longest increasing run of them stays; what is equal but out of that order has
moved. Between anchors, equal blocks are matched in order, and the rest by similarity.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count
from operator import ne

from rapidfuzz.distance import LCSseq

from monitoring.extraction.texts import BlockKind

from .alphabet import Alphabet
from .budget import Budget
from .chaining import SIMILAR, Blocks, Pair, heaviest_chain
from .tables import first_cells, same_cells
from .units import Unit, Units

SIMILAR_MOVED = 0.75  # of two blocks at different places
CONTAINED = 0.85  # of the shorter block, found in the longer one
CANDIDATES = 6  # blocks looked at more closely, for each block
_RARE = 720_720_000_000  # weight of a word that stands in one block alone; whole numbers add up alike in any order


@dataclass(slots=True)
class Match:
    """Old and new blocks that belong together: one to one, or a split (1–n), or a merge (n–1)."""

    old: list[Unit]
    new: list[Unit]
    equal: bool
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """So many blocks from ``old`` and from ``new`` on that are the same to the letter, with what stands between them."""

    old: int
    new: int
    length: int


@dataclass
class Alignment:
    """``runs`` and ``matches`` in the order of the new text; what is in none of them was removed or added."""

    old: Units
    new: Units
    runs: list[Run] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    removed: list[Unit] = field(default_factory=list)
    added: list[Unit] = field(default_factory=list)

    @cached_property
    def every_match(self) -> list[Match]:
        """In the order of the new text, the blocks of runs one by one: for what few comparisons need."""
        found = [
            Match([self.old[run.old + step]], [self.new[run.new + step]], equal=True)
            for run in self.runs
            for step in range(run.length)
        ]
        return sorted([*found, *self.matches], key=lambda match: match.new[0].index)

    @cached_property
    def stayed(self) -> list[tuple[int, int, int]]:
        """Blocks that stand in both texts and didn't move, in the old order: first old and new one, and how many."""
        found = [(run.old, run.new, run.length) for run in self.runs]
        found += [(unit.index, each.new[0].index, 1) for each in self.matches if not each.moved for unit in each.old]
        return sorted(found)


def longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs in the order of their first member, the longest run that also rises in the second."""
    tails: list[int] = []
    tail_index: list[int] = []
    before = [-1] * len(pairs)
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        before[index] = tail_index[place - 1] if place else -1
        if place == len(tails):
            tails.append(second)
            tail_index.append(index)
        else:
            tails[place], tail_index[place] = second, index
    run: list[tuple[int, int]] = []
    index = tail_index[-1] if tail_index else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


_Stretch = tuple[int, int, int]  # first row, first column, how many


def _equal_in_order(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[_Stretch]:
    """Equal blocks, rising in both texts: ends first, then unique anchors, then the rest in between."""
    shortest = min(len(old), len(new))
    head = _same_from_start(old, new)
    tail = _same_from_start(old[: head - len(old) - 1 : -1], new[: head - len(new) - 1 : -1]) if head < shortest else 0
    old_end, new_end = len(old) - tail, len(new) - tail
    ends = [(0, 0, head)] if head else []
    last = [(old_end, new_end, tail)] if tail else []
    if head in (old_end, new_end):
        return ends + last
    old_keys = Counter(old[head:old_end])
    new_places: dict[str, list[int]] = defaultdict(list)
    for index in range(head, new_end):
        new_places[new[index]].append(index)
    unique = [
        (index, new_places[word][0])
        for index in range(head, old_end)
        if old_keys[word := old[index]] == 1 and len(new_places.get(word, ())) == 1
    ]
    anchors = longest_increasing(unique)
    found = [(*anchor, 1) for anchor in anchors]
    alphabet = Alphabet()
    for (old_from, new_from), (old_to, new_to) in zip(
        [(head - 1, head - 1), *anchors], [*anchors, (old_end, new_end)], strict=True
    ):
        rows, columns = old_to - old_from - 1, new_to - new_from - 1
        if rows <= 0 or columns <= 0:
            continue
        budget.table(rows, columns)
        codes = LCSseq.opcodes(
            alphabet.letters(old[old_from + 1 : old_to]), alphabet.letters(new[new_from + 1 : new_to])
        )
        found += [
            (old_from + 1 + code.src_start, new_from + 1 + code.dest_start, code.src_end - code.src_start)
            for code in codes
            if code.tag == "equal"
        ]
    return ends + sorted(found) + last


def _same_from_start(old: Sequence[str], new: Sequence[str]) -> int:
    return next(compress(count(), map(ne, old, new)), min(len(old), len(new)))


def _gaps(stretches: Iterable[_Stretch], rows: int, columns: int) -> list[tuple[range, range]]:
    """What lies between the stretches, where something does."""
    gaps = []
    row = column = 0
    for next_row, next_column, length in (*stretches, (rows, columns, 0)):
        if row < next_row or column < next_column:
            gaps.append((range(row, next_row), range(column, next_column)))
        row, column = next_row + length, next_column + length
    return gaps


def align(old: Units, new: Units, budget: Budget) -> Alignment:
    """Raises BudgetSpent where the texts are too large and too different; ``align_coarsely`` then serves."""
    same = _equal_in_order(old.texts, new.texts, budget)
    folded: list[_Stretch] = []
    for rows, columns in _gaps(same, len(old), len(new)):
        if rows and columns:
            inner = _equal_in_order([old[row].key for row in rows], [new[column].key for column in columns], budget)
            folded += [(rows[row], columns[column], length) for row, column, length in inner]
    runs, matches = _runs(old, new, same)
    matches += [
        Match([old[row + step]], [new[column + step]], equal=True)
        for row, column, length in folded
        for step in range(length)
    ]
    stretches = sorted(same + folded)
    gaps = _gaps(stretches, len(old), len(new))
    loose = [old[row] for rows, _ in gaps for row in rows], [new[column] for _, columns in gaps for column in columns]
    moved = _moved(old, new, gaps)
    taken = {id(unit) for match in moved for unit in (*match.old, *match.new)}
    rows_known = first_cells(old, new, gaps, taken, longest_increasing)
    if rows_known:
        moved += [Match([old[row]], [new[column]], equal=False) for row, column in rows_known]
        taken |= {id(unit) for row, column in rows_known for unit in (old[row], new[column])}
        gaps = _gaps(sorted(stretches + [(*pair, 1) for pair in rows_known]), len(old), len(new))
    moved += _similar(old, new, gaps, taken, budget)
    return _alignment(old, new, loose, runs, matches, moved)


def align_coarsely(old: Units, new: Units) -> Alignment:
    """Equal blocks alone, in order; cheap for texts of any size."""
    places: dict[str, list[int]] = defaultdict(list)
    for column, text in enumerate(new.texts):
        places[text].append(column)
    counts = Counter(old.texts)
    unique = [
        (row, places[text][0])
        for row, text in enumerate(old.texts)
        if counts[text] == 1 and len(places.get(text, ())) == 1
    ]
    same = [(*pair, 1) for pair in longest_increasing(unique)]
    gaps = _gaps(same, len(old), len(new))
    loose = [old[row] for rows, _ in gaps for row in rows], [new[column] for _, columns in gaps for column in columns]
    return _alignment(old, new, loose, *_runs(old, new, same), [])


def _runs(old: Units, new: Units, stretches: Iterable[_Stretch]) -> tuple[list[Run], list[Match]]:
    """Blocks of the same words as runs; one by one where they differ in kind, label or what parts them from the next."""
    runs: list[Run] = []
    matches: list[Match] = []
    for row, column, length in stretches:
        before, after = slice(row, row + length), slice(column, column + length)
        if old.marks[before] == new.marks[after] and old.spaces[before] == new.spaces[after]:
            runs.append(Run(row, column, length))
            continue
        from_ = 0
        for step in range(length + 1):
            here, there = row + step, column + step
            if step == length or (old.marks[here], old.spaces[here]) != (new.marks[there], new.spaces[there]):
                if step > from_:
                    runs.append(Run(row + from_, column + from_, step - from_))
                if step < length:
                    matches.append(Match([old[here]], [new[there]], equal=True))
                from_ = step + 1
    return runs, matches


def _alignment(
    old: Units,
    new: Units,
    loose: tuple[list[Unit], list[Unit]],
    runs: list[Run],
    known: list[Match],
    found: list[Match],
) -> Alignment:
    """``loose`` are the blocks that are in none of the ``runs`` and the ``known`` matches; some are in the ``found``."""
    taken = {id(unit) for match in found for unit in (*match.old, *match.new)}
    removed, added = ([unit for unit in units if id(unit) not in taken] for units in loose)
    matches = sorted([*known, *found], key=lambda match: match.new[0].index)
    return Alignment(old, new, runs, matches, removed, added)


def _moved(old: Sequence[Unit], new: Sequence[Unit], gaps: Sequence[tuple[range, range]]) -> list[Match]:
    """Equal blocks out of order, first come first served."""
    waiting: dict[str, list[Unit]] = defaultdict(list)
    for rows, _ in gaps:
        for row in rows:
            waiting[old[row].key].append(old[row])
    found = []
    for _, columns in gaps:
        for column in columns:
            candidates = waiting.get(new[column].key)
            if candidates:
                found.append(Match([candidates.pop(0)], [new[column]], equal=True, moved=True))
    return found


def _similar(
    old: Sequence[Unit], new: Sequence[Unit], gaps: Sequence[tuple[range, range]], taken: set[int], budget: Budget
) -> list[Match]:
    """Blocks that were reworded, in place first, then reworded and moved; splits and merges are attached."""
    alphabet = Alphabet()
    free_old = [(row, gap) for gap, (rows, _) in enumerate(gaps) for row in rows if id(old[row]) not in taken]
    free_new = [
        (column, gap) for gap, (_, columns) in enumerate(gaps) for column in columns if id(new[column]) not in taken
    ]
    if not free_old or not free_new:
        return []
    new_gap = dict(free_new)
    near: dict[int, list[Pair]] = defaultdict(list)
    seen: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    far: list[Pair] = []
    for row, gap, column, weight in _candidates(old, new, free_old, new_gap, budget):
        first, second = old[row], new[column]
        here = new_gap[column] == gap
        if (first.kind == BlockKind.HEADING) != (second.kind == BlockKind.HEADING) and not here:
            continue
        a, b = alphabet.unit(first), alphabet.unit(second)
        budget.table(len(a), len(b))
        common = LCSseq.similarity(a, b)
        ratio, part = 2 * common / (len(a) + len(b)), common / min(len(a), len(b))
        if first.kind == BlockKind.ROW:
            ratio = max(ratio, same_cells(first, second))
        if first.is_date and second.is_date and here:
            ratio = max(ratio, SIMILAR)
        if here:
            seen[gap].append((row, column, common))
        if here and (ratio >= SIMILAR or (part >= CONTAINED and min(len(a), len(b)) >= 5)):
            near[gap].append(Pair(row, row, column, column, ratio, common + min(weight, 1)))
        elif ratio >= SIMILAR_MOVED and min(first.words, second.words) >= 6:
            far.append(Pair(row, row, column, column, ratio, common))
    found: list[Match] = []
    used_old: set[int] = set()
    used_new: set[int] = set()
    for gap, looks in sorted(seen.items()):
        rows = {row for row in gaps[gap][0] if id(old[row]) not in taken}
        columns = {column for column in gaps[gap][1] if id(new[column]) not in taken}
        blocks = Blocks(old, new, rows, columns, alphabet, budget)
        chain = heaviest_chain(near[gap] + blocks.splits_and_merges(looks))
        for match_rows, match_columns in blocks.attach(chain):
            used_old.update(match_rows)
            used_new.update(match_columns)
            found.append(
                Match([old[row] for row in match_rows], [new[column] for column in match_columns], equal=False)
            )
    for pair in sorted(far, key=lambda pair: (-pair.score, pair.row, pair.column)):
        if pair.row not in used_old and pair.column not in used_new:
            used_old.add(pair.row)
            used_new.add(pair.column)
            found.append(Match([old[pair.row]], [new[pair.column]], equal=False, moved=True))
    return found


def _candidates(
    old: Sequence[Unit],
    new: Sequence[Unit],
    free_old: Sequence[tuple[int, int]],
    new_gap: dict[int, int],
    budget: Budget,
) -> Iterable[tuple[int, int, int, int]]:
    """Pairs worth a closer look: those that share the most and the rarest words, the same place counting more."""
    index: dict[str, list[int]] = defaultdict(list)
    for column in new_gap:
        for key in set(new[column].keys):
            index[key].append(column)
    by_gap: dict[int, list[int]] = defaultdict(list)
    for column, gap in new_gap.items():
        by_gap[gap].append(column)
    most = 12 + len(new_gap) // 8  # blocks with a word that still tells them apart
    for row, gap in free_old:
        weights: dict[int, int] = defaultdict(int)
        keys = set(old[row].keys)
        budget.spend(len(keys))
        for key in keys & index.keys():
            columns = index[key]
            if len(columns) <= most:
                budget.spend(len(columns) // 8)
                weight = _RARE // len(columns)
                for column in columns:
                    weights[column] += weight
        here = by_gap.get(gap, [])
        if len(here) <= 3:
            for column in here:
                weights[column] += 1
        if old[row].is_date:
            for column in here:
                if new[column].is_date:
                    weights[column] += _RARE
        ranked = sorted(weights.items(), key=lambda item: (-item[1] * (4 if new_gap[item[0]] == gap else 1), item[0]))
        for column, weight in ranked[:CANDIDATES]:
            yield row, gap, column, weight // _RARE
