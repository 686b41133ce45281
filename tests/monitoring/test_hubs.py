"""A platform's list of legal documents is looked at once a week; what nobody reads yet is proposed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import tenancy
from atlas.kernel import clock
from monitoring import hubs
from monitoring.archive import scheduling
from monitoring.archive.models import Check
from monitoring.catalogue.models import Hub, Platform, Proposal
from tests import factories
from tests.wire.server import WireServer

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 9, tzinfo=UTC)
LIST = b"""<h1>Legal</h1><a href="/legal">Legal information</a><a href="/legal/terms">Terms of Service</a>
<a href="/legal/privacy">Privacy Policy</a><a href="/sv/legal/cookies">Kakpolicy</a>"""


@pytest.fixture
def server() -> Iterator[WireServer]:
    with WireServer() as made:
        made.answers("/legal", body=LIST, headers={"Content-Type": "text/html"})
        yield made


def hub_at(url: str, **fields: Any) -> Hub:
    platform = factories.platform(**fields)
    read = factories.document(platform, "Terms of Service")
    factories.declaration(read, url=url.replace("/legal", "/legal/terms"))
    with tenancy.system_scope("a hub"):
        return Hub.objects.create(platform=platform, url=url, next_read_at=START, **factories.PROVENANCE)


def look(at: datetime = START) -> int:
    with clock.at(at):
        return hubs.read_due_hubs()


def again(hub: Hub) -> Hub:
    with tenancy.system_scope("look"):
        return Hub.objects.get(pk=hub.pk)


def proposed() -> list[tuple[str, str, str]]:
    with tenancy.system_scope("look"):
        return [(p.seen["title"], p.seen["language"], p.seen["page"]) for p in Proposal.objects.order_by("pk")]


def test_documents_that_nobody_reads_are_proposed_with_where_they_were_seen(server: WireServer) -> None:
    hub = hub_at(server.url("/legal"), languages=["en"])

    assert look() == 1

    assert proposed() == [("Privacy Policy", "en", hub.url), ("Kakpolicy", "sv", hub.url)]
    assert (again(hub).read_at, again(hub).next_read_at, again(hub).said) == (START, START + timedelta(days=7), "")
    with tenancy.system_scope("look"):
        assert not Check.objects.exists()


def test_it_is_looked_at_once_a_week(server: WireServer) -> None:
    hub_at(server.url("/legal"))
    look()

    assert look(START + timedelta(days=6)) == 0
    assert look(START + timedelta(days=7)) == 1
    assert server.paths_asked().count("/legal") == 2


def test_hub_that_cannot_be_read_says_why_and_is_tried_the_next_day(server: WireServer) -> None:
    hub = hub_at(server.url("/gone/legal"))

    assert look() == 1

    assert "404" in again(hub).said
    assert again(hub).next_read_at == START + timedelta(days=1)


def test_robots_txt_is_obeyed(server: WireServer) -> None:
    server.answers("/robots.txt", body=b"User-agent: *\nDisallow: /legal\n")
    hub_at(server.url("/legal"))

    look()

    assert server.paths_asked() == ["/robots.txt"]
    assert proposed() == []


def test_platform_that_is_not_read_is_left_alone(server: WireServer) -> None:
    hub_at(server.url("/legal"), enabled=False)

    assert look() == 0
    assert server.asked == []


def test_host_that_another_worker_reads_is_left_alone_for_a_while(server: WireServer) -> None:
    hub = hub_at(server.url("/legal"))
    with clock.at(START), tenancy.system_scope("another worker"):
        taken = scheduling.take_politely([scheduling.host_of(hub.url)])
    assert taken is not None

    assert look() == 0
    assert server.asked == []
    assert START < again(hub).next_read_at < START + timedelta(days=1)


def test_page_without_a_legal_link_says_so(server: WireServer) -> None:
    server.answers("/legal", body=b"<h1>Legal</h1><p>Loading</p>", headers={"Content-Type": "text/html"})
    hub = hub_at(server.url("/legal"))

    look()

    assert again(hub).said == "No link to a legal document was found on it."
    assert Platform.objects.count() == 1
