"""The comparison laid out for the change page."""

from __future__ import annotations

from monitoring.diffing import OperationKind, compare
from monitoring.diffing.reading import Row, RowChange, Section, SegmentKind, sections
from monitoring.extraction.texts import ExtractedText
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."


def read(old: ExtractedText, new: ExtractedText) -> list[Section]:
    return sections(old, new, compare(old, new))


def segments(row: Row) -> list[tuple[SegmentKind, str]]:
    return [(segment.kind, segment.text) for segment in row.segments]


def test_only_the_section_with_changed_words_is_changed() -> None:
    old, new = (
        text_of("# Terms", OPENING, "## Retention", f"We keep inputs for {time}.", "## Contact", "Write to us.")
        for time in ("30 days", "90 days")
    )
    found = read(old, new)
    assert [(section.title, section.changed) for section in found] == [
        ("Terms", False),
        ("Retention", True),
        ("Contact", False),
    ]
    row = found[1].rows[1]
    assert row.change == RowChange.CHANGE
    assert segments(row) == [
        (SegmentKind.EQUAL, "We keep inputs for "),
        (SegmentKind.DELETE, "30"),
        (SegmentKind.INSERT, "90"),
        (SegmentKind.EQUAL, " days."),
    ]


def test_spans_of_a_row_point_into_both_texts() -> None:
    old, new = text_of("Hello.", OPENING, "We keep it."), text_of(OPENING, "We never keep it.")
    for section in read(old, new):
        for row in section.rows:
            if row.new is not None:
                assert new.text[slice(*row.new)] == row.text
            else:
                assert row.old is not None
                assert old.text[slice(*row.old)] == row.text


def test_removed_section_stands_where_it_stood() -> None:
    old = text_of("# Terms", OPENING, "## Gone", "You may object to this.", "## Contact", "Write to us.")
    found = read(old, text_of("# Terms", OPENING, "## Contact", "Write to us."))
    assert [(section.title, section.removed) for section in found] == [
        ("Terms", False),
        ("Gone", True),
        ("Contact", False),
    ]
    assert {row.change for row in found[1].rows} == {RowChange.DELETE}


def test_added_section_is_all_new() -> None:
    new = text_of("# Terms", OPENING, "## Disputes", "You waive a jury.")
    found = read(text_of("# Terms", OPENING), new)
    assert (found[1].title, found[1].added) == ("Disputes", True)


def test_moved_block_is_shown_as_moved() -> None:
    moved = "We may suspend an account that breaks these rules."
    found = read(
        text_of(OPENING, "One more.", "Last words.", moved), text_of(moved, OPENING, "One more.", "Last words.")
    )
    rows = found[0].rows
    assert [row.change for row in rows] == ["move", "equal", "equal", "equal", "away"]
    assert rows[4].to == rows[0].new
    assert rows[4].text == moved


def test_blocks_that_moved_leave_a_row_at_the_place_between_those_that_stayed() -> None:
    moved = "We may suspend an account that breaks these rules."
    found = read(
        text_of(OPENING, moved, "One more.", "Last words."), text_of(OPENING, "One more.", "Last words.", moved)
    )
    assert [row.change for row in found[0].rows] == ["equal", "away", "equal", "equal", "move"]


def test_a_name_that_changed_throughout_is_no_change_of_the_passage() -> None:
    lines = ("Bard answers you.", "Nobody trains Bard for you.", "You may leave Bard at any time.")
    found = read(text_of(OPENING, *lines), text_of(OPENING, *(line.replace("Bard", "Gemini") for line in lines)))
    assert [row.change for row in found[0].rows] == ["equal", "name", "name", "name"]
    assert not found[0].changed
    name = found[0].rows[1].segments[0]
    assert (name.before, name.text) == ("Bard", "Gemini")


def test_a_passage_that_was_parted_says_so_and_two_that_were_joined_keep_the_place() -> None:
    one, two = "We keep your words for thirty days after they were said.", "Then we delete all of them in any case."
    parted = read(text_of(OPENING, f"{one} {two}"), text_of(OPENING, one, two))[0].rows
    joined = read(text_of(OPENING, one, two), text_of(OPENING, f"{one} {two}"))[0].rows
    assert [row.parted for row in parted] == [False, False, True]
    assert (SegmentKind.JOIN, " ") in segments(joined[1])


def test_other_quotation_marks_are_a_matter_of_form() -> None:
    found = read(text_of(OPENING, "The “Service” is free."), text_of(OPENING, 'The "Service" is free.'))
    assert [row.change for row in found[0].rows] == [RowChange.EQUAL, RowChange.FORM]
    assert not found[0].changed


def test_new_date_line_does_not_unfold_its_section() -> None:
    old, new = text_of("@ Updated May 1, 2025", OPENING), text_of("@ Updated June 3, 2026", OPENING)
    assert [row.change for row in read(old, new)[0].rows] == [RowChange.FORM, RowChange.EQUAL]


def test_paragraph_that_was_parted_or_joined_says_so_and_is_a_matter_of_form() -> None:
    first, second = "We may read what you send.", "We keep it for 30 days."
    whole, parts = text_of(OPENING, f"{first} {second}"), text_of(OPENING, first, second)
    assert [(row.change, row.parted, row.joined) for row in read(whole, parts)[0].rows] == [
        (RowChange.EQUAL, False, 0),
        (RowChange.EQUAL, False, 0),
        (RowChange.FORM, True, 0),
    ]
    assert [(row.change, row.parted, row.joined) for row in read(parts, whole)[0].rows] == [
        (RowChange.EQUAL, False, 0),
        (RowChange.FORM, False, 1),
    ]


def test_a_heading_with_another_title_is_one_row() -> None:
    lines = ("# Terms", OPENING, "## Gratuities", "We keep your words for thirty days after they were said.")
    found = read(text_of(*lines), text_of(*lines[:2], "## Presents", lines[3]))
    assert [(section.title, row.change) for section in found for row in section.rows] == [
        ("Terms", "equal"),
        ("Terms", "equal"),
        ("Presents", "change"),
        ("Presents", "equal"),
    ]


def test_sentence_that_came_or_went_at_the_end_of_a_block_moves_no_border() -> None:
    short, long = "The price may change.", "The price may change. We tell you before it does."
    for before, after in ((short, long), (long, short)):
        old, new = (text_of("# Fees", words, "It stays.") for words in (before, after))
        comparison = compare(old, new)
        assert len([each for each in comparison.operations if each.kind != OperationKind.EQUAL]) == 1
        rows = [row for section in sections(old, new, comparison) for row in section.rows]
        assert [(row.change, row.parted, row.joined) for row in rows if row.is_changed] == [
            (RowChange.CHANGE, False, 0)
        ]
