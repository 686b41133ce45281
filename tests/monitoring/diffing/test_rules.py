"""What a lawyer watches, each with the rule that sees it; the examples of the table itself are run beside ``compare``."""

from __future__ import annotations

import pytest

from monitoring.diffing import Significance, compare
from monitoring.diffing.rules import RULES
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."
WATCHED = [
    ("number.duration", "Answers come in 30 days.", "Answers come in 30 business days."),
    ("number.duration", "Answers come in thirty days.", "Answers come in sixty days."),
    ("number.money", "The price is $20 a head.", "The price is €20 a head."),
    ("number.percent", "Late bills bear 5% more.", "Late bills bear 8 percent more."),
    ("number.date", "It starts on 1 May 2026.", "It starts on 1 June 2026."),
    ("number.age", "Be at least 16 to join.", "Be at least 18 to join."),
    ("number.unit", "Send up to 40 messages here.", "Send up to 10 messages here."),
    ("negation", "We read your letters.", "We never read your letters."),
    ("negation", "It is open to guests.", "It isn't open to guests."),
    ("modality", "We may share it here.", "We will share it here."),
    ("modality", "You must write to us.", "You should write to us."),
    ("modality", "We shall pay.", "We can pay."),
    ("data.consent", "It begins when you opt in.", "It begins unless you opt out."),
    ("law.parties", "You deal with Example, Inc. here.", "You deal with Example LLC here."),
    ("law.venue", "The laws of Sweden govern this.", "The laws of Ireland govern this."),
    ("law.venue", "Go to the courts of Lund with it.", "Go to the courts of Dublin with it."),
    ("law.arbitration", "A judge decides.", "An arbitrator decides."),
    ("scope", "Use it for one purpose.", "Use it for any purpose."),
    ("scope", "Use it for some purposes.", "Use it for all purposes."),
    ("scope", "Use it at work.", "Use it only at work."),
    ("scope", "Use it for study.", "Use it solely for study."),
    ("scope", "It is a permission.", "It is a perpetual permission."),
    ("scope", "It is a permission.", "It is an irrevocable permission."),
    ("scope", "We count visits.", "We count visits, including those of guests."),
    ("data.kind", "We collect names.", "We collect names and biometric templates."),
    ("right.licence", "Your text is yours.", "Your text is yours, and licensed to us."),
    ("right.liability", "We pay for harm.", "We pay for harm unless we disclaim it."),
]


@pytest.mark.parametrize(("rule", "old", "new"), WATCHED)
def test_change_that_a_lawyer_watches_is_substantive_for_its_reason(rule: str, old: str, new: str) -> None:
    comparison = compare(text_of(OPENING, old), text_of(OPENING, new))
    assert rule in [reason.rule for reason in comparison.reasons]
    assert comparison.significance == Significance.SUBSTANTIVE


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("modality", "You must tell us about it."),
        ("right.licence", "Everyone gets a licence to it."),
        ("data.kind", "There are recordings of it."),
        ("data.sharing", "Advertisers get a copy."),
    ],
)
def test_duty_right_or_kind_of_data_that_comes_or_goes_whole_is_substantive(rule: str, sentence: str) -> None:
    without, with_it = text_of(OPENING), text_of(OPENING, sentence)
    for old, new in ((without, with_it), (with_it, without)):
        assert rule in [reason.rule for reason in compare(old, new).reasons]


def test_ids_of_the_table_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_dots_and_commas_of_a_company_change_no_party() -> None:
    old, new = text_of(OPENING, "Example Labs, Inc. made it."), text_of(OPENING, "Example Labs Inc made it.")
    assert compare(old, new).significance == Significance.MINOR
