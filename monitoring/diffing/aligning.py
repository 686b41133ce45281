"""Which blocks of two texts belong together: equal ones first, then similar ones, then what moved.

Unique blocks anchor both ways and the longest increasing run of them stays; what is equal but out of that order has
moved. Between anchors, equal blocks are matched in order, and the rest by similarity.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import LCSseq

from monitoring.extraction.texts import BlockKind

from .alphabet import Alphabet
from .budget import Budget
from .chaining import SIMILAR, Blocks, Pair, heaviest_chain
from .tables import first_cells, same_cells
from .units import Unit

SIMILAR_MOVED = 0.75  # of two blocks at different places
CONTAINED = 0.85  # of the shorter block, found in the longer one
CANDIDATES = 6  # blocks looked at more closely, for each block


@dataclass(slots=True)
class Match:
    """Old and new blocks that belong together: one to one, or a split (1–n), or a merge (n–1)."""

    old: list[Unit]
    new: list[Unit]
    equal: bool
    moved: bool = False


@dataclass(slots=True)
class Alignment:
    """``matches`` in the order of the new text; what is in none of them was removed or added."""

    matches: list[Match] = field(default_factory=list)
    removed: list[Unit] = field(default_factory=list)
    added: list[Unit] = field(default_factory=list)


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


def _equal_in_order(
    old: Sequence[Unit], new: Sequence[Unit], key: Callable[[Unit], str], budget: Budget
) -> list[tuple[int, int]]:
    """Pairs of indices of equal units, rising in both: ends first, then unique anchors, then the rest in between."""
    pairs: list[tuple[int, int]] = []
    head, old_end, new_end = 0, len(old), len(new)
    while head < min(old_end, new_end) and key(old[head]) == key(new[head]):
        pairs.append((head, head))
        head += 1
    while old_end > head and new_end > head and key(old[old_end - 1]) == key(new[new_end - 1]):
        old_end, new_end = old_end - 1, new_end - 1
        pairs.append((old_end, new_end))
    pairs.sort()
    if head in (old_end, new_end):
        return pairs
    old_keys = Counter(key(unit) for unit in old[head:old_end])
    new_places: dict[str, list[int]] = defaultdict(list)
    for index in range(head, new_end):
        new_places[key(new[index])].append(index)
    unique = [
        (index, new_places[word][0])
        for index in range(head, old_end)
        if old_keys[word := key(old[index])] == 1 and len(new_places.get(word, ())) == 1
    ]
    anchors = longest_increasing(unique)
    found = [*anchors]
    alphabet = Alphabet()
    for (old_from, new_from), (old_to, new_to) in zip(
        [(head - 1, head - 1), *anchors], [*anchors, (old_end, new_end)], strict=True
    ):
        rows, columns = old_to - old_from - 1, new_to - new_from - 1
        if rows <= 0 or columns <= 0:
            continue
        budget.table(rows, columns)
        codes = LCSseq.opcodes(
            alphabet.letters(key(unit) for unit in old[old_from + 1 : old_to]),
            alphabet.letters(key(unit) for unit in new[new_from + 1 : new_to]),
        )
        for code in codes:
            if code.tag == "equal":
                found += [
                    (old_from + 1 + code.src_start + step, new_from + 1 + code.dest_start + step)
                    for step in range(code.src_end - code.src_start)
                ]
    return sorted(pairs + found)


def _gaps(pairs: Sequence[tuple[int, int]], rows: int, columns: int) -> list[tuple[range, range]]:
    """What lies between the pairs, where something does."""
    gaps = []
    for (old_from, new_from), (old_to, new_to) in zip([(-1, -1), *pairs], [*pairs, (rows, columns)], strict=True):
        gap = range(old_from + 1, old_to), range(new_from + 1, new_to)
        if gap[0] or gap[1]:
            gaps.append(gap)
    return gaps


def align(old: Sequence[Unit], new: Sequence[Unit], budget: Budget) -> Alignment:
    """Raises BudgetSpent where the texts are too large and too different; ``align_coarsely`` then serves."""
    pairs = _equal_in_order(old, new, lambda unit: unit.text, budget)
    more: list[tuple[int, int]] = []
    for rows, columns in _gaps(pairs, len(old), len(new)):
        if rows and columns:
            inner = _equal_in_order(
                [old[row] for row in rows], [new[column] for column in columns], lambda unit: unit.key, budget
            )
            more += [(rows[row], columns[column]) for row, column in inner]
    pairs = sorted(pairs + more)
    gaps = _gaps(pairs, len(old), len(new))
    matches = [Match([old[row]], [new[column]], equal=True) for row, column in pairs]
    moved = _moved(old, new, gaps)
    matches += moved
    # Blocks in the gaps alone are asked for.
    taken = {id(unit) for match in moved for unit in (*match.old, *match.new)}
    loose = [old[row] for rows, _ in gaps for row in rows], [new[column] for _, columns in gaps for column in columns]
    rows_known = first_cells(old, new, gaps, taken, longest_increasing)
    if rows_known:
        matches += [Match([old[row]], [new[column]], equal=False) for row, column in rows_known]
        taken |= {id(unit) for row, column in rows_known for unit in (old[row], new[column])}
        gaps = _gaps(sorted(pairs + rows_known), len(old), len(new))
    matches += _similar(old, new, gaps, taken, budget)
    return _alignment(*loose, matches, known=len(pairs))


def align_coarsely(old: Sequence[Unit], new: Sequence[Unit]) -> Alignment:
    """Equal blocks alone, in order; cheap for texts of any size."""
    places: dict[str, list[int]] = defaultdict(list)
    for column, unit in enumerate(new):
        places[unit.text].append(column)
    counts = Counter(unit.text for unit in old)
    unique = [
        (row, places[unit.text][0])
        for row, unit in enumerate(old)
        if counts[unit.text] == 1 and len(places.get(unit.text, ())) == 1
    ]
    return _alignment(
        old, new, [Match([old[row]], [new[column]], equal=True) for row, column in longest_increasing(unique)]
    )


def _alignment(old: Sequence[Unit], new: Sequence[Unit], matches: list[Match], *, known: int = 0) -> Alignment:
    """``old`` and ``new``: all blocks but those of the first ``known`` matches."""
    taken = {id(unit) for match in matches[known:] for unit in (*match.old, *match.new)}
    matches.sort(key=lambda match: match.new[0].index)
    return Alignment(
        matches,
        [unit for unit in old if id(unit) not in taken],
        [unit for unit in new if id(unit) not in taken],
    )


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
    for row, gap in free_old:
        weights: dict[int, float] = defaultdict(float)
        keys = set(old[row].keys)
        budget.spend(len(keys))
        for key in keys:
            columns = index.get(key, ())
            if len(columns) <= 12 + len(new_gap) // 8:
                budget.spend(len(columns) // 8)
                for column in columns:
                    weights[column] += 1 / len(columns)
        here = by_gap.get(gap, [])
        if len(here) <= 3:
            for column in here:
                weights[column] += 1e-6
        if old[row].is_date:
            for column in here:
                if new[column].is_date:
                    weights[column] += 1
        ranked = sorted(weights.items(), key=lambda item: (-item[1] * (4 if new_gap[item[0]] == gap else 1), item[0]))
        for column, weight in ranked[:CANDIDATES]:
            yield row, gap, column, int(weight)
