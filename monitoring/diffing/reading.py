"""A comparison laid out for a reader: sections, their blocks, and in each block the words that stayed, came and went.

Made for templates: plain frozen values, nothing but text and spans; the renderer escapes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitoring.extraction.texts import BlockKind, ExtractedText

from .comparing import Comparison
from .operations import COPYING, Operation, OperationKind, Span
from .summary import SectionChange, Summary
from .units import Unit, Units, units


class SegmentKind(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"
    MOVE = "move"  # the same words, from another place
    FORM = "form"  # the same words in another form (case, quotation marks, dashes); ``before`` is the old form
    NUMBER = "number"  # a reference that follows the new numbers of sections; ``before`` is the old number
    NAME = "name"  # a name that became another one throughout the text; ``before`` is the old name
    JOIN = "join"  # where two blocks were parted; ``before`` is what parted them


class RowChange(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"  # a whole block came
    DELETE = "delete"  # a whole block went
    CHANGE = "change"  # words in it changed
    MOVE = "move"  # the block came from another place, its words may have changed too
    AWAY = "away"  # a block that stood here and moved: ``new`` is None, ``to`` where it stands now
    NAME = "name"  # nothing but a name that changed throughout the text
    FORM = "form"  # nothing but form, or a date line, or a block without words changed; or borders of blocks


CONTEXT = 1  # unchanged blocks that stay open around one that is touched
CALM = frozenset({RowChange.EQUAL, RowChange.FORM, RowChange.NAME})
_QUIET = frozenset(
    {SegmentKind.EQUAL, SegmentKind.MOVE, SegmentKind.FORM, SegmentKind.NUMBER, SegmentKind.NAME, SegmentKind.JOIN}
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of text. ``old`` and ``new`` are its spans; for ``insert`` the old one is empty, for ``delete`` the new."""

    kind: SegmentKind
    text: str
    old: Span
    new: Span
    before: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One block. ``new`` is its span in the new text, None where the block went; ``old`` is where its words stood, None
    where it came. ``label`` is the numbering in the new text, ``old_label`` in the old one. ``to`` is where a block that
    moved away stands in the new text."""

    change: RowChange
    kind: BlockKind
    label: str
    segments: tuple[Segment, ...]
    old: Span | None
    new: Span | None
    old_label: str = ""
    parted: bool = False  # its words stood in one block with those of the row above
    joined: int = 0  # further blocks of the old text whose words it took in
    to: Span | None = None

    @property
    def text(self) -> str:
        """The block as it reads now; as it read, where it went."""
        skip = SegmentKind.DELETE if self.new is not None else SegmentKind.INSERT
        return "".join(segment.text for segment in self.segments if segment.kind != skip)

    @property
    def is_changed(self) -> bool:
        return self.change not in CALM

    @property
    def is_touched(self) -> bool:
        """Whether anything of it differs, be it a name, a number or the form of words."""
        return self.change != RowChange.EQUAL or self.label != self.old_label


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading, the heading among them. ``heading_path`` is empty above the first heading."""

    heading_path: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def title(self) -> str:
        return self.heading_path[-1] if self.heading_path else ""

    @property
    def changed(self) -> bool:
        return any(row.is_changed for row in self.rows)

    @property
    def removed(self) -> bool:
        """Whether nothing of it stands in the new text."""
        return all(row.change == RowChange.DELETE for row in self.rows)

    @property
    def added(self) -> bool:
        return all(row.change == RowChange.INSERT for row in self.rows)


@dataclass
class _Open:
    """A row in the making; ``unit`` is the new block, or the old one of a block that went."""

    unit: Unit
    went: bool
    segments: list[Segment] = field(default_factory=list)
    parted: bool = False
    joined: int = 0


def near(touched: Sequence[bool]) -> set[int]:
    """The places of rows that stay open: those that are touched, and their neighbours."""
    return {
        index for at, is_touched in enumerate(touched) if is_touched for index in range(at - CONTEXT, at + CONTEXT + 1)
    }


def sections(old: ExtractedText, new: ExtractedText, comparison: Comparison) -> list[Section]:
    """The whole new text in order, with what went at the place where it stood."""
    old_units, new_units = units(old), units(new)
    old_starts = [unit.start for unit in old_units]
    rows = [_row(row, old_units, old_starts) for row in _open_rows(old, new, comparison, old_units, new_units)]
    rows = _with_away(_with_headings_joined(rows, comparison.summary), comparison, old_units, old_starts)
    found: list[tuple[tuple[str, ...], list[Row]]] = []
    for path, row in rows:
        if not found or found[-1][0] != path:
            found.append((path, []))
        found[-1][1].append(row)
    return [Section(path, tuple(members)) for path, members in found]


