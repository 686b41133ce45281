"""Servers and pages that mean harm, read by the real pipeline: each ends as a check with outcome and reason, within
the limits, and the next document of the same host is read."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from pypdf import PdfWriter
from pytest_django import Settings

from accounts import tenancy
from atlas.kernel import egress
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, Incident, Version
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.pipeline.site import BODY, OPENING
from tests.wire.certificate import expired, server_context, trusted_file
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db
HTML = {"Content-Type": "text/html; charset=utf-8"}
PDF = {"Content-Type": "application/pdf"}
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in [OPENING, *BODY])
GOOD = f"<html lang=en><title>Terms</title><main><h1>Terms of Service</h1>{PARAGRAPHS}</main></html>"
MUCH = b"a" * (30 * 1024 * 1024)


@pytest.fixture(autouse=True)
def short_limits(settings: Settings) -> None:
    settings.REQUEST_SECONDS = 3
    settings.PARSE_SECONDS = 5  # a busy machine needs more than two for the least of PDFs
    settings.PARSE_MEMORY = 512 * 2**20


@pytest.fixture
def site() -> Iterator[WireServer]:
    with WireServer() as server:
        server.answers("/good", body=GOOD.encode(), headers=HTML)
        yield server


def document_at(url: str) -> Document:
    made = factories.document(title="Terms of Service")
    factories.declaration(made, url=url, reason="where the test's server is")
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()
    return made


def read_all(*documents: Document, open_session: Callable[[], egress.Session] = egress.session) -> list[Check]:
    with tenancy.system_scope("take the host"):
        host = CheckSchedule.objects.select_related("host").get(document=documents[0]).host
        lease = scheduling.take_host(host)
    assert lease is not None
    return list(pipeline.read_documents([document.pk for document in documents], lease, open_session=open_session))


def nested(levels: int) -> bytes:
    return b"<html><body>" + b"<div>" * levels + PARAGRAPHS.encode() + b"</div>" * levels


def encrypted() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("nobody knows", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def page_tree_of_billions() -> bytes:
    """Ten levels, in each of which every node is named forty times."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    for level in range(2, 12):
        kids = f"{level + 1} 0 R ".encode() * 40
        objects.append(b"<< /Type /Pages /Count 1 /Kids [" + kids + b"] >>")
    objects.append(b"<< /Type /Page /MediaBox [0 0 9 9] >>")
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start, size = len(out), len(objects) + 1
    out += f"xref\n0 {size}\n0000000000 65535 f \n".encode() + b"".join(b"%010d 00000 n \n" % at for at in places)
    return out + f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()


