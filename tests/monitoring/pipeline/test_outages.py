"""A host that fails whole makes one incident, is left alone, and is read again as soon as it answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from accounts import tenancy
from atlas.demo.processes import free_port
from atlas.kernel import clock
from monitoring import outages, pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, Host, Incident, Sighting
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.pipeline.site import START, Site
from tests.wire.certificate import server_context
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOMORROW = START + DAY
TITLES = ["Terms", "Privacy Policy", "Usage Policy", "Cookie Policy", "Notice"]


def documents_at(*urls: str) -> list[Document]:
    """Documents of one platform that are due tomorrow, in this order."""
    platform = factories.platform()
    made = []
    for title, url in zip(TITLES, urls, strict=False):
        made.append(factories.document(platform, title))
        factories.declaration(made[-1], url=url)
    with tenancy.system_scope("schedule them"):
        scheduling.sync_schedules()
    due_on(TOMORROW, made)
    return made


def due_on(moment: datetime, documents: list[Document]) -> None:
    with tenancy.system_scope("make them due"):
        Host.objects.update(next_request_at=moment)
        for number, document in enumerate(documents):
            due = moment + timedelta(seconds=number)
            CheckSchedule.objects.filter(document=document).update(next_check_at=due)


def read(at: datetime) -> int | None:
    with clock.at(at + MINUTE):
        return pipeline.read_due_host()


@pytest.fixture
def documents(site: Site) -> list[Document]:
    """Five documents of one host, read once; they are due again."""
    made = documents_at(*[site.address] * 5)
    assert read(TOMORROW) == 5
    due_on(TOMORROW + HOUR, made)
    site.asked.clear()
    return made


OUT = TOMORROW + HOUR


def open_incidents() -> list[Incident]:
    with tenancy.system_scope("look"):
        return list(Incident.objects.open().select_related("document", "host"))


def host_of(document: Document) -> Host:
    with tenancy.system_scope("look"):
        return CheckSchedule.objects.select_related("host").get(document=document).host


def checks_of(document: Document) -> list[str]:
    with tenancy.system_scope("look"):
        found = Check.objects.filter(document=document).order_by("observed_at")
        return [check.reason or check.outcome for check in found]


@contextmanager
def nothing_listens() -> Iterator[str]:
    yield f"http://127.0.0.1:{free_port()}/terms"


@contextmanager
def nobody_signed() -> Iterator[str]:
    with WireServer(tls=server_context()) as site:
        yield site.url("/terms", host="localhost")


@contextmanager
def every_answer_is_an_error() -> Iterator[str]:
    with WireServer() as site:
        site.answers("/terms", status=502)
        yield site.url("/terms")


@contextmanager
def robots_txt_is_an_error_too() -> Iterator[str]:
    with WireServer() as site:
        site.answers("/terms", status=502)
        site.answers("/robots.txt", status=500)
        yield site.url("/terms")


@contextmanager
def too_many_requests() -> Iterator[str]:
    with WireServer() as site:
        site.answers("/terms", status=429)
        yield site.url("/terms")


FAILURES = {
    "connect": nothing_listens,
    "tls": nobody_signed,
    "http_5xx": every_answer_is_an_error,
    "http_5xx of robots.txt": robots_txt_is_an_error_too,
    "http_429": too_many_requests,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_host_that_fails_whole_makes_one_incident(failure: str) -> None:
    with FAILURES[failure]() as url:
        made = documents_at(*[url] * 5)
        assert read(TOMORROW) == 2

    [incident] = open_incidents()
    assert (incident.document, incident.host) == (None, host_of(made[0]))
    assert incident.reason == failure.partition(" ")[0]
    assert incident.opened_at == TOMORROW + MINUTE
    assert incident.checks == 2


def test_other_documents_are_not_asked_for_and_nothing_is_said_of_them(site: Site, documents: list[Document]) -> None:
    site.status = 503

    assert read(OUT) == 2

    assert len(site.asked) == 2
    assert [checks_of(document)[1:] for document in documents] == [["http_5xx"], ["http_5xx"], [], [], []]
    with tenancy.system_scope("look"):
        assert Sighting.objects.filter(open=True).count() == 3  # of those nobody asked for, nothing was seen to end


def test_host_is_tried_with_one_document_later_and_later(site: Site, documents: list[Document]) -> None:
    site.status = 503
    read(OUT)
    waits, at = [], OUT
    for _ in range(8):
        due = host_of(documents[0]).next_request_at
        waits.append(due - at - MINUTE)
        assert read(due - 2 * MINUTE) is None
        assert read(due) == 1
        at = due

    full = [min(outages.LONGEST_WAIT, 15 * MINUTE * 2**tries) for tries in range(8)]
    assert all(0.9 * most < wait <= most for most, wait in zip(full, waits, strict=True))
    assert len(site.asked) == 2 + 8
    assert [incident.checks for incident in open_incidents()] == [10]


def test_each_try_asks_for_another_document(site: Site, documents: list[Document]) -> None:
    site.status = 503
    read(OUT)
    for _ in range(3):
        read(host_of(documents[0]).next_request_at)

    assert [len(checks_of(document)) for document in documents] == [2, 2, 2, 2, 2]


def test_incident_closes_by_itself_and_all_that_waited_is_read(site: Site, documents: list[Document]) -> None:
    site.status = 503
    read(OUT)
    back = host_of(documents[0]).next_request_at + 2 * MINUTE  # by when the first one's own back-off is over too
    site.status = 200

    assert read(back) == 5

    assert open_incidents() == []
    assert [checks_of(document)[-1] for document in documents] == ["unchanged"] * 5
    assert host_of(documents[0]).failing_since is None
    with tenancy.system_scope("look"):
        assert Incident.objects.get().closed_at == back + MINUTE


def test_answer_that_is_no_document_ends_the_outage_as_well(site: Site, documents: list[Document]) -> None:
    site.status = 503
    read(OUT)
    site.status = 404
    read(host_of(documents[0]).next_request_at)

    assert {(incident.host, incident.reason) for incident in open_incidents()} == {(None, "http_404")}


def test_documents_that_fail_alone_make_incidents_of_their_own() -> None:
    with WireServer() as site:
        site.answers("/bad", status=503)
        site.answers("/good", status=404)
        made = documents_at(*[site.url(path) for path in ("/bad", "/good", "/bad", "/good")])

        assert read(TOMORROW) == 4

    assert {incident.document for incident in open_incidents()} == set(made)


def test_two_broken_pages_of_a_good_host_are_told_apart_once_it_answers() -> None:
    with WireServer() as site:
        site.answers("/bad", status=503)
        site.answers("/good", status=404)
        first, second, good = documents_at(*[site.url(path) for path in ("/bad", "/bad", "/good")])
        assert read(TOMORROW) == 2
        assert [incident.host for incident in open_incidents()] == [host_of(first)]

        assert read(host_of(first).next_request_at) == 3

    assert {incident.document for incident in open_incidents()} == {first, second, good}


def test_documents_that_were_due_at_other_hours_share_the_incident(site: Site, documents: list[Document]) -> None:
    due_on(OUT, documents[:1])
    due_on(OUT + 10 * MINUTE, documents[1:2])
    due_on(OUT + DAY, documents[2:])
    with tenancy.system_scope("nothing keeps us from it"):
        Host.objects.update(next_request_at=OUT)
    site.status = 503

    assert [read(OUT), read(OUT + 10 * MINUTE)] == [1, 1]

    [incident] = open_incidents()
    assert incident.host == host_of(documents[0])
    assert incident.opened_at == OUT + MINUTE


def test_what_the_host_asks_for_rules_over_our_own_wait(site: Site, documents: list[Document]) -> None:
    site.status, site.retry_after = 503, str(5 * 3600)

    assert read(OUT) == 1
    assert read(OUT + 4 * HOUR) is None
    assert read(OUT + 5 * HOUR) == 1

    assert host_of(documents[0]).next_request_at == OUT + 10 * HOUR + MINUTE


def test_host_alone_with_one_document_has_the_incident_of_that_document() -> None:
    with nothing_listens() as url:
        [document] = documents_at(url)
        read(TOMORROW)
        read(TOMORROW + HOUR)

    [incident] = open_incidents()
    assert (incident.document, incident.host, incident.checks) == (document, None, 2)


def test_another_host_that_fails_behind_a_source_is_not_this_one(settings: Settings) -> None:
    with WireServer() as site:
        site.answers("/terms", Answer(body=b"<p>Terms</p>", headers={"Content-Type": "text/html"}))
        made = documents_at(*[site.url("/terms")] * 3)
        with nothing_listens() as nowhere:
            for document in made:
                declaration = factories.declaration(document, url=site.url("/terms"), reason="in two parts")
                with tenancy.system_scope("a second part elsewhere"):
                    declaration.sources.model.objects.create(declaration=declaration, position=1, url=nowhere)

            assert read(TOMORROW) == 3

    assert {incident.document for incident in open_incidents()} == set(made)


def test_a_worker_that_took_over_an_outage_closes_it(site: Site, documents: list[Document]) -> None:
    site.status = 503
    read(OUT)
    site.status = 200
    host = host_of(documents[0])
    with clock.at(OUT + HOUR):
        with tenancy.system_scope("take it by hand"):
            lease = scheduling.take_host(host)
        assert lease is not None
        list(pipeline.read_documents([documents[4].pk], lease))

    assert open_incidents() == []
