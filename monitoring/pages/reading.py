"""The inline reading of two texts as the page shows it: `monitoring.diffing.reading`'s rows with signs, anchors and notes.

Rows follow the new text; what was deleted stands where it stood. Every character of both texts is in exactly one run, but
for the empty lines between blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitoring.diffing import Comparison
from monitoring.diffing import reading as diffing
from monitoring.diffing.reading import RowChange, Segment, SegmentKind, sections
from monitoring.extraction import Block, ExtractedText

from .blocks import anchors

CONTEXT = 1  # unchanged blocks that stay open around a changed one
SHORTEST_FOLD = 3  # fewer unchanged blocks than this are simply shown
SIGNS = {"equal": "", "insert": "+", "delete": "−", "replace": "±", "move": "↕"}
CALLED = {"replace": "changed", "insert": "added", "delete": "removed", "move": "moved"}
FIRST_SECTION = "Before the first heading"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand in both texts (`equal`), in the new one alone (`insert`), or in the old one alone (`delete`)."""

    operation: str
    text: str


@dataclass(slots=True)
class Row:
    """One block. `kind`: equal, insert, delete, replace or move; `note` says where it came from or how it was numbered."""

    kind: str
    block_kind: str
    label: str
    runs: list[Run]
    anchor: str = ""
    note: str = ""
    note_href: str = ""

    @property
    def changed(self) -> bool:
        return self.kind != "equal"

    @property
    def sign(self) -> str:
        return SIGNS[self.kind]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(slots=True)
class Stretch:
    """Rows that are shown, or `folded` since nothing near them changed."""

    rows: list[Row]
    folded: bool = False


@dataclass(slots=True)
class Section:
    """A heading with what follows it. `quiet`: one or more neighbouring sections in which nothing changed."""

    heading: str
    anchor: str
    rows: list[Row] = field(default_factory=list)
    quiet: int = 0

    @property
    def changed(self) -> bool:
        return any(row.changed for row in self.rows)

    @property
    def counts(self) -> str:
        """`2 changed, 1 added`, in the order in which a reader asks."""
        kinds = Counter(row.kind for row in self.rows if row.changed)
        if len(self.rows) > 1 and kinds["move"] == len(self.rows):
            return "moved as a whole"
        return ", ".join(f"{kinds[kind]} {word}" for kind, word in CALLED.items() if kinds[kind]) or "unchanged"

    @property
    def stretches(self) -> list[Stretch]:
        """The rows, those far from any change folded. The section's own heading stands in its head, unless it changed."""
        if not self.changed:
            return [Stretch(self.rows)]
        first = self.rows[0]
        rows = self.rows[1:] if first.block_kind == "heading" and not first.changed else self.rows
        near = {index for at, row in enumerate(rows) if row.changed for index in range(at - CONTEXT, at + CONTEXT + 1)}
        found: list[Stretch] = []
        for index, row in enumerate(rows):
            folded = index not in near
            if not found or found[-1].folded != folded:
                found.append(Stretch([], folded))
            found[-1].rows.append(row)
        for stretch in found:
            stretch.folded = stretch.folded and len(stretch.rows) >= SHORTEST_FOLD
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """`sections` are what the page shows, `map` every heading with whether it changed."""

    sections: list[Section]
    map: list[Section]
    moved: bool

    @property
    def identical(self) -> bool:
        """Not a word was added, removed or moved."""
        return not any(section.changed for section in self.sections)


def read(old: ExtractedText, new: ExtractedText, comparison: Comparison, *, old_url: str = "") -> Reading:
    """The reading of a comparison of these two texts. `old_url` is the old version's page, to which notes on moves lead."""
    sides = _Side.of(old), _Side.of(new)
    rows: list[Row] = []
    moved: dict[int, int] = {}  # index of an old block that moved → index of the new one
    for section in sections(old, new, comparison):
        for laid in section.rows:
            row = _row(laid, *sides)
            _annotate(row, laid, sides, moved, old_url)
            rows.append(row)
    found = _sections(rows)
    return Reading(_with_quiet_joined(found), found, any(row.kind == "move" for row in rows))


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
    runs = [run for segment in laid.segments for run in _runs(segment) if run.text]
    anchor = new.anchors[new.index(laid.new[0])] if laid.new else ""
    label = laid.label
    if laid.new is None and laid.old is not None:
        anchor, label = old.anchors[old.index(laid.old[0])], laid.old_label
    return Row("move" if laid.change == RowChange.MOVE else _kind(runs), str(laid.kind), label, runs, anchor)


def _runs(segment: Segment) -> list[Run]:
    if segment.kind == SegmentKind.NUMBER:
        return [Run("delete", segment.before), Run("insert", segment.text)]
    changed = segment.kind in (SegmentKind.INSERT, SegmentKind.DELETE)
    return [Run(str(segment.kind) if changed else "equal", segment.text)]


def _kind(runs: Sequence[Run]) -> str:
    operations = {run.operation for run in runs if run.text.strip()}
    if operations <= {"equal"}:
        return "equal"
    return operations.pop() if len(operations) == 1 else "replace"


def _annotate(row: Row, laid: diffing.Row, sides: tuple[_Side, _Side], moved: dict[int, int], old_url: str) -> None:
    """Where a block came from, once for blocks that moved together; and how it was numbered."""
    if laid.old is None or laid.new is None:
        return
    old, new = sides
    source, index = old.index(laid.old[0]), new.index(laid.new[0])
    before = old.blocks[source]
    if row.kind == "move":
        follows = moved.get(source - 1) == index - 1
        moved[source] = index
        if follows:
            return
        where = before.label or (before.heading_path[-1] if before.heading_path else "")
        row.note = f"moved here from {where}" if where else "moved here"
        row.note_href = f"{old_url}#{old.anchors[source]}" if old_url else ""
    elif row.kind != "insert" and before.label and row.label and before.label != row.label:
        row.note = f"was {before.label}"
    elif laid.parted:
        row.note = "was one with the paragraph above"
    elif laid.joined:
        row.note = f"was {laid.joined + 1} paragraphs"


def _sections(rows: list[Row]) -> list[Section]:
    """Rows under their headings. A removed heading has a section of its own, as long as removed rows follow."""
    sections: list[Section] = []
    standing = Section(FIRST_SECTION, "start")
    for row in rows:
        if row.block_kind == "heading":
            label = f"{row.label} " if row.label else ""
            words = "".join(run.text for run in row.runs if run.operation != "delete") or row.text
            sections.append(Section(f"{label}{words}", f"s-{row.anchor}"))
            if row.kind != "delete":
                standing = sections[-1]
        elif row.kind != "delete" and sections and sections[-1] is not standing:
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
        if section.changed:
            joined.append(section)
        elif joined and joined[-1].quiet:
            joined[-1].rows.extend(section.rows)
            joined[-1].quiet += 1
        else:
            joined.append(Section(section.heading, section.anchor, list(section.rows), quiet=1))
    return joined
