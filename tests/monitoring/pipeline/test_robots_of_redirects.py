"""robots.txt of the places to which a page leads: they are asked for only where their own host allows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from accounts import tenancy
from monitoring.archive import scheduling
from monitoring.archive.models import Host
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read
from tests.wire.server import WireServer

pytestmark = pytest.mark.django_db
DISALLOW = b"User-agent: *\nDisallow: /new\n"


@pytest.fixture
def old() -> Iterator[WireServer]:
    with WireServer() as server:
        yield server


@pytest.fixture
def new() -> Iterator[WireServer]:
    with WireServer() as server:
        server.answers("/new", body=Site().body(), headers={"Content-Type": "text/html; charset=utf-8"})
        yield server


def standing_at(address: str) -> Document:
    made = factories.document(title="Terms of Service")
    factories.declaration(made, url=address)
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()
    return made


def test_target_that_its_host_disallows_is_never_asked_for(old: WireServer, new: WireServer) -> None:
    old.redirects("/terms", new.url("/new"), status=301)
    new.answers("/robots.txt", body=DISALLOW)

    check = read(standing_at(old.url("/terms")))

    assert (check.outcome, check.reason) == ("disallowed", "robots")
    assert new.url("/new") in check.why
    assert new.paths_asked() == ["/robots.txt"]


def test_target_on_the_same_host_obeys_the_rules_that_were_read(old: WireServer) -> None:
    old.redirects("/terms", "/new", status=302)
    old.answers("/robots.txt", body=DISALLOW)

    check = read(standing_at(old.url("/terms")))

    assert (check.outcome, check.reason) == ("disallowed", "robots")
    assert old.paths_asked() == ["/robots.txt", "/terms"]


def test_allowed_target_of_a_strange_host_is_read_after_its_rules(old: WireServer, new: WireServer) -> None:
    old.redirects("/terms", new.url("/new"), status=301)
    document = standing_at(old.url("/terms"))

    assert read(document).outcome == "first"
    assert new.paths_asked() == ["/robots.txt", "/new"]

    # For a day nobody asks again: one request to each host.
    assert read(document, at=START + timedelta(hours=3)).outcome == "unchanged"
    assert new.paths_asked() == ["/robots.txt", "/new", "/new"]
    assert old.paths_asked() == ["/robots.txt", "/terms", "/terms", "/terms"]


def test_target_whose_host_does_not_say_its_rules_is_not_read(old: WireServer, new: WireServer) -> None:
    old.redirects("/terms", new.url("/new"), status=308)
    new.answers("/robots.txt", status=503)

    check = read(standing_at(old.url("/terms")))

    assert (check.outcome, check.reason) == ("unreachable", "http_5xx")
    assert new.paths_asked() == ["/robots.txt"]


def test_exception_of_an_operator_holds_for_the_target_too(old: WireServer, new: WireServer) -> None:
    old.redirects("/terms", new.url("/new"), status=301)
    new.answers("/robots.txt", body=DISALLOW)
    document = standing_at(old.url("/terms"))
    with tenancy.system_scope("an exception"):
        Document.objects.filter(pk=document.pk).update(robots_exception="Their counsel allowed it.")

    assert read(document).outcome == "first"


def test_page_that_leads_to_ever_new_hosts_ends(old: WireServer) -> None:
    with WireServer() as a, WireServer() as b, WireServer() as c, WireServer() as d, WireServer() as e:
        chain = [old, a, b, c, d, e]
        for here, there in pairwise(chain):
            here.redirects("/terms", there.url("/terms"))

        check = read(standing_at(old.url("/terms")))

        assert (check.outcome, check.reason) == ("unreachable", "redirect_loop")
        with tenancy.system_scope("look"):
            assert Host.objects.count() == len(chain)
