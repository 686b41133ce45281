"""The reading of two texts as the page shows it, unified or side by side: `monitoring.diffing.reading`'s rows with signs,
anchors and notes.

Rows follow the new text; what was deleted stands where it stood, and where a block moved away a line says where to. Every
character of both texts is in exactly one run of a row, but for the empty lines between blocks and the rows of moved blocks'
old places.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.diffing import Comparison
from monitoring.diffing import reading as diffing
from monitoring.diffing.reading import RowChange, Segment, SegmentKind, sections
from monitoring.extraction import Block, ExtractedText

from .blocks import anchors
from .passages import Reading, Row, Run, Section

FIRST_SECTION = "Before the first heading"
MOST_WORDS = 9  # of a block that moved, in the line at its old place


def read(old: ExtractedText, new: ExtractedText, comparison: Comparison) -> Reading:
    """The reading of a comparison of these two texts."""
    sides = _Side.of(old), _Side.of(new)
    laid = [row for section in sections(old, new, comparison) for row in section.rows]
    rows = [_row(each, *sides) for each in laid]
    _tell_moves(rows, laid, sides)
    rows = [row for row in rows if not (row.kind == "away" and row.follows)]
    found = _sections(rows)
    shown = _with_quiet_joined(found)
    changed = any(section.changed for section in shown)
    for section in shown:
        section.open = section.changed or (section.touched and not changed)
    moved = any(row.kind == "move" for row in rows)
    return Reading(
        shown,
        [section for section in found if not section.left],
        moved,
        any(run.operation == "swap" for row in rows for run in row.runs),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the texts, with its blocks to be found by their places."""

    blocks: Sequence[Block]
    starts: list[int]
    anchors: list[str]

    @classmethod
    def of(cls, text: ExtractedText) -> _Side:
        return cls(text.blocks, [block.start for block in text.blocks], anchors(text.blocks))

    def index(self, place: int) -> int:
        """Of the block that stands there."""
        return max(bisect_right(self.starts, place) - 1, 0)


def _row(laid: diffing.Row, old: _Side, new: _Side) -> Row:
    runs = [run for segment in laid.segments for run in _runs(segment) if run.text or run.before]
    anchor = new.anchors[new.index(laid.new[0])] if laid.new else ""
    label = laid.label
    if laid.new is None and laid.old is not None:
        anchor, label = old.anchors[old.index(laid.old[0])], laid.old_label
    kinds = {RowChange.MOVE: "move", RowChange.AWAY: "away"}
    row = Row(kinds.get(laid.change) or _kind(runs), str(laid.kind), label, runs, anchor)
    row.old_label, row.parted = laid.old_label, laid.parted
    if (row.kind == "equal" and row.renumbered) or (row.kind == "replace" and laid.change == RowChange.FORM):
        row.kind = "calm"
    if row.parted:
        row.note = "was one with the paragraph above"
    elif laid.joined:
        row.note = f"was {laid.joined + 1} paragraphs"
    return row


def _runs(segment: Segment) -> list[Run]:
    match segment.kind:
        case SegmentKind.NUMBER | SegmentKind.NAME:
            return [Run("swap", segment.text, segment.before)]
        case SegmentKind.FORM | SegmentKind.JOIN:
            return [Run(str(segment.kind), segment.text, segment.before)]
        case SegmentKind.INSERT | SegmentKind.DELETE:
            return [Run(str(segment.kind), segment.text)]
    return [Run("equal", segment.text)]


def _kind(runs: Sequence[Run]) -> str:
    operations = {run.operation for run in runs if run.text.strip()} - {"equal", "form"}
    if not operations:
        return "equal"
    if operations == {"swap"}:
        return "calm"
    same = any(run.operation in ("equal", "form", "swap") and run.text.strip() for run in runs)
    return "replace" if same or len(operations) > 1 else operations.pop()


