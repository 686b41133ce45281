"""Tables: a row is found by its first cell, a row more is one insert, and another order of columns is told once."""

from __future__ import annotations

from monitoring.diffing import Comparison, Significance, apply, compare
from monitoring.diffing.reading import RowChange, sections
from monitoring.extraction.texts import ExtractedText
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."
HEAD = "| Data | Kept | Shared with"
ROWS = ("| Logs | 30 days | nobody", "| Photos | a year | partners", "| Names | a decade | advertisers")


def changes(old: ExtractedText, new: ExtractedText) -> list[tuple[str, str]]:
    comparison = compare(old, new)
    assert apply(old, comparison) == new.text
    rows = [row for section in sections(old, new, comparison) for row in section.rows]
    return [(str(row.change), row.text) for row in rows if row.change != RowChange.EQUAL]


def verdict(comparison: Comparison) -> tuple[Significance, list[str]]:
    return comparison.significance, [reason.rule for reason in comparison.reasons]


def test_row_whose_other_cells_all_changed_is_still_that_row() -> None:
    rows = ("| Logs | for as long as the law of your home says | the police", *ROWS[1:])
    assert changes(text_of(OPENING, HEAD, *ROWS), text_of(OPENING, HEAD, *rows)) == [("change", rows[0][2:])]


def test_rows_that_changed_each_keep_to_their_first_cell_when_one_came_between() -> None:
    logs, photos = "| Logs | two weeks | nobody", "| Photos | 30 days | no partners"
    new = text_of(OPENING, HEAD, logs, "| Voices | 30 days | nobody", photos, ROWS[2])
    assert changes(text_of(OPENING, HEAD, *ROWS), new) == [
        ("change", logs[2:]),
        ("insert", "Voices | 30 days | nobody"),
        ("change", photos[2:]),
    ]


def test_numbers_of_rows_name_no_row() -> None:
    old = text_of(OPENING, "| 1 | We answer your letters | daily", "| 2 | We read your letters | weekly")
    new = text_of(
        OPENING,
        "| 1 | Nobody pays | ever",
        "| 2 | We answer your letters | daily",
        "| 3 | We read your letters | monthly",
    )
    assert changes(old, new) == [
        ("insert", "1 | Nobody pays | ever"),
        ("change", "2 | We answer your letters | daily"),
        ("change", "3 | We read your letters | monthly"),
    ]


def shuffled(row: str) -> str:
    first, second, third = row[2:].split(" | ")
    return f"| {third} | {first} | {second}"


def test_other_order_of_columns_is_cosmetic_and_unfolds_nothing() -> None:
    old, new = text_of(OPENING, HEAD, *ROWS), text_of(OPENING, *map(shuffled, (HEAD, *ROWS)))
    comparison = compare(old, new)
    assert verdict(comparison) == (Significance.COSMETIC, ["columns"])
    assert (comparison.words_added, comparison.words_removed) == (0, 0)
    assert {change for change, _ in changes(old, new)} == {"form"}


def test_cell_that_changed_under_another_order_of_columns_is_told() -> None:
    new = text_of(OPENING, *map(shuffled, (HEAD, "| Logs | 90 days | nobody", *ROWS[1:])))
    comparison = compare(text_of(OPENING, HEAD, *ROWS), new)
    assert comparison.significance == Significance.SUBSTANTIVE
    assert [item.after for item in comparison.summary.quantities] == ["90 days"]


def test_names_of_columns_that_change_places_over_the_same_cells_are_no_matter_of_form() -> None:
    rows = ("| Logs | yes | no", "| Photos | no | yes")
    old, new = text_of(OPENING, "| Data | Kept | Sold", *rows), text_of(OPENING, "| Data | Sold | Kept", *rows)
    assert compare(old, new).significance not in (Significance.NONE, Significance.COSMETIC)


def test_cells_that_change_places_under_the_same_names_are_substantive() -> None:
    old, new = (text_of(OPENING, "| Data | Kept | Sold", row) for row in ("| Photos | yes | no", "| Photos | no | yes"))
    assert compare(old, new).significance == Significance.SUBSTANTIVE
