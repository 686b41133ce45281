"""Looking words up in the table of beginnings finds what the patterns find by themselves."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.diffing.judging import plain
from monitoring.diffing.rules import WORD_RULES, Rule
from monitoring.diffing.spotting import Beginning, Searched, beginnings_of, spots, stands_in

EXAMPLES = " ".join(part for rule in WORD_RULES for part in rule.example)
WORDS = st.sampled_from(
    (
        f"{EXAMPLES} don't can't cannot no longer non-exclusive sub-processors subprocessors de-identify opt-out opt in "
        "class-action class actions small claims governing law laws of the State of New York precise geolocation "
        "sole absolute discretion develop our AI models AUD5 us$5 $1,000.50 5 euros 3.5% 10 per cent at least 13 over 18 "
        "30-day 12 (12) months GB 50GB January 5, 2026 2026-01-05 may/must (may) -may x'may we’ll İstanbul ſ 数may 30日 "
        "children's phone numbers credit card allowed allows required releases us the remedies , . - — ; ( ) ' \" n't"
    ).split()
)
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", " ", "", "-", "  ", "\n"])), max_size=25).map(
    lambda parts: "".join(word + space for word, space in parts)
)


def found_by_pattern(rule: Rule, text: str) -> list[str]:
    return [match[0].casefold() for match in rule.pattern.finditer(text)]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_every_rule_finds_what_its_pattern_finds(text: str) -> None:
    text = plain(text)
    found = spots(text)
    for rule in WORD_RULES:
        assert [spot.written.casefold() for spot in found.get(rule.id, [])] == found_by_pattern(rule, text), rule.id


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.integers(0, 40))
def test_a_rule_stands_in_a_text_where_its_pattern_finds_something(text: str, near: int) -> None:
    for rule in WORD_RULES:
        assert stands_in(rule, Searched(text), near) == (rule.pattern.search(text) is not None), rule.id


@pytest.mark.parametrize(
    ("alternative", "beginnings"),
    [
        ("may", [Beginning("may", whole=True)]),
        ("no longer", [Beginning("no", whole=True)]),
        ("sub-?processors?", [Beginning("sub")]),
        ("laws? of", [Beginning("law")]),
        ("(?:geo)?location", [Beginning("geo"), Beginning("location", whole=True)]),
        ("s(?:ell|old)", [Beginning("sell"), Beginning("sold")]),
        (r"\w+n't", [Beginning("", tail="n't")]),
    ],
)
def test_beginnings_are_read_from_a_pattern(alternative: str, beginnings: list[Beginning]) -> None:
    assert beginnings_of(alternative) == beginnings