def _open_rows(
    old: ExtractedText, new: ExtractedText, comparison: Comparison, old_units: Units, new_units: Units
) -> list[_Open]:
    by_new: dict[int, _Open] = {unit.index: _Open(unit, went=False) for unit in new_units}
    new_starts, old_starts = [unit.start for unit in new_units], [unit.start for unit in old_units]
    went: list[tuple[int, int, _Open]] = []  # place in the new text, order, row
    for operation in comparison.operations:
        if operation.kind == OperationKind.SPLIT:
            by_new[max(bisect_right(new_starts, operation.new[1]) - 1, 0)].parted = True
        elif operation.kind == OperationKind.MERGE:
            by_new[max(bisect_right(new_starts, operation.new[0]) - 1, 0)].joined += 1
        for segment in _segments(operation, old.text, new.text):
            if segment.kind != SegmentKind.DELETE:
                _share(segment, new_units, new_starts, by_new)
                continue
            for piece, unit in _pieces_of_old(segment, old_units, old_starts):
                whole = piece.old[0] <= unit.start and piece.old[1] >= unit.end
                if whole:
                    went.append((segment.new[0], len(went), _Open(unit, True, [piece])))
                elif piece.text.strip() or piece.old[1] <= unit.end:
                    index = max(bisect_right(new_starts, segment.new[0]) - 1, 0)
                    by_new[index].segments.append(piece)
    ordered = [((place, 0, order), row) for place, order, row in went]
    ordered += [((row.unit.start, 1, 0), row) for row in by_new.values()]
    return [row for _, row in sorted(ordered, key=lambda pair: pair[0])]


def _segments(operation: Operation, old: str, new: str) -> Iterator[Segment]:
    before, after = old[slice(*operation.old)], new[slice(*operation.new)]
    end_old = (operation.old[1], operation.old[1])
    if operation.kind in COPYING:
        kind = SegmentKind.MOVE if operation.kind == OperationKind.MOVE else SegmentKind.EQUAL
        if operation.words and before.split() != after.split():
            yield Segment(SegmentKind.FORM, after, operation.old, operation.new, before)
        else:
            yield Segment(kind, after, operation.old, operation.new)
        return
    if operation.kind == OperationKind.RENUMBER:
        yield Segment(SegmentKind.NUMBER, after, operation.old, operation.new, before)
        return
    if operation.kind == OperationKind.RENAME:
        yield Segment(SegmentKind.NAME, after, operation.old, operation.new, before)
        return
    if operation.kind == OperationKind.SPLIT:
        yield Segment(SegmentKind.EQUAL, after, operation.old, operation.new)
        return
    if operation.kind == OperationKind.MERGE:
        yield Segment(SegmentKind.JOIN, after, operation.old, operation.new, before)
        return
    if before:
        yield Segment(SegmentKind.DELETE, before, operation.old, (operation.new[0], operation.new[0]))
    if after:
        yield Segment(SegmentKind.INSERT, after, end_old, operation.new)


def _share(segment: Segment, new_units: Units, starts: list[int], rows: dict[int, _Open]) -> None:
    """Give each block that the segment touches its part; what parts the blocks is nobody's."""
    index = max(bisect_right(starts, segment.new[0]) - 1, 0)
    same_length = segment.old[1] - segment.old[0] == segment.new[1] - segment.new[0]
    while index < len(new_units) and new_units[index].start < segment.new[1]:
        unit = new_units[index]
        start, end = max(segment.new[0], unit.start), min(segment.new[1], unit.end)
        if start < end:
            from_start, from_end = start - segment.new[0], end - segment.new[0]
            span = (segment.old[0] + from_start, segment.old[0] + from_end) if same_length else segment.old
            text = segment.text[from_start:from_end]
            rows[index].segments.append(Segment(segment.kind, text, span, (start, end), segment.before))
        index += 1


def _pieces_of_old(segment: Segment, old_units: Units, starts: list[int]) -> Iterator[tuple[Segment, Unit]]:
    index = max(bisect_right(starts, segment.old[0]) - 1, 0)
    while index < len(old_units) and old_units[index].start < segment.old[1]:
        unit = old_units[index]
        start, end = max(segment.old[0], unit.start), min(segment.old[1], unit.end)
        if start < end:
            text = segment.text[start - segment.old[0] : end - segment.old[0]]
            yield Segment(segment.kind, text, (start, end), segment.new), unit
        index += 1


