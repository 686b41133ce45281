from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django import Settings

from atlas.kernel import clock, egress
from monitoring.fetching import classify
from monitoring.fetching.client import Fetched, Validators, fetch
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Outcome, Reason
from tests.wire.certificate import server_context
from tests.wire.server import Answer, WireServer

LIMITS = egress.Limits(seconds=0.4, body_bytes=10_000, redirects=3)


@pytest.fixture
def site(settings: Settings) -> Iterator[WireServer]:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with WireServer() as server:
        yield server


@pytest.fixture
def session(settings: Settings) -> Iterator[egress.Session]:
    settings.EGRESS_ALLOW_LOOPBACK = True
    with egress.session() as opened:
        yield opened


def failure_of(session: egress.Session, url: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        fetch(session, url, limits=LIMITS)
    return caught.value


def test_a_page_is_given_as_received_with_its_facts(site: WireServer, session: egress.Session) -> None:
    page = "<p>Terms – as of May</p>".encode("windows-1252")
    site.answers("/terms", body=page, headers={"Content-Type": "text/html; charset=windows-1252", "ETag": '"a"'})
    fetched = fetch(session, site.url("/terms"))
    assert (fetched.content, fetched.status, fetched.not_modified) == (page, 200, False)
    assert (fetched.media_type, fetched.charset) == ("text/html", "windows-1252")
    assert (fetched.final_url, fetched.address) == (site.url("/terms"), "127.0.0.1")
    assert fetched.validators == Validators(etag='"a"', last_modified="", final_url=site.url("/terms"))


def test_the_time_of_reading_is_the_clocks(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=b"x")
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with clock.at(moment):
        assert fetch(session, site.url()).fetched_at == moment


def test_only_headers_of_use_are_kept(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=b"x", headers={"Set-Cookie": "id=1", "Content-Language": "en", "X-Trace": "1"})
    kept = fetch(session, site.url()).headers
    assert kept["content-language"] == "en"
    assert "set-cookie" not in kept
    assert "x-trace" not in kept


def test_a_header_of_any_length_is_kept_in_bounds(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=b"x", headers={"Link": "a" * 5000})
    assert len(fetch(session, site.url()).headers["link"]) == 2000


def test_compressed_content_is_given_decoded(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=gzip.compress(b"terms"), headers={"Content-Encoding": "gzip"})
    assert fetch(session, site.url()).content == b"terms"


def test_the_language_of_the_document_is_asked_for(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=b"x")
    fetch(session, site.url(), language="de")
    assert site.asked[0].headers["accept-language"] == "de,*;q=0.1"


@pytest.mark.parametrize(
    ("sent", "declared", "body", "expected"),
    [
        ("text/plain", "application/pdf", b"x", "text/plain"),
        ("", "application/pdf", b"x", "application/pdf"),
        ("", "", b"%PDF-1.7 ...", "application/pdf"),
        ("", "", b"<html>", "text/html"),
    ],
)
def test_the_media_type_is_the_servers_else_the_declared_else_seen(
    site: WireServer, session: egress.Session, sent: str, declared: str, body: bytes, expected: str
) -> None:
    site.answers("/", body=body, headers={"Content-Type": sent} if sent else {})
    assert fetch(session, site.url(), media_type=declared).media_type == expected


# Conditions


def test_the_first_reading_sets_no_condition(site: WireServer, session: egress.Session) -> None:
    site.answers("/", body=b"x")
    fetch(session, site.url())
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[0].headers)


def test_the_next_reading_asks_whether_anything_is_new(site: WireServer, session: egress.Session) -> None:
    modified = "Sun, 01 Mar 2026 10:00:00 GMT"
    site.answers("/", Answer(body=b"x", headers={"ETag": 'W/"7"', "Last-Modified": modified}), Answer(status=304))
    first = fetch(session, site.url())
    second = fetch(session, site.url(), validators=first.validators)
    assert site.asked[1].headers["if-none-match"] == 'W/"7"'
    assert site.asked[1].headers["if-modified-since"] == modified
    assert (second.not_modified, second.content, second.status) == (True, b"", 304)


def test_not_modified_at_another_address_is_read_whole(site: WireServer, session: egress.Session) -> None:
    site.redirects("/terms", "/home")
    site.answers("/home", Answer(status=304), Answer(body=b"welcome"))
    known = Validators(last_modified="Sun, 01 Mar 2026 10:00:00 GMT", final_url=site.url("/terms"))
    fetched = fetch(session, site.url("/terms"), validators=known)
    assert (fetched.not_modified, fetched.content) == (False, b"welcome")
    assert "if-modified-since" not in site.asked[-1].headers


