"""robots.txt on the way of a document: obeyed, read once, kept a day, and an operator's exception."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry

from accounts import tenancy
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import CheckSchedule, Host
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.desk.conftest import staff
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db
DISALLOW = b"User-agent: *\nDisallow: /terms\n"


def test_page_that_robots_txt_disallows_is_never_asked_for(site: Site, document: Document) -> None:
    site.robots_status, site.robots = 200, DISALLOW

    check = read(document)

    assert (check.outcome, check.reason) == ("disallowed", "robots")
    assert site.asked == []


def test_rules_for_us_stand_before_those_for_everybody(site: Site, document: Document) -> None:
    site.robots_status, site.robots = 200, DISALLOW + b"\nUser-agent: ConductAtlas\nAllow: /\n"

    assert read(document).outcome == "first"


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429])
def test_host_without_robots_txt_allows_everything(site: Site, document: Document, status: int) -> None:
    site.robots_status, site.robots = status, DISALLOW

    assert read(document).outcome == "first"


def test_host_that_fails_to_say_its_rules_is_not_read(site: Site, document: Document) -> None:
    site.robots_status = 503

    check = read(document)

    assert (check.outcome, check.reason) == ("unreachable", "http_5xx")
    assert "robots.txt" in check.why
    assert site.asked == []


def test_rules_are_kept_for_a_day(site: Site, document: Document) -> None:
    read(document)
    read(document, at=START + timedelta(hours=23))
    assert site.robots_asked == 1

    site.robots_status, site.robots = 200, DISALLOW
    check = read(document, at=START + timedelta(hours=25))

    assert (site.robots_asked, check.reason) == (2, "robots")


def test_rules_are_read_once_for_all_documents_of_a_holding(site: Site, document: Document) -> None:
    site.robots_status = 503  # which is not kept
    other = factories.document(document.platform, "Privacy Policy")
    factories.declaration(other, url=site.address)
    with tenancy.system_scope("schedule both"):
        scheduling.sync_schedules()
        lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=other).host)
    assert lease is not None

    checks = list(pipeline.read_documents([document.pk, other.pk], lease))

    assert [check.reason for check in checks] == ["http_5xx", "http_5xx"]
    assert site.robots_asked == 1


def test_rules_are_not_read_while_nothing_is_due(site: Site, document: Document) -> None:
    with tenancy.system_scope("nothing is due"):
        CheckSchedule.objects.update(next_check_at=START + timedelta(days=9000))

    assert pipeline.read_due_host() is None
    assert site.robots_asked == 0


def test_last_rules_hold_again_after_thirty_days_of_silence(site: Site, document: Document) -> None:
    read(document)
    site.robots_status = 500
    assert read(document, at=START + timedelta(days=2)).reason == "http_5xx"
    assert read(document, at=START + timedelta(days=31)).reason == "http_5xx"

    assert read(document, at=START + timedelta(days=32)).outcome == "unchanged"


def test_host_that_says_its_rules_again_was_never_silent(site: Site, document: Document) -> None:
    site.robots_status = 500
    read(document)
    site.robots_status = 404

    assert read(document, at=START + timedelta(hours=1)).outcome == "first"
    with tenancy.system_scope("look"):
        assert Host.objects.get(name=scheduling.host_of(site.address)).robots_silent_since is None


def test_exception_of_an_operator_is_read_and_kept_with_name_and_reason(site: Site, document: Document) -> None:
    site.robots_status, site.robots = 200, DISALLOW
    read(document)
    operator = staff("operator")

    with tenancy.staff_scope(operator):
        scheduling.except_from_robots(
            document=document, operator=operator, reason="Their counsel allowed it by mail.", moment=START
        )

    assert read(document, at=START + timedelta(hours=1)).outcome == "first"
    entry = LogEntry.objects.get(object_id=str(document.pk), user=operator)
    assert "Their counsel allowed it by mail." in entry.change_message
    assert entry.action_time == START


def test_exception_that_was_taken_back_is_none(site: Site, document: Document) -> None:
    site.robots_status, site.robots = 200, DISALLOW
    operator = staff("operator")
    with tenancy.staff_scope(operator):
        for reason in ("They allowed it.", ""):
            scheduling.except_from_robots(document=document, operator=operator, reason=reason, moment=START)

    assert read(document).reason == "robots"
