"""The inline reading of two texts: sections and rows as the page shows them, made of a comparison's operations.

Rows follow the new text; what was deleted stands where it stood. Every character of both texts is in exactly one run, but
for the empty lines between blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitoring.diffing import Comparison, Operation, OperationKind
from monitoring.extraction import Block, ExtractedText

from .blocks import anchors

CONTEXT = 1  # unchanged blocks that stay open around a changed one
SHORTEST_FOLD = 3  # fewer unchanged blocks than this are simply shown
SIGNS = {"equal": "", "insert": "+", "delete": "−", "replace": "±", "move": "↕"}
CALLED = {"replace": "changed", "insert": "added", "delete": "removed", "move": "moved"}
SEPARATOR = "\n\n"
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
    rows = _Rows(old, new, old_url)
    for operation in comparison.operations:
        rows.take(operation)
    sections = _sections(rows.finish())
    return Reading(_with_quiet_joined(sections), sections, any(row.kind == "move" for _, _, row in rows.rows))


class _Rows:
    """Deals the operations out to the blocks of both texts."""

    def __init__(self, old: ExtractedText, new: ExtractedText, old_url: str) -> None:
        self.old, self.new, self.old_url = old, new, old_url
        self.old_anchors = anchors(old.blocks)
        self.rows: list[tuple[int, int, Row]] = []  # (place in the new text, order at that place, row)
        self.parts: dict[int, list[tuple[Run, str]]] = {}  # index of a new block → its runs, with the operation's kind
        self.sources: dict[int, int] = {}  # index of a new block → index of the old block its words came from
        self.moved_to: dict[int, int] = {}  # index of an old block that moved → index of the new one
        self._old_at = _Cursor(old.blocks)
        self._new_at = _Cursor(new.blocks)

    def take(self, operation: Operation) -> None:
        if operation.kind in (OperationKind.SPLIT, OperationKind.MERGE):
            return
        copies = operation.kind in (OperationKind.EQUAL, OperationKind.MOVE)
        if not copies and operation.old[0] < operation.old[1]:
            self._delete(operation)
        if operation.new[0] < operation.new[1]:
            self._write(operation, "equal" if copies else "insert")

    def _write(self, operation: Operation, called: str) -> None:
        for index, start, end in self._new_at.within(*operation.new):
            self.parts.setdefault(index, []).append((Run(called, self.new.text[start:end]), str(operation.kind)))
            if called == "equal" and index not in self.sources:
                offset = min(operation.old[0] + start - operation.new[0], operation.old[1] - 1)
                source = self._old_at.at(offset)
                if source is not None:
                    self.sources[index] = source

    def _delete(self, operation: Operation) -> None:
        place = operation.new[0]
        for index, start, end in self._old_at.within(*operation.old):
            block, run = self.old.blocks[index], Run("delete", self.old.text[start:end])
            whole = (start, end) == (block.start, block.end) and operation.kind == OperationKind.DELETE
            if whole and not self._is_inside(place):
                row = Row("delete", str(block.kind), block.label, [run], self.old_anchors[index])
                self.rows.append((place, len(self.rows), row))
                continue
            target = self._new_at.nearest(place)
            if target is None:
                self.rows.append((place, len(self.rows), Row("delete", str(block.kind), block.label, [run])))
            else:
                self.parts.setdefault(target, []).append((run, "delete"))

    def _is_inside(self, place: int) -> bool:
        """Is this place in the middle of a block of the new text?"""
        index = self._new_at.nearest(place)
        return index is not None and self.new.blocks[index].start < place < self.new.blocks[index].end

    def finish(self) -> list[Row]:
        names = anchors(self.new.blocks)
        for index, block in enumerate(self.new.blocks):
            parts = self.parts.get(index, [])
            row = Row(_kind(parts), str(block.kind), block.label, [run for run, _ in parts if run.text], names[index])
            self._annotate(row, index)
            self.rows.append((block.start, 1_000_000 + index, row))
        return [row for _, _, row in sorted(self.rows, key=lambda each: each[:2])]

    def _annotate(self, row: Row, index: int) -> None:
        source = self.sources.get(index)
        if source is None:
            return
        before = self.old.blocks[source]
        if row.kind == "move":
            if self.moved_to.get(source - 1) == index - 1:
                self.moved_to[source] = index  # the same move goes on: its first block says where it came from
                return
            self.moved_to[source] = index
            where = before.label or (before.heading_path[-1] if before.heading_path else "")
            row.note = f"moved here from {where}" if where else "moved here"
            row.note_href = f"{self.old_url}#{self.old_anchors[source]}" if self.old_url else ""
        elif before.label and row.label and before.label != row.label:
            row.note = f"was {before.label}"


def _kind(parts: Sequence[tuple[Run, str]]) -> str:
    operations = {run.operation for run, _ in parts if run.text.strip()}
    if any(kind == OperationKind.MOVE for _, kind in parts):
        return "move"
    if operations <= {"equal"}:
        return "equal"
    return operations.pop() if len(operations) == 1 else "replace"


class _Cursor:
    """Finds blocks by offsets of their text."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.starts = [block.start for block in blocks]

    def at(self, offset: int) -> int | None:
        """The block whose characters hold this offset."""
        index = self._before(offset)
        return index if index >= 0 and offset < self.blocks[index].end else None

    def nearest(self, offset: int) -> int | None:
        """The block in which, or at whose end, this place is; else the one that begins there."""
        index = self._before(offset)
        if index >= 0 and offset <= self.blocks[index].end:
            return index
        return index + 1 if index + 1 < len(self.blocks) else (index if index >= 0 else None)

    def within(self, start: int, end: int) -> list[tuple[int, int, int]]:
        """(index, from, to) for each block that has characters of this span."""
        found = []
        for index in range(max(self._before(start), 0), len(self.blocks)):
            block = self.blocks[index]
            if block.start >= end:
                break
            if block.end > start:
                found.append((index, max(start, block.start), min(end, block.end)))
        return found

    def _before(self, offset: int) -> int:
        return bisect_right(self.starts, offset) - 1


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
