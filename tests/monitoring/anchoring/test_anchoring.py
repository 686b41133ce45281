"""Excerpts are described as W3C selectors and found again, or said to be gone."""

from __future__ import annotations

import json

import pytest

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
