"""Excerpts are described as W3C selectors and found again, or said to be gone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.anchoring import AnchorStatus, BadSelector, Selector, describe, locate
from monitoring.diffing import compare
from monitoring.extraction.texts import ExtractedText
from tests.monitoring.texts import text_of

RETENTION = "We keep what you send us for 30 days after you delete it."
TRAINING = "We may use what you send us to train our models."
OLD = text_of("# Terms", "Welcome to the service.", RETENTION, TRAINING, "Thank you for reading.")


def selector_of(words: str, text: ExtractedText = OLD) -> Selector:
    start = text.text.index(words)
    return describe(text.text, start, start + len(words))


def test_selector_holds_words_context_and_place() -> None:
    selector = selector_of(RETENTION)
    assert selector.exact == RETENTION == OLD.text[selector.start : selector.end]
    assert OLD.text[: selector.start].endswith(selector.prefix)
    assert OLD.text[selector.end :].startswith(selector.suffix)
    assert selector.prefix
    assert selector.suffix


def test_selector_is_w3c_json_and_comes_back() -> None:
    data = json.loads(json.dumps(selector_of(RETENTION).to_w3c()))
    assert [part["type"] for part in data] == ["TextQuoteSelector", "TextPositionSelector"]
    assert Selector.from_w3c(data) == selector_of(RETENTION)


def test_selector_without_words_is_refused() -> None:
    with pytest.raises(BadSelector):
        Selector.from_w3c({"type": "TextPositionSelector", "start": 1, "end": 4})


@pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 4), (3, 10_000)])
def test_passage_outside_of_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="no passage"):
        describe(OLD.text, start, end)


@pytest.mark.parametrize("followed", [True, False], ids=["through the comparison", "by search"])
class TestLocate:
    def find(self, words: str, new: ExtractedText, followed: bool) -> tuple[AnchorStatus, str, float]:
        anchor = locate(selector_of(words), new.text, through=compare(OLD, new) if followed else None)
        found = new.text[anchor.start : anchor.end] if anchor.status != AnchorStatus.REMOVED else ""
        return anchor.status, found, anchor.score

    def test_words_that_stay_are_exact_wherever_they_slid_to(self, followed: bool) -> None:
        new = text_of(
            "# Terms", "Words that are new here.", "Welcome to the service.", RETENTION, TRAINING, "Thank you."
        )
        assert self.find(RETENTION, new, followed) == (AnchorStatus.EXACT, RETENTION, 1.0)

    def test_words_between_other_neighbours_are_moved(self, followed: bool) -> None:
        new = text_of(TRAINING, "# Terms", "Welcome to the service.", RETENTION, "Thank you for reading.")
        assert self.find(TRAINING, new, followed) == (AnchorStatus.MOVED, TRAINING, 1.0)

    def test_reworded_sentence_is_modified(self, followed: bool) -> None:
        after = RETENTION.replace("30 days", "two years")
        status, found, score = self.find(
            RETENTION,
            text_of("# Terms", "Welcome to the service.", after, TRAINING, "Thank you for reading."),
            followed,
        )
        assert (status, found) == (AnchorStatus.MODIFIED, after)
        assert 0.7 < score < 1.0

    def test_sentence_that_is_gone_is_removed(self, followed: bool) -> None:
        new = text_of("# Terms", "Welcome to the service.", TRAINING, "Thank you for reading.")
        assert self.find(RETENTION, new, followed) == (AnchorStatus.REMOVED, "", 0.0)


def test_same_sentence_twice_is_told_apart_by_the_comparison() -> None:
    old = text_of("# One", TRAINING, "Words of the first part.", "# Two", TRAINING, "Words of the second part.")
    new = text_of("# One", "Words of the first part.", "# Two", TRAINING, "Words of the second part.")
    second = old.text.rindex(TRAINING)
    first = describe(old.text, old.text.index(TRAINING), old.text.index(TRAINING) + len(TRAINING))
    anchor = locate(describe(old.text, second, second + len(TRAINING)), new.text, through=compare(old, new))
    assert (anchor.status, anchor.start, anchor.score) == (AnchorStatus.EXACT, new.text.index(TRAINING), 1.0)
    assert locate(first, new.text, through=compare(old, new)).status == AnchorStatus.MOVED


def test_same_sentence_twice_lowers_the_score_of_a_search() -> None:
    text = text_of("Alike before.", TRAINING, "Alike before.", TRAINING, "Alike before.").text
    anchor = locate(Selector(TRAINING, "Alike before.\n\n", "\n\nAlike before.", 0, 0), text)
    assert anchor.score == pytest.approx(0.5)


def test_words_that_stand_elsewhere_untouched_are_preferred_to_the_place_where_they_were_changed() -> None:
    around = "You can ask us what we hold about you. {} You can write to us at any time."
    old = text_of("# Terms", around.format(RETENTION), "Thank you for reading.")
    reworded = around.format(RETENTION.replace("30 days", "90 days"))
    new = text_of("# Terms", reworded, "Thank you for reading.", f"A note on older accounts. {RETENTION} As ever.")

    anchor = locate(selector_of(RETENTION, old), new.text, through=compare(old, new))

    assert new.text[anchor.start : anchor.end] == RETENTION
    assert anchor.start == new.text.index(RETENTION)


def test_a_few_letters_that_are_alike_are_no_rewording_of_a_short_passage() -> None:
    old = text_of("# Terms", "Previous versions", "Thank you for reading.")
    new = text_of("# Terms", "Privileged sessions may end without notice.", "Thank you for reading.")

    assert locate(selector_of("Previous versions", old), new.text).status == AnchorStatus.REMOVED


@given(
    st.lists(st.text("ab .é中", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=6),
    st.integers(0, 1_000),
    st.integers(1, 1_000),
)
def test_any_passage_of_a_text_is_found_at_its_place_in_the_same_text(
    blocks: list[str], start: int, length: int
) -> None:
    text = text_of(*blocks)
    start %= len(text.text)
    end = min(len(text.text), start + length)
    if not text.text[start:end].strip():
        return

    anchor = locate(describe(text.text, start, end), text.text, through=compare(text, text))

    assert (anchor.status, anchor.start, anchor.end) == (AnchorStatus.EXACT, start, end)


def test_of_two_sections_that_say_the_same_the_one_behind_the_same_heading_is_found() -> None:
    rights = " ".join(f"You may ask us for right number {number} at any time." for number in range(6))
    old = f"In Europe we do this.\n\n{rights}\n\nIn Brazil we do that.\n\n{rights}\n\nThat is all."
    words = "You may ask us for right number 3 at any time."
    start = old.index(words)
    new = f"{'New words come before all of it. ' * 8}\n\n{old}"

    anchor = locate(describe(old, start, start + len(words)), new)

    assert (anchor.status, anchor.start) == (AnchorStatus.EXACT, new.index(words))
    assert 0.5 < anchor.score < 0.7
