"""Items of lists that came under another lead-in."""

from __future__ import annotations

from monitoring.diffing import Comparison, Significance, compare
from monitoring.diffing.words import headline, summary_as_text
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."
COPY, SELL, HIDE = "- copy the text", "- sell the text", "- hide its source"


def rules(comparison: Comparison) -> list[str]:
    return [reason.rule for reason in comparison.reasons]


def test_item_that_came_under_the_opposite_lead_in_is_substantive_and_quoted() -> None:
    old = text_of(OPENING, "You may:", COPY, SELL, "You may not:", HIDE)
    new = text_of(OPENING, "You may:", COPY, "You may not:", HIDE, SELL)
    comparison = compare(old, new)
    assert (comparison.significance, rules(comparison)) == (Significance.SUBSTANTIVE, ["lead-in"])
    assert summary_as_text(comparison.summary)[0] == "“sell the text” moved from “You may:” to “You may not:”."
    assert headline(comparison.summary) == "“sell the text” moved to “You may not:”"
    (item,) = comparison.summary.duties
    assert (old.text[slice(*item.old)], new.text[slice(*item.new)]) == ("sell the text", "sell the text")


def test_lead_in_that_came_between_items_leads_those_that_follow() -> None:
    old = text_of(OPENING, "We collect:", "- names of guests", "- faces of guests")
    new = text_of(OPENING, "We collect:", "- names of guests", "We never collect:", "- faces of guests")
    assert "lead-in" in rules(compare(old, new))


def test_item_that_came_under_a_lead_in_of_the_same_kind_is_minor() -> None:
    old = text_of(OPENING, "You may at home:", COPY, SELL, "You may at work:", HIDE)
    new = text_of(OPENING, "You may at home:", COPY, "You may at work:", HIDE, SELL)
    comparison = compare(old, new)
    assert (comparison.significance, rules(comparison)) == (Significance.MINOR, ["moved"])


def test_item_that_moved_within_its_list_is_cosmetic() -> None:
    old, new = text_of(OPENING, "You may:", COPY, SELL, HIDE), text_of(OPENING, "You may:", HIDE, COPY, SELL)
    assert compare(old, new).significance == Significance.COSMETIC


def test_list_that_moved_with_its_lead_in_is_cosmetic() -> None:
    first, second = ("You may:", COPY, SELL), ("You may not:", HIDE)
    assert compare(text_of(*first, *second), text_of(*second, *first)).significance == Significance.COSMETIC


def test_reworded_lead_in_is_told_once() -> None:
    old, new = (text_of(OPENING, f"You may {words}:", COPY, SELL, HIDE) for words in ("do this", "not do this"))
    assert rules(compare(old, new)) == ["negation"]
