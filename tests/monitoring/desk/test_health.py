"""How reading goes, for operators."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from atlas.kernel import clock
from monitoring.archive import incidents, recording, scheduling
from monitoring.archive.models import CheckSchedule, Host
from monitoring.catalogue.models import Document
from monitoring.fetching.outcomes import Reason
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db

LATER = timedelta(hours=20)


@pytest.fixture
def operator() -> Client:
    return signed_in(staff("operator"))


def scheduled(title: str = "Terms of Service", **fields: Any) -> Document:
    """A document that is read, next in some hours."""
    document = factories.document(title=title, **fields)
    with tenancy.system_scope("a schedule"):
        scheduling.sync_schedules()
        CheckSchedule.objects.update(next_check_at=clock.now() + LATER)
    return document


def failing(reason: Reason, why: str = "The page is gone.", **fields: Any) -> Document:
    document = scheduled(**fields)
    with tenancy.system_scope("an incident"):
        incidents.open_of_document(document, reason=reason, why=why, at=clock.now())
    return document


def post(client: Client, document: Document, action: str) -> Any:
    return client.post("/admin/desk/health/", {"document": document.pk, "action": action})


def shown(client: Client) -> str:
    return client.get("/admin/desk/health/").content.decode()


def next_check(document: Document) -> Any:
    return CheckSchedule.objects.get(document=document).next_check_at


def test_what_fails_stands_first_with_reason_and_since(operator: Client) -> None:
    scheduled("A good one")
    failing(Reason.HTTP_404, title="Z bad one")

    page = operator.get("/admin/desk/health/").content.decode()

    assert page.index("Z bad one") < page.index("A good one")
    assert "http_404" in page
    assert "The page is gone." in page
    assert "1 fails" in page


def test_only_what_fails_can_be_shown(operator: Client) -> None:
    scheduled("A good one")
    failing(Reason.HTTP_404, title="Z bad one")

    page = operator.get("/admin/desk/health/?only=failing").content.decode()

    assert "Z bad one" in page
    assert "A good one" not in page


def test_a_document_is_read_now(operator: Client) -> None:
    document = scheduled()

    post(operator, document, "read")

    assert next_check(document) <= clock.now()


def test_reading_now_ends_a_quarantine(operator: Client) -> None:
    document = scheduled()
    with tenancy.system_scope("quarantine"):
        recording.quarantine(document, at=clock.now())

    assert "left alone since" in operator.get("/admin/desk/health/").content.decode()
    post(operator, document, "read")

    assert CheckSchedule.objects.get(document=document).quarantined_at is None


def test_a_first_version_is_adopted_by_a_person(operator: Client) -> None:
    document = failing(Reason.NOT_ADOPTED, adopted_at=None)

    assert "adopt it" in operator.get("/admin/desk/health/").content.decode()
    post(operator, document, "adopt")

    document.refresh_from_db()
    assert document.adopted_at is not None
    assert next_check(document) <= clock.now()


def test_analysts_look_and_do_not_act(desk: Client) -> None:
    document = scheduled()

    assert "Read now" not in desk.get("/admin/desk/health/").content.decode()
    assert post(desk, document, "read").status_code == 403
    assert next_check(document) > clock.now()


@pytest.mark.parametrize("document", ["", "x", "999999"])
def test_an_unknown_document_is_not_found(operator: Client, document: str) -> None:
    assert operator.post("/admin/desk/health/", {"document": document, "action": "read"}).status_code == 404


def test_operators_begin_with_health(operator: Client) -> None:
    assert operator.get("/admin/")["Location"] == "/admin/desk/health/"


def test_twenty_documents_take_as_many_queries_as_one(operator: Client) -> None:
    counted = []
    for rows in (1, 19):
        for _ in range(rows):
            failing(Reason.TIMEOUT)
        operator.get("/admin/desk/health/")
        with CaptureQueriesContext(connection) as queries:
            operator.get("/admin/desk/health/")
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_operator_records_why_a_document_is_read_in_spite_of_robots_txt(operator: Client) -> None:
    document = failing(Reason.ROBOTS)
    assert "Record the exception" in operator.get("/admin/desk/health/").content.decode()

    operator.post(
        "/admin/desk/health/", {"document": document.pk, "action": "except", "reason": "They allowed it by mail."}
    )

    assert "in spite of robots.txt: They allowed it by mail." in operator.get("/admin/desk/health/").content.decode()
    assert Document.objects.get(pk=document.pk).robots_exception == "They allowed it by mail."


def test_operator_pins_how_often_a_document_is_read(operator: Client) -> None:
    document = scheduled()
    assert "once a day" in shown(operator)

    operator.post("/admin/desk/health/", {"document": document.pk, "action": "pin", "interval": "2"})

    assert "every 2 hours, by an operator’s word" in shown(operator)
    assert Document.objects.get(pk=document.pk).pinned_interval == timedelta(hours=2)
    assert next_check(document) <= clock.now() + timedelta(hours=4)
    logged = LogEntry.objects.get()
    assert (logged.object_id, logged.change_message) == (str(document.pk), "Read every 2 hours.")
    assert logged.user.staff_role == "operator"


def test_document_follows_its_own_changes_again(operator: Client) -> None:
    document = scheduled(pinned_interval=timedelta(days=7))
    assert "once a week, by an operator’s word" in shown(operator)

    operator.post("/admin/desk/health/", {"document": document.pk, "action": "pin", "interval": ""})

    assert "by an operator’s word" not in shown(operator)
    assert Document.objects.get(pk=document.pk).pinned_interval is None


def test_interval_that_is_not_offered_is_refused(operator: Client) -> None:
    document = scheduled(pinned_interval=timedelta(days=7))

    operator.post("/admin/desk/health/", {"document": document.pk, "action": "pin", "interval": "0"})

    assert Document.objects.get(pk=document.pk).pinned_interval == timedelta(days=7)


def test_document_that_changes_often_says_so(operator: Client) -> None:
    document = scheduled()
    with tenancy.system_scope("as its changes have it"):
        CheckSchedule.objects.filter(document=document).update(pace=4)

    assert "4 times a day: it changes often" in shown(operator)


def test_exception_without_a_reason_is_refused(operator: Client) -> None:
    document = failing(Reason.ROBOTS)

    operator.post("/admin/desk/health/", {"document": document.pk, "action": "except", "reason": "  "})

    assert Document.objects.get(pk=document.pk).robots_exception == ""
    assert next_check(document) > clock.now()


def test_what_was_seen_of_a_failed_answer_is_shown_as_text(operator: Client) -> None:
    document = scheduled()
    with tenancy.system_scope("an incident"):
        incidents.open_of_document(
            document, reason=Reason.BLOCK, why="status 403", at=clock.now(), seen="Access <b>denied</b>\n\nRay 18.2a"
        )

    page = operator.get("/admin/desk/health/").content.decode()

    assert "What was seen" in page
    assert "Access &lt;b&gt;denied&lt;/b&gt;" in page


def test_failures_are_counted_by_outcome_and_can_be_filtered(operator: Client) -> None:
    failing(Reason.BLOCK, title="Blocked one")
    failing(Reason.CHALLENGE, title="Challenged one")
    failing(Reason.HTTP_404, title="Missing one")

    page = operator.get("/admin/desk/health/?outcome=blocked").content.decode()

    assert ">blocked 2</a>" in page
    assert ">missing 1</a>" in page
    assert "Blocked one" in page
    assert "Challenged one" in page
    assert "Missing one" not in page


def test_an_unknown_outcome_shows_everything(operator: Client) -> None:
    failing(Reason.BLOCK, title="Blocked one")

    assert "Blocked one" in operator.get("/admin/desk/health/?outcome=nonsense").content.decode()


def failing_host(*titles: str, name: str = "Lumen") -> Document:
    """Documents of one host, which fails whole and is tried again in some minutes; the last one."""
    platform = factories.platform(name)
    for title in titles:
        document = factories.document(platform, title)
    with tenancy.system_scope("an outage"):
        scheduling.sync_schedules()
        now = clock.now()
        schedules = CheckSchedule.objects.filter(document__platform=platform)
        host = schedules[0].host
        schedules.update(next_check_at=now + LATER, failures=1, host=host)
        since = now - timedelta(hours=3)
        Host.objects.filter(pk=host.pk).update(failing_since=since, next_request_at=now + timedelta(minutes=28))
        incidents.become_of_host(host.pk, since=since, reason=Reason.CONNECT, why="Nobody answers there.", at=now)
    return document


def test_host_that_fails_whole_is_shown_once_with_what_was_seen_and_the_next_try(operator: Client) -> None:
    failing_host("Terms", "Privacy", "Usage")

    page = shown(operator)

    assert page.count("Nobody answers there.") == 1
    assert "lumen.example:443" in page
    assert "3 documents wait for it" in page
    assert "in 27 min" in page
    assert page.count("its host fails") == 3
    assert "<strong>3 fail</strong>" in page


def test_host_that_fails_whole_is_tried_now(operator: Client) -> None:
    document = failing_host("Terms", "Privacy")
    host = CheckSchedule.objects.get(document=document).host

    answer = operator.post("/admin/desk/health/", {"host": host.pk}, follow=True)

    assert "is asked for one document now" in answer.content.decode()
    host.refresh_from_db()
    assert host.next_request_at <= clock.now()
    assert next_check(document) <= clock.now()


def test_host_that_asked_us_to_stay_away_is_not_tried_sooner(operator: Client) -> None:
    document = failing_host("Terms", "Privacy")
    host = CheckSchedule.objects.get(document=document).host
    until = clock.now() + timedelta(hours=2)
    with tenancy.system_scope("as the host has asked"):
        Host.objects.filter(pk=host.pk).update(asked_until=until, next_request_at=until)
    assert "as it has asked us" in shown(operator)

    answer = operator.post("/admin/desk/health/", {"host": host.pk}, follow=True)

    assert "not sooner" in answer.content.decode()
    host.refresh_from_db()
    assert host.next_request_at == until


@pytest.mark.parametrize("host", ["", "x", "999999"])
def test_host_that_does_not_fail_is_not_found(operator: Client, host: str) -> None:
    assert operator.post("/admin/desk/health/", {"host": host}).status_code == 404


def test_analysts_do_not_try_hosts(desk: Client) -> None:
    document = failing_host("Terms", "Privacy")
    host = CheckSchedule.objects.get(document=document).host

    assert "Try now" not in shown(desk)
    assert desk.post("/admin/desk/health/", {"host": host.pk}).status_code == 403


def test_many_failing_hosts_take_as_many_queries_as_one(operator: Client) -> None:
    counted = []
    for names in (["Lumen"], ["Aurora", "Borealis", "Corona"]):
        for name in names:
            failing_host("Terms", "Privacy", name=name)
        shown(operator)
        with CaptureQueriesContext(connection) as queries:
            shown(operator)
        counted.append(len(queries))

    assert counted[0] == counted[1]
