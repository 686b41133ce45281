"""One robots.txt, read over a real connection, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from atlas.kernel import egress
from monitoring.fetching import robots
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Reason
from monitoring.fetching.robots import Rules
from tests.wire.server import WireServer


@pytest.fixture
def site() -> Iterator[WireServer]:
    with WireServer() as server:
        yield server


@pytest.fixture
def session() -> Iterator[egress.Session]:
    with egress.session() as own:
        yield own


def test_five_redirects_are_followed(site: WireServer, session: egress.Session) -> None:
    site.redirects("/robots.txt", "/1")
    for number in range(1, 5):
        site.redirects(f"/{number}", f"/{number + 1}")
    site.answers("/5", body=b"User-agent: *\nDisallow: /\n")

    assert "Disallow" in robots.read(session, site.url("/terms"))


def test_more_redirects_say_that_there_is_none(site: WireServer, session: egress.Session) -> None:
    site.redirects("/robots.txt", "/1")
    for number in range(1, 6):
        site.redirects(f"/{number}", f"/{number + 1}")

    assert robots.read(session, site.url("/terms")) == robots.ALLOW_ALL


def test_only_the_first_500_kib_are_read(site: WireServer, session: egress.Session) -> None:
    rule, late = b"User-agent: *\nDisallow: /early\n", b"\nDisallow: /late\n"
    site.answers("/robots.txt", body=rule + b"#" * robots.MOST_BYTES + late)

    rules = Rules.of(robots.read(session, site.url("/terms")))

    assert not rules.allow("https://x.example/early")
    assert rules.allow("https://x.example/late")


def test_host_that_is_not_there_says_nothing(session: egress.Session) -> None:
    with WireServer() as server:
        url = server.url("/terms")

    with pytest.raises(FetchFailed) as failed:
        robots.read(session, url)

    assert failed.value.reason == Reason.CONNECT


def test_bytes_that_are_no_text_break_nothing(site: WireServer, session: egress.Session) -> None:
    site.answers("/robots.txt", body=b"\xff\xfe\x00junk\nUser-agent: *\nDisallow: /x\n")

    text = robots.read(session, site.url("/terms"))

    assert "\0" not in text
    assert not Rules.of(text).allow("https://x.example/x")


def test_longest_match_decides() -> None:
    rules = Rules.of("User-agent: *\nDisallow: /legal\nAllow: /legal/terms\nDisallow: /*.pdf$\n")

    assert rules.allow("https://x.example/legal/terms")
    assert not rules.allow("https://x.example/legal/other")
    assert not rules.allow("https://x.example/a.pdf")
    assert rules.allow("https://x.example/a.pdf?v=2")


@pytest.mark.parametrize(("asked", "kept"), [("3", 3), ("0.5", 0.5), ("86400", 20), ("-1", 0), ("soon", 0), ("nan", 0)])
def test_crawl_delay_is_kept_up_to_our_own_limit(asked: str, kept: float, settings: Settings) -> None:
    settings.MOST_CRAWL_DELAY = timedelta(seconds=20)

    assert Rules.of(f"User-agent: *\nCrawl-delay: {asked}\n").delay == timedelta(seconds=kept)


def test_the_address_is_that_of_the_host_and_its_port() -> None:
    assert robots.address("https://x.example:8443/a/b?c#d") == "https://x.example:8443/robots.txt"