def _tell_moves(rows: list[Row], laid: list[diffing.Row], sides: tuple[_Side, _Side]) -> None:
    """Notes and links between the old and the new place of what moved, once for blocks that moved together."""
    old, new = sides
    places = {new.index(each.new[0]): at for at, each in enumerate(laid) if each.new}
    left = {old.index(each.old[0]): at for at, each in enumerate(laid) if each.old and each.change == RowChange.AWAY}
    origins = {
        new.index(each.new[0]): old.index(each.old[0])
        for each in laid
        if each.new and each.old and each.change == RowChange.MOVE
    }
    for at, row in enumerate(rows):
        span = laid[at].new
        index = new.index(span[0]) if span else -1
        if index not in origins:
            continue
        origin = origins[index]
        row.follows = origins.get(index - 1, -2) == origin - 1
        away = left.get(origin)
        linked = away is not None and laid[away].to == span
        row.id = f"to-{row.anchor}"
        if away is not None and linked:
            rows[away].follows = row.follows
            rows[away].id = f"from-{rows[away].anchor}"
        if row.follows:
            continue
        source, target = old.blocks[origin], new.blocks[index]
        row.note = f"Moved from {_where(old, origin, target)}"
        if away is None or not linked:
            continue
        down = at > away
        row.note += " ↑" if down else " ↓"
        row.note_href = f"#{rows[away].id}"
        together = 1
        while origins.get(index + together, -1) == origin + together:
            together += 1
        where = _where(new, index, source)
        to = where if where.startswith("behind") else f"to {where}"
        rows[away].note = f"Moved {to} {'↓' if down else '↑'}"
        rows[away].note_href = f"#{row.id}"
        rows[away].runs = [Run("equal", _short(source.text, together))]
    # Where blocks moved together but one of them has no line of its own, its line begins anew.
    for at, row in enumerate(rows):
        if row.kind == "away" and row.follows and at and rows[at - 1].kind != "away":
            row.follows = False
            target_span = laid[at].to
            place = places[new.index(target_span[0])] if target_span else at
            row.note, row.note_href = f"Moved {'↓' if place > at else '↑'}", f"#{rows[place].id}"
            row.runs = [Run("equal", _short(row.text, 1))]


def _where(side: _Side, index: int, other: Block) -> str:
    """`§ 4.2` where the number says it (it isn't the same at the `other` place), else under or behind which heading."""
    block = side.blocks[index]
    if block.label and block.label != other.label:
        return block.label if not block.label[0].isdigit() else f"§ {block.label.rstrip('.')}"
    if block.kind != "heading":
        return f"“{block.heading_path[-1]}”" if block.heading_path else "the beginning"
    before = next((side.blocks[at] for at in range(index - 1, -1, -1) if side.blocks[at].kind == "heading"), None)
    return f"behind “{before.text}”" if before else "the beginning"


def _short(text: str, together: int) -> str:
    """The first words of a block that moved, and how many passages went with it."""
    words = text.split()
    shown = " ".join(words[:MOST_WORDS]) + ("…" if len(words) > MOST_WORDS else "")
    if together == 1:
        return f"“{shown}”"
    return f"“{shown}” and {together - 1} more passage{'s' if together > 2 else ''}"


def _sections(rows: list[Row]) -> list[Section]:
    """Rows under their headings. A removed heading has a section of its own, as long as removed rows follow."""
    sections: list[Section] = []
    standing = Section(FIRST_SECTION, "start")
    for row in rows:
        if row.kind == "away" and row.block_kind == "heading":
            sections.append(Section("", f"s-{row.id}", [row], left=True))
            continue
        if row.block_kind == "heading":
            label = f"{row.label} " if row.label else ""
            if row.renumbered:
                label = f"{row.old_label} → {row.label} "
            words = "".join(run.text for run in row.runs if run.operation != "delete") or row.text
            sections.append(Section(f"{label}{words}", f"s-{row.anchor}"))
            if row.kind != "delete":
                standing = sections[-1]
        elif sections and (sections[-1].left or (sections[-1] is not standing and row.kind not in ("delete", "away"))):
            sections.append(Section(standing.heading, f"{standing.anchor}-{len(sections)}"))
            standing = sections[-1]
        elif not sections:
            sections.append(standing)
        sections[-1].rows.append(row)
    return sections


def _with_quiet_joined(sections: list[Section]) -> list[Section]:
    """Neighbouring sections without a change become one that stays folded."""
    joined: list[Section] = []
    for section in sections:
        if section.touched:
            joined.append(section)
        elif joined and joined[-1].quiet:
            joined[-1].rows.extend(section.rows)
            joined[-1].quiet += 1
        else:
            joined.append(Section(section.heading, section.anchor, list(section.rows), quiet=1))
    return joined
