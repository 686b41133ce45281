"""The reading of a change, laid out for the desk: what is far from any change is folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.diffing.reading import Row, RowChange, Section, near
from monitoring.extraction.texts import BlockKind

SIGNS = {"equal": "", "insert": "+", "delete": "−", "change": "±", "move": "↕", "away": "↕", "name": "≈", "form": "≈"}


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One block: `before` is its old numbering where that differs. What moved is linked from `here` to `there`."""

    row: Row
    sign: str
    before: str
    here: str = ""
    there: str = ""


@dataclass(slots=True)
class Stretch:
    """Neighbouring blocks of one section. `folded`: nothing near them changed."""

    rows: list[ShownRow]
    folded: bool


@dataclass(slots=True)
class ShownSection:
    """`joined`: how many more unchanged sections follow in it. `quiet`: names, numbers or form alone changed in it;
    such a section is open where no other one changed."""

    title: str
    changed: bool
    added: bool
    removed: bool
    stretches: list[Stretch]
    joined: int = 0
    quiet: bool = False
    open: bool = False

    @property
    def touched(self) -> bool:
        return self.changed or self.quiet


def laid_out(sections: Iterable[Section]) -> list[ShownSection]:
    """In the order of the new text, neighbouring sections without a change joined."""
    shown: list[ShownSection] = []
    for section in sections:
        stretches = _stretches(_below_the_head(section))
        quiet = not section.changed and any(row.is_touched for row in section.rows)
        if shown and not (section.changed or quiet or shown[-1].changed or shown[-1].quiet):
            shown[-1].stretches += stretches
            shown[-1].joined += 1
            continue
        title = section.title or "Before the first heading"
        added, removed = section.changed and section.added, section.changed and section.removed
        shown.append(ShownSection(title, section.changed, added, removed, stretches, quiet=quiet))
    changed = any(section.changed for section in shown)
    for section_shown in shown:
        section_shown.open = section_shown.changed or (section_shown.quiet and not changed)
    return shown


def _below_the_head(section: Section) -> tuple[Row, ...]:
    """A heading that stayed as it was stands in the section's head already."""
    first = section.rows[0]
    return section.rows[1:] if first.kind == BlockKind.HEADING and not first.is_touched else section.rows


def _stretches(rows: tuple[Row, ...]) -> list[Stretch]:
    shown = near([row.is_touched for row in rows])
    found: list[Stretch] = []
    for index, row in enumerate(rows):
        folded = index not in shown
        if not found or found[-1].folded != folded:
            found.append(Stretch([], folded))
        before = row.old_label if row.old_label and row.label and row.old_label != row.label else ""
        found[-1].rows.append(ShownRow(row, SIGNS[row.change], before, *_link(row)))
    return found


def _link(row: Row) -> tuple[str, str]:
    """The anchors of a moved block's place and of its other one: a block is known by where it begins in the new text."""
    if row.change == RowChange.MOVE and row.new is not None:
        return f"came-{row.new[0]}", f"left-{row.new[0]}"
    if row.change == RowChange.AWAY and row.to is not None:
        return f"left-{row.to[0]}", f"came-{row.to[0]}"
    return "", ""
