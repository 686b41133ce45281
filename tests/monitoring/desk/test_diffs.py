"""How the reading of a change is laid out."""

from __future__ import annotations

from monitoring.desk.diffs import ShownSection, laid_out
from monitoring.diffing import compare
from monitoring.diffing.reading import sections
from monitoring.extraction import from_markdown

LONG = "\n\n".join(f"We do thing number {number} for you, as we always did." for number in range(6))


def shown(old: str, new: str) -> list[ShownSection]:
    before, after = from_markdown(old, language="en"), from_markdown(new, language="en")
    return laid_out(sections(before, after, compare(before, after)))


def words(section: ShownSection, *, folded: bool) -> str:
    return " ".join(row.row.text for stretch in section.stretches if stretch.folded == folded for row in stretch.rows)


def test_unchanged_sections_side_by_side_are_joined() -> None:
    same = "# One\n\nIt stays.\n\n# Two\n\nIt stays too.\n\n# Three\n\n"

    found = shown(f"{same}We keep it for 30 days.", f"{same}We keep it for 90 days.")

    assert [(section.title, section.changed, section.joined) for section in found] == [
        ("One", False, 1),
        ("Three", True, 0),
    ]


def test_what_is_far_from_a_change_is_folded() -> None:
    [section] = shown(f"{LONG}\n\nWe keep it for 30 days.", f"{LONG}\n\nWe keep it for 90 days.")

    assert "number 1" in words(section, folded=True)
    assert "number 5" in words(section, folded=False)


def test_a_heading_that_stayed_is_not_shown_twice() -> None:
    [section] = shown("# Keeping\n\nWe keep it for 30 days.", "# Keeping\n\nWe keep it for 90 days.")

    assert section.title == "Keeping"
    assert "Keeping" not in words(section, folded=False)


def test_new_and_removed_sections_are_called_so() -> None:
    found = shown(
        "# One\n\nIt stays.\n\n# Old\n\nThis will go away soon.",
        "# One\n\nIt stays.\n\n# New\n\nQuite other words came.",
    )

    assert ("New", True) in [(section.title, section.added) for section in found]
    assert ("Old", True) in [(section.title, section.removed) for section in found]


def test_what_moved_is_linked_to_the_place_it_left_and_back() -> None:
    found = shown(f"{LONG}\n\nWe keep your words.", f"We keep your words.\n\n{LONG}")

    rows = [row for section in found for stretch in section.stretches for row in stretch.rows]
    came, left = (next(row for row in rows if row.row.change == change) for change in ("move", "away"))
    assert (came.here, came.there) == (left.there, left.here) == ("came-0", "left-0")


def test_a_section_in_which_a_name_alone_changed_is_not_called_unchanged() -> None:
    old = "# One\n\nBard answers. Bard is free.\n\n# Two\n\nYou may leave Bard.\n\n# Three\n\nIt stays."

    found = shown(old, old.replace("Bard", "Gemini"))

    assert [(section.title, section.changed, section.quiet, section.open) for section in found] == [
        ("One", False, True, True),
        ("Two", False, True, True),
        ("Three", False, False, False),
    ]
