"""What a reading shows that the catalogue doesn't say becomes a proposal, beside the reading and never in its way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from monitoring.archive import scheduling
from monitoring.archive.models import Check
from monitoring.catalogue.models import Document, Proposal, Source
from tests import factories
from tests.monitoring.pipeline.site import BODY, OPENING, START, Site, read
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as made:
        made.answers("/terms", body=Site().body(), headers=HTML)
        made.answers("/new/terms", body=Site().body(), headers=HTML)
        yield made


def standing_at(*addresses: str, select: tuple[str, ...] = ()) -> Document:
    made = factories.document(title="Terms of Service")
    factories.declaration(made, url=addresses[0], select=select)
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()
    return made


def read_times(document: Document, times: int, *, first: int = 0) -> list[Check]:
    return [read(document, at=START + timedelta(days=first + number)) for number in range(times)]


def proposals(kind: str) -> list[Proposal]:
    with tenancy.system_scope("look"):
        return list(Proposal.objects.filter(kind=kind).order_by("pk"))


def states(kind: str) -> list[tuple[str, int]]:
    return [(proposal.state, proposal.times) for proposal in proposals(kind)]


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_permanent_redirect_is_proposed_after_three_good_readings(server: WireServer, status: int) -> None:
    server.redirects("/terms", "/new/terms", status=status)
    document = standing_at(server.url("/terms"))

    read_times(document, 2)
    assert states("moved") == [("noticed", 2)]
    read_times(document, 1, first=2)

    [proposal] = proposals("moved")
    assert (proposal.state, proposal.times) == ("open", 3)
    assert (proposal.seen["url"], proposal.seen["target"]) == (server.url("/terms"), server.url("/new/terms"))
    assert (proposal.first_seen_at, proposal.last_seen_at) == (START, START + timedelta(days=2))


def test_readings_that_were_not_modified_count(server: WireServer) -> None:
    server.redirects("/terms", "/new/terms", status=301)
    once = Answer(body=Site().body(), headers={**HTML, "ETag": '"a"'})
    server.answers("/new/terms", once, Answer(status=304, headers={"ETag": '"a"'}))
    document = standing_at(server.url("/terms"))

    assert [check.gate for check in read_times(document, 3)] == ["", "not_modified", "not_modified"]

    assert states("moved") == [("open", 3)]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_temporary_redirect_is_never_proposed(server: WireServer, status: int) -> None:
    server.redirects("/terms", "/new/terms", status=status)

    read_times(standing_at(server.url("/terms")), 4)

    assert proposals("moved") == []


def test_one_temporary_step_on_the_way_makes_it_temporary(server: WireServer) -> None:
    server.redirects("/terms", "/middle", status=301)
    server.redirects("/middle", "/new/terms", status=302)

    read_times(standing_at(server.url("/terms")), 3)

    assert proposals("moved") == []


@pytest.mark.parametrize("target", ["/", "/login/terms", "/account/terms"])
def test_front_pages_and_sign_in_are_no_new_address(server: WireServer, target: str) -> None:
    server.redirects("/terms", target, status=301)
    server.answers(target, body=Site().body(), headers=HTML)

    read_times(standing_at(server.url("/terms")), 3)

    assert proposals("moved") == []


def test_a_failed_reading_at_the_end_of_a_redirect_proposes_nothing(server: WireServer) -> None:
    server.redirects("/terms", "/gone", status=301)

    read_times(standing_at(server.url("/terms")), 4)

    assert proposals("moved") == []


def test_a_reading_that_is_not_redirected_begins_the_count_anew(server: WireServer) -> None:
    there = Answer(status=301, headers={"Location": "/new/terms"})
    here = Answer(body=Site().body(), headers=HTML)
    server.answers("/terms", there, there, here, there)
    document = standing_at(server.url("/terms"))

    read_times(document, 3)
    assert states("moved") == [("gone", 0)]
    read_times(document, 2, first=3)
    assert states("moved") == [("noticed", 2)]
    read_times(document, 1, first=5)
    assert states("moved") == [("open", 3)]


def test_another_target_is_another_proposal(server: WireServer) -> None:
    server.redirects("/terms", "/new/terms", status=301)
    document = standing_at(server.url("/terms"))
    read_times(document, 3)
    with tenancy.system_scope("refuse it"):
        Proposal.objects.update(state="refused", decided_at=START)

    read_times(document, 1, first=3)
    assert states("moved") == [("refused", 4)]
    server.redirects("/terms", "/newer/terms", status=301)
    server.answers("/newer/terms", body=Site().body(), headers=HTML)
    read_times(document, 3, first=4)

    assert [state for state, _ in states("moved")] == ["refused", "open"]


# --- Documents --------------------------------------------------------------------------------------------------------


def with_footer(*links: str) -> bytes:
    return Site(noise=f"<footer>{''.join(links)}</footer>").body()


PRIVACY = '<a href="/legal/privacy">Privacy Policy</a>'


def test_link_to_a_document_that_nobody_reads_is_proposed_once(server: WireServer) -> None:
    server.answers("/terms", body=with_footer(PRIVACY, '<a href="/terms">Terms of Service</a>'), headers=HTML)
    document = standing_at(server.url("/terms"))

    read_times(document, 3)

    [proposal] = proposals("document")
    assert (proposal.state, proposal.platform, proposal.document) == ("open", document.platform, None)
    assert proposal.seen == {
        "url": server.url("/legal/privacy"),
        "title": "Privacy Policy",
        "text": "Privacy Policy",
        "kind": "privacy-policy",
        "language": "en",
        "page": server.url("/terms"),
    }


def test_document_that_is_or_was_read_is_not_proposed(server: WireServer) -> None:
    server.answers("/terms", body=with_footer(PRIVACY, '<a href="/old/dpa">DPA</a>'), headers=HTML)
    document = standing_at(server.url("/terms"))
    other = factories.document(document.platform, "Privacy")
    factories.declaration(other, url=server.url("/old/dpa"))
    factories.declaration(other, url=server.url("/en/legal/privacy/"))

    read_times(document, 1)

    assert proposals("document") == []


def test_a_new_link_is_found_within_a_week_though_the_text_stands(server: WireServer) -> None:
    document = standing_at(server.url("/terms"))
    read_times(document, 1)
    server.answers("/terms", body=with_footer(PRIVACY), headers=HTML)

    read_times(document, 6, first=1)
    assert proposals("document") == []
    read_times(document, 1, first=7)

    assert states("document") == [("open", 1)]


def test_a_new_link_is_found_at_once_with_a_new_text(server: WireServer) -> None:
    document = standing_at(server.url("/terms"))
    read_times(document, 1)
    changed = Site(paragraphs=[OPENING, *BODY[:-1], "We may change them."], noise=f"<footer>{PRIVACY}</footer>")
    server.answers("/terms", body=changed.body(), headers=HTML)

    read_times(document, 1, first=1)

    assert states("document") == [("open", 1)]


def test_page_that_is_no_document_is_not_looked_through(server: WireServer) -> None:
    server.answers("/terms", body=b"<h1>Page not found</h1>" + PRIVACY.encode(), headers=HTML)

    read_times(standing_at(server.url("/terms")), 1)

    assert proposals("document") == []


# --- Selectors --------------------------------------------------------------------------------------------------------


def test_what_would_be_read_without_the_selector_is_proposed(server: WireServer) -> None:
    document = standing_at(server.url("/terms"), select=(".legal-text",))
    body = Site().body()
    server.answers("/terms", body=body.replace(b"<main>", b"<main class=legal-text>"), headers=HTML)
    read_times(document, 1)
    server.answers("/terms", body=body, headers=HTML)

    [check] = read_times(document, 1, first=1)
    read_times(document, 1, first=2)

    assert check.reason == "selector"
    [proposal] = proposals("selector")
    assert (proposal.state, proposal.times, proposal.document) == ("open", 2, document)
    assert (proposal.seen["select"], proposal.seen["proposed"], proposal.seen["kept"]) == (
        [".legal-text"],
        ["main"],
        100,
    )
    assert proposal.seen["opening"].startswith("Terms of Service")


def test_selectors_that_find_only_a_part_are_proposed_too(server: WireServer) -> None:
    document = standing_at(server.url("/terms"), select=(".part",))
    body = Site().body()
    server.answers("/terms", body=body.replace(b"<main>", b"<main class=part>"), headers=HTML)
    read_times(document, 1)
    short = body.replace(b"<h1>Terms of Service</h1>", b"<h1 class=part>Terms of Service</h1>")
    server.answers("/terms", body=short, headers=HTML)

    [check] = read_times(document, 1, first=1)

    assert check.reason == "text_lost"
    assert [proposal.seen["proposed"] for proposal in proposals("selector")] == [["main"]]


def test_selectors_that_find_the_text_again_end_the_proposal(server: WireServer) -> None:
    document = standing_at(server.url("/terms"), select=(".legal-text",))
    body = Site().body()
    good = body.replace(b"<main>", b"<main class=legal-text>")
    server.answers(
        "/terms", Answer(body=good, headers=HTML), Answer(body=body, headers=HTML), Answer(body=good, headers=HTML)
    )
    read_times(document, 2)
    assert states("selector") == [("open", 1)]

    read_times(document, 1, first=2)

    assert states("selector") == [("gone", 0)]


# --- Beside the reading -----------------------------------------------------------------------------------------------


def test_an_unchanged_page_without_redirects_costs_no_query_more(
    server: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = standing_at(server.url("/terms"))
    read_times(document, 1)
    with CaptureQueriesContext(connection) as queries:
        read_times(document, 1, first=1)

    asked = " ".join(query["sql"] for query in queries)
    assert "proposal" not in asked
    assert asked.count("note proposals") == 0


def test_a_fault_in_proposing_fails_no_reading(server: WireServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers("/terms", body=with_footer(PRIVACY), headers=HTML)

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr("monitoring.proposing.links_of", broken)

    assert read(standing_at(server.url("/terms"))).outcome == "first"
    assert proposals("document") == []


def test_private_documents_propose_nothing(server: WireServer) -> None:
    server.answers("/terms", body=with_footer(PRIVACY), headers=HTML)
    made = factories.document(title="Agreement", organization=factories.organization())
    factories.declaration(made, url=server.url("/terms"))
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()

    assert read(made).outcome == "first"
    assert proposals("document") == []
    with tenancy.system_scope("look"):
        assert Source.objects.filter(declaration__document=made).exists()
