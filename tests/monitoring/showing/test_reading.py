"""The inline reading: what the page shows of a comparison."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.diffing import compare
from monitoring.extraction import from_markdown
from monitoring.showing.passages import Reading, Row
from monitoring.showing.reading import read

OLD = """# Terms

## 1. Account

You need an account to use the service, and you keep its password to yourself.

## 2. Your content

You keep your rights in what you type.

We use your content to provide the service only.

We delete content within 30 days.

## 3. Closing

You may close the account at any time.

Nothing else is said here about closing.

## 4. Law

The law of Ireland applies to this agreement between you and us.
"""


def reading(old: str, new: str) -> Reading:
    before, after = from_markdown(old), from_markdown(new)
    return read(before, after, compare(before, after))


def rows(found: Reading) -> list[Row]:
    return [row for section in found.map for row in section.rows]


def changed(found: Reading) -> list[Row]:
    return [row for row in rows(found) if row.changed]


def test_equal_texts_have_no_changed_row() -> None:
    found = reading(OLD, OLD)

    assert found.identical
    assert len(found.sections) == 1


def test_changed_words_stand_inline_in_their_block() -> None:
    row = changed(reading(OLD, OLD.replace("30 days", "90 days")))[0]

    assert row.kind == "replace"
    assert [(run.operation, run.text) for run in row.runs if run.operation != "equal"] == [
        ("delete", "30"),
        ("insert", "90"),
    ]


def test_an_added_paragraph_is_a_row_of_its_own() -> None:
    found = reading(OLD, OLD.replace("## 3.", "Ratings are kept for five years in any case.\n\n## 3."))

    assert [(row.kind, row.text) for row in changed(found)] == [
        ("insert", "Ratings are kept for five years in any case.")
    ]


def test_a_removed_paragraph_stands_where_it_stood() -> None:
    found = reading(OLD, OLD.replace("We use your content to provide the service only.\n\n", ""))

    texts = [row.text for row in rows(found)]
    assert [row.kind for row in changed(found)] == ["delete"]
    assert (
        texts.index("We use your content to provide the service only.")
        == texts.index("We delete content within 30 days.") - 1
    )


def test_a_moved_paragraph_says_from_where() -> None:
    moved = "Nothing else is said here about closing."
    found = reading(OLD, OLD.replace(f"{moved}\n\n", "").replace("You need an", f"{moved}\n\nYou need an"))

    came, left = (next(row for row in changed(found) if row.kind == kind) for kind in ("move", "away"))
    assert came.note == "Moved from “Closing” ↓"
    assert left.note == "Moved to “Account” ↑"
    assert (came.note_href, left.note_href) == (f"#{left.id}", f"#{came.id}")
    assert found.moved


def test_a_section_that_moved_says_so_once() -> None:
    start, end = OLD.index("## 3."), OLD.index("## 4.")
    found = reading(OLD, OLD[:start] + OLD[end:] + "\n" + OLD[start:end])
    moved = [row for row in changed(found) if row.kind == "move"]

    assert len(moved) > 1
    assert [bool(row.note) for row in moved] == [True, *[False for _ in moved[1:]]]
    assert [section.counts for section in found.sections if section.changed and not section.left] == [
        "moved as a whole"
    ]
    [left] = [section.rows[0] for section in found.sections if section.left]
    assert (left.note, left.text) == ("Moved behind “Your content” ↑", "“Law” and 1 more passage")
    assert (moved[0].note, moved[0].note_href) == ("Moved from behind “Closing” ↓", f"#{left.id}")


def test_only_sections_that_changed_are_open() -> None:
    found = reading(OLD, OLD.replace("30 days", "90 days"))

    assert [(bool(section.quiet), section.changed) for section in found.sections] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_a_section_says_what_happened_in_it() -> None:
    new = OLD.replace("30 days", "90 days").replace("## 3.", "Ratings are kept for five years in any case.\n\n## 3.")

    section = next(section for section in reading(OLD, new).sections if section.changed)
    assert section.counts == "1 changed, 1 added"


def test_passages_far_from_a_change_are_folded() -> None:
    long = "\n\n".join(
        f"Paragraph number {word} says something of its own." for word in "one two three four five six".split()
    )
    new = long.replace("number one says", "number one now says")

    stretches = next(section for section in reading(long, new).sections if section.changed).stretches
    assert [(stretch.folded, len(stretch.rows)) for stretch in stretches] == [(False, 2), (True, 4)]


def test_a_removed_section_keeps_its_heading() -> None:
    new = OLD.replace(OLD[OLD.index("## 3.") : OLD.index("## 4.")], "")

    section = next(section for section in reading(OLD, new).sections if section.changed)
    assert "Closing" in section.heading
    assert {row.kind for row in section.rows} == {"delete"}


def test_words_of_both_sides_stand_beside_each_other() -> None:
    section = next(section for section in reading(OLD, OLD.replace("30 days", "90 days")).sections if section.changed)
    [pair] = [pair for stretch in section.stretches for pair in stretch.pairs if pair.touched]

    assert ["".join(run.text for run in block) for block in pair.before] == ["We delete content within 30 days."]
    assert ["".join(run.text for run in row.after) for row in pair.after] == ["We delete content within 90 days."]


def test_a_block_that_came_has_nothing_beside_it_and_one_that_went_neither() -> None:
    added = "Ratings are kept for five years in any case."
    gone, came = (
        next(
            pair
            for section in found.sections
            for stretch in section.stretches
            for pair in stretch.pairs
            if pair.touched
        )
        for found in (
            reading(OLD.replace("## 3.", f"{added}\n\n## 3."), OLD),
            reading(OLD, OLD.replace("## 3.", f"{added}\n\n## 3.")),
        )
    )

    assert (len(gone.before), gone.after) == (1, [])
    assert (came.before, len(came.after)) == ([], 1)


PARTED = ("We use your content to provide the service only.", "We delete content within 30 days.")


def test_one_passage_that_was_parted_stands_left_of_two() -> None:
    found = reading(OLD.replace("\n\n".join(PARTED), " ".join(PARTED)), OLD)
    pair = next(
        pair for section in found.sections for stretch in section.stretches for pair in stretch.pairs if pair.touched
    )

    assert ["".join(run.text for run in block) for block in pair.before] == [" ".join(PARTED)]
    assert [row.text for row in pair.after] == list(PARTED)


def test_two_passages_that_were_joined_stand_left_of_one() -> None:
    found = reading(OLD, OLD.replace("\n\n".join(PARTED), " ".join(PARTED)))
    pair = next(
        pair for section in found.sections for stretch in section.stretches for pair in stretch.pairs if pair.touched
    )

    assert ["".join(run.text for run in block) for block in pair.before] == list(PARTED)
    assert [row.text for row in pair.after] == [" ".join(PARTED)]


def test_a_passage_that_moved_and_changed_shows_its_words_and_where_it_was() -> None:
    law = "The law of Ireland applies to this agreement between you and us."
    new = OLD.replace(law, "Nothing more.").replace("You need an", f"{law.replace('Ireland', 'Malta')}\n\nYou need an")
    row = next(row for row in rows(reading(OLD, new)) if row.kind == "move")

    assert row.note.startswith("Moved from “Law”")
    assert [run.text for run in row.runs if run.operation == "insert"] == ["Malta"]


def test_new_numbers_are_told_apart_from_new_words() -> None:
    new = OLD.replace("## 4.", "## 5.").replace("## 3.", "## 4.")
    found = reading(OLD, new)

    assert [section.heading for section in found.sections if section.touched] == ["3. → 4. Closing", "4. → 5. Law"]
    assert {section.counts for section in found.sections if section.touched} == {"1 numbered anew"}
    assert changed(found) == []
    assert not found.identical


def test_a_name_that_changed_everywhere_is_no_deletion_and_no_insertion() -> None:
    old = "# Bard\n\nBard answers you.\n\nNobody trains Bard for you.\n\nYou may leave Bard at any time."
    found = reading(old, old.replace("Bard", "Gemini"))

    assert changed(found) == []
    assert {run.operation for row in rows(found) for run in row.runs} == {"equal", "swap"}
    assert [section.open for section in found.sections] == [True]


words = st.lists(
    st.sampled_from(["we", "keep", "delete", "data", "you", "may", "30", "90", "days"]), min_size=1, max_size=8
)
texts = st.lists(words, min_size=1, max_size=8).map(lambda blocks: "\n\n".join(" ".join(block) for block in blocks))


@pytest.mark.parametrize("side", ["old", "new"])
@settings(max_examples=60, deadline=None)
@given(old=texts, new=texts)
def test_no_word_of_either_text_is_lost(side: str, old: str, new: str) -> None:
    left_out = "insert" if side == "old" else "delete"
    present = [row for row in rows(reading(old, new)) if row.kind != "away"]
    shown = [run.text for row in present for run in row.runs if run.operation != left_out]
    expected = from_markdown(old if side == "old" else new).text

    assert sorted("".join("".join(shown).split())) == sorted("".join(expected.split()))


def test_a_paragraph_that_was_parted_or_joined_says_so() -> None:
    whole = "# Terms\n\nWe may read what you send. We keep it for 30 days.\n"
    parts = "# Terms\n\nWe may read what you send.\n\nWe keep it for 30 days.\n"
    assert [row.note for row in rows(reading(whole, parts))] == ["", "", "was one with the paragraph above"]
    assert [row.note for row in rows(reading(parts, whole))] == ["", "was 2 paragraphs"]


def test_two_passages_whose_border_moved_stand_as_they_were_beside_what_they_are() -> None:
    name, share, stop = (
        "You give us your name when you sign up.",
        "We share it with partners abroad.",
        "Ask us to stop.",
    )
    old, new = (
        from_markdown(text, language="en") for text in (f"{name} {share}\n\n{stop}", f"{name}\n\n{share} {stop}")
    )

    (pair,) = read(old, new, compare(old, new)).sections[0].stretches[0].pairs

    assert ["".join(run.text for run in block).strip() for block in pair.before] == [f"{name} {share}", stop]
    assert ["".join(run.text for run in row.after).strip() for row in pair.after] == [name, f"{share} {stop}"]