CASES: dict[str, tuple[Callable[[], Answer], str, str]] = {
    "headers that never end": (lambda: Answer(endless_head=True), "unreachable", "timeout"),
    "a body that drips": (lambda: Answer(endless=b"<p>x", headers=HTML), "unreachable", "timeout"),
    "silence": (lambda: Answer(silent=True), "unreachable", "timeout"),
    "a body without end": (lambda: Answer(endless=MUCH[: 2**20], headers=HTML), "unreachable", "too_large"),
    "200 MB announced": (
        lambda: Answer(body=b"x", headers={**HTML, "Content-Length": "200000000"}),
        "unreachable",
        "too_large",
    ),
    "a gzip bomb": (
        lambda: Answer(body=gzip.compress(MUCH), headers={**HTML, "Content-Encoding": "gzip"}),
        "unreachable",
        "too_large",
    ),
    "a brotli bomb": (
        lambda: Answer(body=brotli.compress(MUCH, quality=1), headers={**HTML, "Content-Encoding": "br"}),
        "unreachable",
        "too_large",
    ),
    "a zstd bomb, a coding that nobody asked for": (
        lambda: Answer(body=zstandard.compress(MUCH), headers={**HTML, "Content-Encoding": "zstd"}),
        "unreachable",
        "error",
    ),
    "a circle of redirects": (
        lambda: Answer(status=302, headers={"Location": "/bad"}),
        "unreachable",
        "redirect_loop",
    ),
    "a redirect into a private network": (
        lambda: Answer(status=302, headers={"Location": "http://10.0.0.1/terms"}),
        "unreachable",
        "address_refused",
    ),
    "a redirect to the metadata of a cloud": (
        lambda: Answer(status=302, headers={"Location": "http://169.254.169.254/latest/"}),
        "unreachable",
        "address_refused",
    ),
    "304 without a body ever given": (lambda: Answer(status=304), "unreachable", "error"),
    "more announced than sent": (
        lambda: Answer(
            raw=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 90000\r\n\r\n" + GOOD.encode()
        ),
        "unreachable",
        "connect",
    ),
    "less announced than sent": (
        lambda: Answer(body=GOOD.encode(), headers={**HTML, "Content-Length": "20"}),
        "unreadable",
        "blank",
    ),
    "not HTTP": (lambda: Answer(raw=b"\x00\x01\x02 hello\r\n\r\n"), "unreachable", "error"),
    "a page that says a wrong charset": (
        lambda: Answer(body=GOOD.encode(), headers={"Content-Type": "text/html; charset=utf-16"}),
        "first",
        "",
    ),
    "broken UTF-8": (lambda: Answer(body=GOOD.encode() + b"<p>\xff\xfe\xc3(", headers=HTML), "first", ""),
    "HTML of 100,000 levels": (lambda: Answer(body=nested(100_000), headers=HTML), "unreadable", "too_complex"),
    "a malformed PDF": (lambda: Answer(body=b"%PDF-1.7\nnothing of it", headers=PDF), "unreadable", "truncated"),
    "an encrypted PDF": (lambda: Answer(body=encrypted(), headers=PDF), "unreadable", "encrypted"),
    "a PDF of billions of objects": (
        lambda: Answer(body=page_tree_of_billions(), headers=PDF),
        "unreadable",
        "too_complex",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_hostile_page_is_a_check_and_the_next_document_is_read(site: WireServer, case: str) -> None:
    answer, outcome, reason = CASES[case]
    site.answers("/bad", answer())
    bad, good = document_at(site.url("/bad")), document_at(site.url("/good"))

    checks = read_all(bad, good)

    assert [(check.outcome, check.reason) for check in checks] == [(outcome, reason), ("first", "")]
    with tenancy.system_scope("look"):
        assert Version.objects.filter(document=bad).exists() == (outcome == "first")
        assert Incident.objects.filter(document=bad, reason=reason).exists() == (outcome != "first")


def test_certificate_that_nobody_signed_is_a_check(site: WireServer) -> None:
    with WireServer(tls=server_context()) as signed_by_itself:
        [check] = read_all(document_at(signed_by_itself.url("/terms", host="localhost")))

    assert (check.outcome, check.reason) == ("unreachable", "tls")
    assert read_all(document_at(site.url("/good")))[0].outcome == "first"


def test_certificate_that_has_expired_is_a_check(site: WireServer, tmp_path: Path) -> None:
    pem = expired(tmp_path)
    with WireServer(tls=server_context(pem)) as server:
        document = document_at(server.url("/terms", host="localhost"))
        [check] = read_all(document, open_session=partial(egress.session, trust=str(pem)))

    assert (check.outcome, check.reason) == ("unreachable", "tls")
    assert "expired" in check.why
    assert server.asked == []
    assert read_all(document_at(site.url("/good")))[0].outcome == "first"


def test_certificate_of_another_host_is_a_check(site: WireServer) -> None:
    with WireServer(tls=server_context()) as server:
        document = document_at(server.url("/terms", host="127.0.0.1"))
        [check] = read_all(document, open_session=partial(egress.session, trust=trusted_file()))

    assert (check.outcome, check.reason) == ("unreachable", "tls")
    assert server.asked == []
    assert read_all(document_at(site.url("/good")))[0].outcome == "first"


def test_page_of_hundreds_of_megabytes_is_neither_taken_nor_kept_in_memory(site: WireServer) -> None:
    most = egress.Limits().body_bytes
    site.answers("/bad", Answer(endless=MUCH[: 2**20], headers=HTML))
    bad, good = document_at(site.url("/bad")), document_at(site.url("/good"))

    tracemalloc.start()
    checks = read_all(bad, good)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [(check.outcome, check.reason) for check in checks] == [("unreachable", "too_large"), ("first", "")]
    assert site.dripped < 2 * most
    assert peak < 3 * most


def test_name_that_leads_to_this_machine_is_refused_unasked(site: WireServer, settings: Settings) -> None:
    settings.EGRESS_ALLOW_LOOPBACK = False

    [check] = read_all(document_at(site.url("/good", host="localhost")))

    assert (check.outcome, check.reason) == ("unreachable", "address_refused")
    assert site.asked == []


def test_name_that_changes_its_answer_is_judged_anew_at_each_connection(site: WireServer) -> None:
    answers = iter(["127.0.0.1", "10.0.0.1"])

    def resolve(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        found = next(answers) if host == "rebinding.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    url = site.url("/good", host="rebinding.example")
    document = document_at(url)
    site.answers("/robots.txt", Answer(status=404, headers={"Connection": "close"}, hang_up=True))

    [check] = read_all(document, open_session=partial(egress.session, resolve=resolve))

    assert (check.outcome, check.reason) == ("unreachable", "address_refused")
    assert site.paths_asked() == ["/robots.txt"]