def test_validators_without_an_address_hold_for_the_sources_own(site: WireServer, session: egress.Session) -> None:
    site.answers("/terms", status=304)
    fetched = fetch(session, site.url("/terms"), validators=Validators(etag='"a"'))
    assert (fetched.not_modified, len(site.asked)) == (True, 1)


def test_not_modified_without_being_asked_is_an_error(site: WireServer, session: egress.Session) -> None:
    site.answers("/", status=304)
    assert failure_of(session, site.url()).reason is Reason.ERROR


# Failures


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (403, Outcome.UNREACHABLE, Reason.HTTP_4XX),
        (404, Outcome.MISSING, Reason.HTTP_404),
        (410, Outcome.MISSING, Reason.HTTP_410),
        (429, Outcome.UNREACHABLE, Reason.HTTP_429),
        (503, Outcome.UNREACHABLE, Reason.HTTP_5XX),
    ],
)
def test_an_error_status_fails_with_its_reason_and_the_whole_answer(
    site: WireServer, session: egress.Session, status: int, outcome: Outcome, reason: Reason
) -> None:
    site.answers("/", status=status, body=b"<h1>Sorry</h1>")
    failure = failure_of(session, site.url())
    assert (failure.outcome, failure.reason) == (outcome, reason)
    assert isinstance(failure.answer, Fetched)
    assert (failure.answer.status, failure.answer.content) == (status, b"<h1>Sorry</h1>")


@pytest.mark.parametrize("header", [{"cf-mitigated": "challenge"}, {"x-amzn-waf-action": "captcha"}])
def test_a_challenge_is_told_by_the_headers_that_are_kept(
    site: WireServer, session: egress.Session, header: dict[str, str]
) -> None:
    site.answers("/", status=403, body=b"<p>One moment</p>", headers=header)
    answer = failure_of(session, site.url()).answer
    assert answer is not None
    reading = classify(
        answer.content,
        status=answer.status,
        media_type=answer.media_type,
        url=answer.url,
        final_url=answer.final_url,
        headers=answer.headers,
    )
    assert reading.outcome is Reason.CHALLENGE


def test_silence_is_a_timeout(site: WireServer, session: egress.Session) -> None:
    site.answers("/", silent=True)
    failure = failure_of(session, site.url())
    assert (failure.outcome, failure.reason, failure.answer) == (Outcome.UNREACHABLE, Reason.TIMEOUT, None)


def test_a_flood_is_too_large(site: WireServer, session: egress.Session) -> None:
    site.answers("/", endless=b"x" * 5000)
    assert failure_of(session, site.url()).reason is Reason.TOO_LARGE


def test_a_circle_is_a_redirect_loop(site: WireServer, session: egress.Session) -> None:
    site.redirects("/", "/")
    assert failure_of(session, site.url()).reason is Reason.REDIRECT_LOOP


def test_a_private_address_is_refused(site: WireServer, session: egress.Session) -> None:
    site.redirects("/", "http://10.0.0.1/")
    assert failure_of(session, site.url()).reason is Reason.ADDRESS_REFUSED


def test_garbage_is_an_error(site: WireServer, session: egress.Session) -> None:
    site.answers("/", raw=b"garbage\r\n\r\n")
    assert failure_of(session, site.url()).reason is Reason.ERROR


def test_an_unknown_name_is_a_failure_of_dns(session: egress.Session) -> None:
    assert failure_of(session, "http://no-such-name.invalid/").reason is Reason.DNS


def test_a_closed_port_is_a_failure_to_connect(session: egress.Session) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert failure_of(session, f"http://127.0.0.1:{unused.getsockname()[1]}/").reason is Reason.CONNECT


def test_a_false_certificate_is_a_failure_of_tls(session: egress.Session) -> None:
    with WireServer(tls=server_context()) as site:
        assert failure_of(session, site.url(host="localhost")).reason is Reason.TLS


# Retry-After


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("Sun, 01 Mar 2026 12:10:00 GMT", 600),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_told_in_seconds(
    site: WireServer, session: egress.Session, header: str, seconds: int | None
) -> None:
    site.answers("/", status=429, headers={"Retry-After": header})
    with clock.at(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        failure = failure_of(session, site.url())
    assert failure.answer is not None
    assert failure.answer.retry_after == seconds
