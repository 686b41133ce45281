"""What the page shows of a reading: passages with signs and notes, side by side or not, in sections that fold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from monitoring.diffing.reading import near

SHORTEST_FOLD = 3  # fewer unchanged blocks than this are simply shown
SIGNS = {"equal": "", "insert": "+", "delete": "−", "replace": "±", "move": "↕", "away": "↕", "calm": "≈"}
CALLED = {
    "replace": "changed",
    "insert": "added",
    "delete": "removed",
    "move": "moved",
    "away": "moved away",
    "parted": "parted or joined",
    "name": "renamed",
    "number": "numbered anew",
    "date": "dated anew",
}


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that stand in both texts (`equal`), in the new one alone (`insert`), in the old one alone (`delete`), or
    in the new one in place of `before`: a number or a name that changed everywhere (`swap`), other quotation marks or
    capitals (`form`), the place where two blocks became one (`join`)."""

    operation: str
    text: str
    before: str = ""


@dataclass(slots=True)
class Row:
    """One block, or the line at the place that blocks left. `kind`: equal, insert, delete, replace, move, away or calm (a
    name or number that changed everywhere, a date line); `note` says where it came from or went, or how it was parted."""

    kind: str
    block_kind: str
    label: str
    runs: list[Run]
    anchor: str = ""
    id: str = ""
    note: str = ""
    note_href: str = ""
    old_label: str = ""
    parted: bool = False  # it and the block above it were one
    follows: bool = False  # it moved together with the block above it

    @property
    def changed(self) -> bool:
        """Whether it is more than a name or a number that changed everywhere."""
        return self.kind not in ("equal", "calm") or self.parted or self.joined

    @property
    def touched(self) -> bool:
        return self.kind != "equal" or self.parted or self.joined

    @property
    def is_stop(self) -> bool:
        """Whether a reader who goes from change to change stops here: once for what moved together."""
        return self.changed and not (self.follows and self.pure)

    @property
    def joined(self) -> bool:
        return any(run.operation == "join" for run in self.runs)

    @property
    def pure(self) -> bool:
        """Whether its words are the same in both texts."""
        return all(run.operation in ("equal", "form") for run in self.runs)

    @property
    def sign(self) -> str:
        return "¶" if self.kind in ("equal", "calm") and (self.parted or self.joined) else SIGNS[self.kind]

    @property
    def counted(self) -> str:
        """Under which of the names in CALLED it is counted."""
        if self.kind in ("equal", "calm") and self.changed:
            return "parted"
        if self.kind != "calm":
            return self.kind
        if self.block_kind == "date":
            return "date"
        return "number" if self.renumbered or all(run.before[:1].isdigit() for run in self.swaps) else "name"

    @property
    def swaps(self) -> list[Run]:
        return [run for run in self.runs if run.operation == "swap"]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)

    @property
    def is_told_above(self) -> bool:
        """Whether it is the heading of a section that moved, whose words its section's head shows already."""
        return self.kind == "move" and self.block_kind == "heading" and self.pure and bool(self.note_href)

    @property
    def renumbered(self) -> bool:
        return bool(self.label and self.old_label) and self.label != self.old_label

    @property
    def before(self) -> list[list[Run]]:
        """The blocks that it was made of, in the words of the old text; none where it is new."""
        blocks: list[list[Run]] = [[]]
        for run in self.runs:
            if run.operation == "join":
                blocks.append([])
            elif run.operation != "insert":
                blocks[-1].append(run)
        return [block for block in blocks if block]

    @property
    def after(self) -> list[Run]:
        return [run for run in self.runs if run.operation != "delete"]


@dataclass(slots=True)
class Pair:
    """A line of the reading side by side: what stood there in the old text, and the blocks that stand there now."""

    rows: list[Row]

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def touched(self) -> bool:
        return any(row.touched for row in self.rows)

    @property
    def is_stop(self) -> bool:
        return any(row.is_stop for row in self.rows)

    @property
    def before(self) -> list[list[Run]]:
        """One block where one was parted into several; two where their border moved."""
        if len(self.rows) == 1:
            return self.first.before
        blocks: list[list[Run]] = []
        for row in self.rows:
            for number, block in enumerate(row.before):
                if number or not blocks:
                    blocks.append(list(block))
                else:
                    blocks[-1] += [Run("equal", " "), *block]
        return blocks

    @property
    def after(self) -> list[Row]:
        return [row for row in self.rows if row.kind != "delete"]


@dataclass(slots=True)
class Stretch:
    """Rows that are shown, or `folded` since nothing near them changed or they moved with the block above them."""

    rows: list[Row]
    folded: bool = False

    @property
    def called(self) -> str:
        return "moved along, the same words" if self.rows[0].kind == "move" else "unchanged"

    @property
    def pairs(self) -> list[Pair]:
        found: list[Pair] = []
        for row in self.rows:
            if row.parted and found:
                found[-1].rows.append(row)
            else:
                found.append(Pair([row]))
        return found


@dataclass(slots=True)
class Section:
    """A heading with what follows it. `quiet`: one or more neighbouring sections in which nothing changed. `left`: the line
    where a whole section stood that moved."""

    heading: str
    anchor: str
    rows: list[Row] = field(default_factory=list)
    quiet: int = 0
    left: bool = False
    open: bool = False

    @property
    def changed(self) -> bool:
        return any(row.changed for row in self.rows)

    @property
    def touched(self) -> bool:
        return any(row.touched for row in self.rows)

    @property
    def counts(self) -> str:
        """`2 changed, 1 added`, in the order in which a reader asks."""
        kinds = Counter(row.counted for row in self.rows if row.touched)
        if len(self.rows) > 1 and kinds["move"] == len(self.rows):
            return "moved as a whole" if all(row.pure for row in self.rows) else "moved as a whole, with changed words"
        return ", ".join(f"{kinds[kind]} {word}" for kind, word in CALLED.items() if kinds[kind]) or "unchanged"

    @property
    def stretches(self) -> list[Stretch]:
        """The rows, those far from any change folded. The section's own heading stands in its head, unless it changed."""
        if not self.touched:
            return [Stretch(self.rows)]
        first = self.rows[0]
        rows = self.rows[1:] if first.block_kind == "heading" and not first.touched else self.rows
        shown = near([row.touched for row in rows])
        found: list[Stretch] = []
        for index, row in enumerate(rows):
            folded = index not in shown or (row.follows and row.pure)
            along = row.kind == "move"
            if not found or found[-1].folded != folded or (folded and (found[-1].rows[-1].kind == "move") != along):
                found.append(Stretch([], folded))
            found[-1].rows.append(row)
        for stretch in found:
            stretch.folded = stretch.folded and (len(stretch.rows) >= SHORTEST_FOLD or stretch.rows[0].kind == "move")
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """`sections` are what the page shows, `map` every heading with whether it changed."""

    sections: list[Section]
    map: list[Section]
    moved: bool
    calm: bool

    @property
    def identical(self) -> bool:
        """Not a word, a number or a name was added, removed, moved or changed."""
        return not any(section.touched for section in self.sections)
