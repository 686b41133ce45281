"""When a document is read next, by what its readings came to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts import tenancy
from monitoring.archive import pacing, scheduling
from monitoring.archive.models import Cause, CheckSchedule
from monitoring.catalogue.models import Document
from monitoring.changes.models import ReleaseState, Significance
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def schedule(document: Document) -> CheckSchedule:
    with tenancy.system_scope("look at the schedule"):
        return CheckSchedule.objects.select_related("host").get(document=document)


def changed(document: Document, times: int, *, state: str = ReleaseState.APPROVED, **fields: Any) -> None:
    """So many changes before the tests begin, one a day."""
    for number in range(times, 0, -1):
        change = factories.change(document, observed_at=START - number * DAY, **fields)
        factories.release(change, state=state)


def period_after_a_change(site: Site, document: Document) -> timedelta:
    """The time between the readings of this document, as planned once one of them has found new words."""
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    assert read(document, at=START + timedelta(hours=1)).outcome == "changed"
    due = schedule(document).next_check_at
    read(document, at=due)
    first, second = due, schedule(document).next_check_at
    return second - first


@pytest.fixture
def history(site: Site, document: Document) -> Document:
    """The document, read by the tests' site, with room for changes before START."""
    factories.version(document, observed_at=START - 200 * DAY)
    return document


def test_unchanged_document_is_read_once_on_the_next_day(site: Site, document: Document) -> None:
    read(document)
    first = schedule(document).next_check_at
    read(document, at=first)
    second = schedule(document).next_check_at

    assert first == pacing.next_slot(schedule(document).host.name, DAY, after=START)
    assert second.date() - first.date() == DAY


def test_document_that_changes_often_is_read_more_often(site: Site, history: Document) -> None:
    changed(history, 12)

    assert timedelta(hours=5) < period_after_a_change(site, history) < timedelta(hours=7)


@pytest.mark.parametrize(
    ("why", "fields"),
    [
        ("only its form changed", {"significance": Significance.COSMETIC}),
        ("we read it in a new way", {"cause": Cause.EXTRACTOR}),
        ("it was noise", {"state": ReleaseState.SUPPRESSED}),
    ],
)
def test_what_is_no_change_of_words_by_the_platform_hurries_nobody(
    site: Site, history: Document, why: str, fields: dict[str, str]
) -> None:
    changed(history, 12, **fields)

    assert period_after_a_change(site, history) > timedelta(hours=20)


def test_document_that_has_calmed_down_is_read_daily_again(site: Site, history: Document) -> None:
    changed(history, 12)
    period_after_a_change(site, history)
    assert schedule(history).pace == 4

    read(history, at=START + 60 * DAY)
    assert schedule(history).pace == 4
    read(history, at=START + 100 * DAY)
    assert schedule(history).pace == 1


def test_failing_document_is_tried_later_and_later_but_each_day(site: Site, document: Document) -> None:
    site.status = 404
    waits, at = [], START
    for _ in range(12):
        read(document, at=at)
        due = schedule(document).next_check_at
        waits.append(due - at)
        at = due

    for doubled, wait in enumerate(waits):
        full = min(DAY, timedelta(minutes=15) * 2**doubled)
        assert 0.9 * full < wait <= full


def test_failure_is_forgotten_with_the_next_good_reading(site: Site, document: Document) -> None:
    site.status = 404
    read(document)
    read(document, at=START + timedelta(hours=1))
    site.status = 200
    read(document, at=START + timedelta(hours=2))

    assert schedule(document).failures == 0


def test_pinned_interval_rules_over_the_documents_own_changes(site: Site, history: Document) -> None:
    changed(history, 12)
    with tenancy.system_scope("pin"):
        history.pinned_interval = timedelta(days=7)
        history.save(update_fields=["pinned_interval"])

    assert timedelta(days=6) < period_after_a_change(site, history) < timedelta(days=8)


def test_host_that_asks_for_longer_than_a_pinned_interval_is_left_alone_for_so_long(
    site: Site, document: Document
) -> None:
    with tenancy.system_scope("pin"):
        document.pinned_interval = timedelta(hours=1)
        document.save(update_fields=["pinned_interval"])
    site.status, site.retry_after = 503, str(5 * 3600)

    read(document)

    assert schedule(document).next_check_at == START + timedelta(hours=5)
    assert schedule(document).host.next_request_at == START + timedelta(hours=5)


def test_shorter_interval_brings_the_next_reading_nearer(site: Site, document: Document) -> None:
    read(document)
    host = schedule(document).host.name

    with tenancy.system_scope("pin"):
        operator = factories.user(staff_role="operator", is_staff=True)
        scheduling.pin_interval(document=document, operator=operator, interval=timedelta(hours=1), moment=START)

    assert schedule(document).next_check_at == pacing.next_slot(host, timedelta(hours=1), after=START)


def test_the_demo_is_read_all_the_time(site: Site, document: Document, settings: Settings) -> None:
    with tenancy.system_scope("a demo's platform"):
        document.platform.demo = True
        document.platform.save(update_fields=["demo"])

    read(document)

    assert schedule(document).next_check_at - START <= 2 * settings.DEMO_CHECK_INTERVAL
