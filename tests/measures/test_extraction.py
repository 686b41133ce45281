"""The figures of the real pages, held so that a drop is seen. Lower them as they get better, never raise them."""

from __future__ import annotations

import pytest

from monitoring.extraction import from_markdown
from tests.measures.extraction import Figures, Way, measure, measures
from tests.measures.pack import DATA

#: In per cent: sentences lost, words beyond. Each loss was looked at: consent dialogues, forms, lists of products and footers
#: within the selected part; none is a clause. What is beyond without selectors are pages of several documents whose address
#: names none of them: told the kind, most are read alone. The median page has nothing beyond.
MOST = {Way.SELECTED: (0.134, 0.02), Way.ALONE: (0.18, 15.7), Way.TOLD: (0.18, 6.4)}
SENTENCE = "You may use the service only as long as these terms allow."


def test_a_lost_sentence_and_a_foreign_one_are_counted() -> None:
    theirs = from_markdown(f"{SENTENCE}\n\nWe may end your use of it at any time we like.")
    ours = from_markdown(f"{SENTENCE}\n\nBuy our hats today.")
    found = measure("x", ours, theirs)
    assert (found.sentences, len(found.lost), found.furniture_words) == (2, 1, 4)


def test_numbering_and_notes_on_new_windows_are_no_loss() -> None:
    theirs = from_markdown("You may (a) use the service(opens in a new window) and (ii) tell all others of it.")
    assert measure("x", from_markdown("You may use the service and tell all others of it."), theirs).lost == ()


def test_an_address_that_is_glued_to_its_neighbours_is_no_loss() -> None:
    theirs = from_markdown("Our head of legal affairs isx@y.exampleWho writes to us gets an answer.")
    ours = from_markdown("Our head of legal affairs is x@y.example\n\nWho writes to us gets an answer.")
    assert measure("x", ours, theirs).lost == ()


@pytest.mark.skipif(
    not (DATA / "pages" / "pages.tar.zst").exists() or not (DATA / "history").exists(),
    reason="the real page captures aren't beside the project",
)
def test_no_more_is_lost_or_added_on_real_pages_than_before() -> None:
    found = list(measures())
    for way, (lost, furniture) in MOST.items():
        figures = Figures.of([each for its, each in found if its is way])
        assert figures.pages > 140
        assert figures.errors == 0
        assert figures.lost <= lost
        assert figures.furniture <= furniture
        assert figures.median_furniture < 0.01
