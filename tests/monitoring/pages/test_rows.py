"""The words of one row."""

from monitoring.catalogue.models import Document
from monitoring.changes.models import Change
from monitoring.pages.rows import change_line, worse


def change(**fields: object) -> Change:
    return Change(document=Document(title="Terms"), **fields)


def test_the_headline_begins_with_a_capital() -> None:
    assert change_line(change(headline="retention: 30 → 90 days")) == "Retention: 30 → 90 days"


def test_without_a_headline_the_summary_speaks() -> None:
    assert change_line(change(summary=["One section was added.", "And more."])) == "One section was added"


def test_a_change_without_words_says_why_it_weighs_so_little() -> None:
    reasons = [{"rule": "typography", "words": "only quotation marks differ"}]

    assert change_line(change(reasons=reasons)) == "Only quotation marks differ"


def test_else_it_says_how_much() -> None:
    assert change_line(change(words_added=3, words_removed=1)) == "3 words added, 1 removed"


def test_the_gravest_severity_counts() -> None:
    assert worse("low", "high", "medium") == "high"
