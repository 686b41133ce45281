"""The last twelve months of changes as a drawing."""

from datetime import UTC, date, datetime

from monitoring.pages.pulse import HEIGHT, MONTHS, WIDTH, first_month, pulse

TODAY = date(2026, 2, 10)


def at(year: int, month: int) -> datetime:
    return datetime(year, month, 5, tzinfo=UTC)


def test_it_shows_twelve_months_up_to_the_present_one() -> None:
    drawn = pulse([(at(2026, 2), "minor")], TODAY)

    assert drawn is not None
    assert [drawn.months[0].first, drawn.months[-1].first] == [date(2025, 3, 1), date(2026, 2, 1)]
    assert len(drawn.months) == MONTHS
    assert first_month(TODAY) == date(2025, 3, 1)


def test_the_month_with_most_changes_is_as_high_as_the_drawing() -> None:
    drawn = pulse([(at(2026, 2), "minor"), (at(2026, 1), "minor"), (at(2026, 1), "minor")], TODAY)

    assert drawn is not None
    assert [bar.height for bar in drawn.bars] == [HEIGHT, HEIGHT / 2]


def test_significances_stand_on_each_other_the_gravest_on_the_ground() -> None:
    drawn = pulse([(at(2026, 2), "minor"), (at(2026, 2), "substantive")], TODAY)

    assert drawn is not None
    last = (MONTHS - 1) * WIDTH
    assert [(bar.significance, bar.x, bar.y) for bar in drawn.bars] == [
        ("substantive", last, HEIGHT / 2),
        ("minor", last, 0),
    ]


def test_without_a_change_in_a_year_nothing_is_drawn() -> None:
    assert pulse([(at(2024, 1), "minor")], TODAY) is None