def _row(row: _Open, old_units: Units, old_starts: list[int]) -> tuple[tuple[str, ...], Row]:
    unit, segments = row.unit, tuple(row.segments)
    if row.went:
        change = RowChange.DELETE if unit.counts else RowChange.FORM
        return unit.section, Row(change, unit.kind, "", segments, (unit.start, unit.end), None, unit.label)
    kinds = {segment.kind for segment in segments if segment.text.strip()}
    copied = [segment for segment in segments if segment.kind not in (SegmentKind.INSERT, SegmentKind.DELETE)]
    if SegmentKind.MOVE in kinds and SegmentKind.EQUAL not in kinds:
        change = RowChange.MOVE
    elif not unit.counts and kinds - {SegmentKind.EQUAL}:
        change = RowChange.FORM
    elif kinds <= {SegmentKind.EQUAL} and not row.parted and not row.joined:
        change = RowChange.EQUAL
    elif kinds <= _QUIET:
        change = RowChange.NAME if SegmentKind.NAME in kinds else RowChange.FORM
    elif kinds == {SegmentKind.INSERT}:
        change = RowChange.INSERT
    else:
        change = RowChange.CHANGE
    span, old_label = None, ""
    used = copied or [segment for segment in segments if segment.kind == SegmentKind.DELETE]
    if used:
        span = (min(segment.old[0] for segment in used), max(segment.old[1] for segment in used))
        before = old_units[max(bisect_right(old_starts, span[0]) - 1, 0)]
        old_label = before.label
    place = unit.start, unit.end
    return unit.section, Row(
        change, unit.kind, unit.label, segments, span, place, old_label, parted=row.parted, joined=row.joined
    )


_Placed = tuple[tuple[str, ...], Row]


def _with_headings_joined(rows: list[_Placed], summary: Summary) -> list[_Placed]:
    """A heading that has another title is one row, not one that went and one that came."""
    renamed = {(item.old, item.new) for item in summary.sections if item.change == SectionChange.RENAMED}
    names = {(each.before, each.after) for each in summary.renamed}
    found: list[_Placed] = []
    for path, row in rows:
        gone = found[-1][1] if found else None
        if gone and (gone.old, row.new) in renamed and (gone.new, row.old) == (None, None):
            segments = *gone.segments, *row.segments
            change, place = RowChange.CHANGE, (gone.old, row.new)
            if (gone.text, row.text) in names and gone.old and row.new:
                change = RowChange.NAME
                segments = (Segment(SegmentKind.NAME, row.text, gone.old, row.new, gone.text),)
            found.pop()
            row = Row(change, row.kind, row.label, segments, *place, gone.old_label)
        found.append((path, row))
    return found


def _with_away(rows: list[_Placed], comparison: Comparison, old_units: Units, old_starts: list[int]) -> list[_Placed]:
    """The rows, and at the old place of each block that moved a row that says where to."""

    def origin(row: Row) -> int:
        assert row.old is not None  # noqa: S101
        return max(bisect_right(old_starts, row.old[0]) - 1, 0)

    stayed = {origin(row) for _, row in rows if row.old is not None and row.change != RowChange.MOVE}
    moved: dict[int, Row] = {}
    for _, row in rows:
        if row.change == RowChange.MOVE and row.old is not None and origin(row) not in stayed:
            moved.setdefault(origin(row), row)
    if not moved:
        return rows
    # Where an old place is now: behind what was made of the words before it, if these stayed.
    fixed = sorted((op.old[1], op.new[1]) for op in comparison.operations if op.kind != OperationKind.MOVE)
    ends = [end for end, _ in fixed]
    away: list[tuple[int, _Placed]] = []
    for index, row in sorted(moved.items()):
        unit = old_units[index]
        before = bisect_right(ends, unit.start) - 1
        place = fixed[before][1] if before >= 0 else 0
        segment = Segment(SegmentKind.MOVE, unit.text, (unit.start, unit.end), (place, place))
        span = (unit.start, unit.end)
        gone = Row(RowChange.AWAY, unit.kind, "", (segment,), span, None, unit.label, to=row.new)
        away.append((place, (unit.section, gone)))
    away.sort(key=lambda pair: pair[0])
    placed: list[_Placed] = []
    waiting = iter(away)
    coming = next(waiting, None)
    for path, row in rows:
        while coming is not None and row.new is not None and coming[0] <= row.new[0]:
            placed.append(coming[1])
            coming = next(waiting, None)
        placed.append((path, row))
    while coming is not None:
        placed.append(coming[1])
        coming = next(waiting, None)
    return placed
