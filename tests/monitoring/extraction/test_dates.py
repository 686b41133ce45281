from __future__ import annotations

import pytest

from monitoring.extraction import BlockKind, DateKind, extract


def read(*lines: str):  # type: ignore[no-untyped-def]
    return extract("".join(f"<p>{line}</p>" for line in lines).encode(), media_type="text/html")


@pytest.mark.parametrize(
    ("line", "kind", "date"),
    [
        ("Last updated: May 1, 2024", "published", "2024-05-01"),
        ("Last Modified: Jun 16, 2026", "published", "2026-06-16"),
        ("Effective 14 February 2025", "effective", "2025-02-14"),
        ("Effective date: 2025-02-14", "effective", "2025-02-14"),
        ("These Terms of Service are effective as of 1st March 2025.", "effective", "2025-03-01"),
        ("Stand: 3. März 2024", "published", "2024-03-03"),
        ("Gültig ab 13.01.2024", "effective", "2024-01-13"),
        ("Effective 05/13/2024", "effective", "2024-05-13"),
        ("Senast uppdaterad: 5 maj 2025", "published", "2025-05-05"),
        ("Dernière mise à jour : 7 août 2024", "published", "2024-08-07"),
        ("Última actualización: 9 de enero de 2025", "published", "2025-01-09"),
        ("更新日期：2024年8月5日", "published", "2024-08-05"),
        ("生效日期：2024年8月5日", "effective", "2024-08-05"),
        ("October 2024", "published", "2024-10-01"),
    ],
)
def test_a_line_that_only_states_a_date_is_of_kind_date(line: str, kind: str, date: str) -> None:
    text = read("You pay.", line)
    assert text.blocks[1].kind is BlockKind.DATE
    assert [(str(stated.kind), stated.date, stated.words) for stated in text.dates] == [(kind, date, line)]


def test_a_line_may_state_both_dates() -> None:
    text = read("Published March 1, 2025. Effective April 1, 2025")
    assert [(stated.kind, stated.date) for stated in text.dates] == [
        (DateKind.PUBLISHED, "2025-03-01"),
        (DateKind.EFFECTIVE, "2025-04-01"),
    ]


def test_a_line_of_age_is_of_kind_date_without_a_date() -> None:
    text = read("Updated over 2 weeks ago", "You pay.")
    assert (text.blocks[0].kind, text.dates) == (BlockKind.DATE, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "The fee rises to 30 euros on May 1, 2024.",
        "If you signed up before May 1, 2024, the old terms apply to you.",
        "You have 30 days to object.",
        "Updated terms apply to everybody.",
    ],
)
def test_a_sentence_with_a_date_in_it_is_a_paragraph(sentence: str) -> None:
    assert read(sentence).blocks[0].kind is BlockKind.PARAGRAPH


def test_a_sentence_at_the_beginning_that_speaks_of_its_effect_states_a_date() -> None:
    text = read(
        "This policy, which covers everything that we offer to anybody, takes effect on May 1, 2024 and replaces it."
    )
    assert [(stated.kind, stated.date) for stated in text.dates] == [(DateKind.EFFECTIVE, "2024-05-01")]
    assert text.blocks[0].kind is BlockKind.PARAGRAPH


def test_a_date_that_does_not_exist_is_none() -> None:
    assert read("Last updated: February 31, 2024").dates == ()


def test_an_ambiguous_date_is_not_guessed() -> None:
    assert read("Last updated: 03/04/2024").dates == ()


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("UpdatedJanuary 10, 2024", DateKind.PUBLISHED),
        ("Effective January 10, 2024Previous version", DateKind.EFFECTIVE),
    ],
)
def test_a_date_is_found_where_its_neighbours_are_glued_to_it(line: str, kind: DateKind) -> None:
    text = read(line)
    assert [(stated.kind, stated.date) for stated in text.dates] == [(kind, "2024-01-10")]
    assert text.blocks[0].kind is BlockKind.DATE
