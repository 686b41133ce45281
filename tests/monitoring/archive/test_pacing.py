"""How often a document is read, and when: stated by its changes, its host's name and the date."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from monitoring.archive import pacing

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
STATED = "2026-01-01T05:13:59.837155+00:00"
HOSTS = [f"policies-{number}.example:443" for number in range(240)]


@pytest.mark.parametrize(
    ("changes", "interval"),
    [
        (0, DAY),
        (1, DAY),
        (3, DAY),  # once a month
        (6, DAY / 2),
        (13, DAY / 4),  # once a week
        (90, DAY / 6),  # every day: the shortest interval
        (1000, DAY / 6),
    ],
)
def test_a_document_is_read_the_more_often_the_more_it_changes(changes: int, interval: timedelta) -> None:
    assert pacing.interval(pacing.readings_a_day(changes)) == interval


def test_bounds_are_settings(settings: Settings) -> None:
    settings.CHECK_INTERVAL, settings.SHORTEST_CHECK_INTERVAL = 12 * HOUR, 2 * HOUR

    assert [pacing.interval(pace) for pace in (1, 6, 100)] == [12 * HOUR, 4 * HOUR, 2 * HOUR]


def slots(host: str, period: timedelta, *, days: int) -> list[datetime]:
    found, after = [], NEW_YEAR
    while (after := pacing.next_slot(host, period, after=after)) < NEW_YEAR + days * DAY:
        found.append(after)
    return found


@pytest.mark.parametrize("host", HOSTS[:20])
def test_each_day_has_one_reading_of_a_daily_document(host: str) -> None:
    dates = [slot.date() for slot in slots(host, DAY, days=60)]

    assert dates == [(NEW_YEAR + number * DAY).date() for number in range(60)]


@pytest.mark.parametrize("host", HOSTS[:20])
def test_each_quarter_of_a_day_has_one_reading_of_a_document_that_changes_weekly(host: str) -> None:
    quarters = [(slot - NEW_YEAR) // (DAY / 4) for slot in slots(host, DAY / 4, days=10)]

    assert quarters == list(range(40))


def test_hosts_are_spread_over_the_day() -> None:
    hours = Counter(pacing.next_slot(host, DAY, after=NEW_YEAR).hour for host in HOSTS)

    assert len(hours) >= 23  # the very first hour holds only what came much sooner than its place
    assert max(hours.values()) <= 24  # ten on average


def test_readings_do_not_come_at_the_same_time_each_day() -> None:
    found = slots(HOSTS[0], DAY, days=30)
    times = [(slot - datetime.combine(slot.date(), datetime.min.time(), UTC)) for slot in found]

    assert len(set(times)) == 30
    assert max(times) - min(times) <= pacing.JITTER * DAY


def test_the_same_host_and_date_give_the_same_time_on_every_machine() -> None:
    assert pacing.next_slot("policies.example:443", DAY, after=NEW_YEAR).isoformat() == STATED


def test_what_is_due_together_at_one_host_is_read_together() -> None:
    morning, noon = NEW_YEAR + 8 * HOUR, NEW_YEAR + 9 * HOUR
    host = next(host for host in HOSTS if pacing.next_slot(host, DAY, after=morning) > noon)

    assert pacing.next_slot(host, DAY, after=morning) == pacing.next_slot(host, DAY, after=noon)


def test_a_reading_that_came_late_moves_no_later_one() -> None:
    slot = pacing.next_slot(HOSTS[0], DAY, after=NEW_YEAR)

    assert pacing.next_slot(HOSTS[0], DAY, after=slot) == pacing.next_slot(
        HOSTS[0], DAY, after=slot + timedelta(minutes=50)
    )


def test_back_off_doubles_up_to_the_interval_and_is_never_more_than_a_tenth_shorter() -> None:
    waits = [pacing.back_off(failures, DAY, salt="7 on 2026-01-01") for failures in range(1, 40)]

    for failures, wait in enumerate(waits, start=1):
        full = min(DAY, timedelta(minutes=15) * 2 ** min(failures - 1, 10))
        assert 0.9 * full < wait <= full


def test_what_failed_together_does_not_come_back_together() -> None:
    waits = {pacing.back_off(3, DAY, salt=f"{document} on 2026-01-01") for document in range(50)}

    assert len(waits) == 50
    assert pacing.back_off(3, DAY, salt="7 on 2026-01-01") in waits
