"""Analysts upload a capture of a document that can't be read. It is evidence as any reading is, and says what it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import tenancy
from atlas.kernel import clock
from monitoring import trying
from monitoring.archive import scheduling
from monitoring.archive.models import (
    Check,
    CheckSchedule,
    Host,
    Incident,
    LedgerEntry,
    Snapshot,
    Trial,
    Upload,
    Version,
)
from monitoring.catalogue.models import Declaration, Document
from monitoring.changes.models import Change, Release
from monitoring.desk import uploading
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff
from tests.monitoring.extraction.pdfs import pdf_of
from tests.monitoring.fetching import shown as pages
from tests.monitoring.pipeline.conftest import document as document
from tests.monitoring.pipeline.conftest import site as site
from tests.monitoring.pipeline.site import BODY, OPENING, START, Site, read

pytestmark = pytest.mark.django_db

TAKEN = START + timedelta(days=5)
STATEMENT = {
    "who": "our analyst",
    "how": "Saved with Firefox, from a network in Ireland.",
    "observed_at": "2026-03-06T09:00",
}


@pytest.fixture
def blocked(document: Document, site: Site) -> Document:
    """Read once; since then its host shows a challenge to us."""
    read(document)
    site.raw = pages.CHALLENGE
    read(document, at=START + timedelta(days=1))
    return document


def capture(days: int = 90) -> bytes:
    shown = Site()
    shown.paragraphs = [
        OPENING,
        BODY[0],
        f"We keep your conversations for {days} days after you delete them.",
        *BODY[2:],
    ]
    return shown.body()


def address(document: Document) -> str:
    return f"/admin/desk/documents/{document.typeid}/upload/"


def send(client: Client, document: Document, content: bytes, **said: str) -> Any:
    file = SimpleUploadedFile("page.html", content)
    url = "https://policies.example/terms"
    return client.post(address(document), {**STATEMENT, "file_0": file, "url_0": url, **said})


def upload(client: Client, document: Document, content: bytes, **said: str) -> str:
    """Upload it, and let the worker judge it; the address of what it found."""
    answer = send(client, document, content, **said)
    assert answer.status_code == 302, answer.content.decode()
    trying.try_next()
    return str(answer["Location"])


def keep(client: Client, where: str) -> str:
    client.post(where, {"do": "keep"})
    trying.try_next()
    return client.get(where).content.decode()


def newest(document: Document) -> Version:
    found = Version.objects.latest_of(document)
    assert found is not None
    return found


def test_a_capture_is_looked_at_before_it_is_evidence(desk: Client, blocked: Document) -> None:
    where = upload(desk, blocked, capture())

    page = desk.get(where).content.decode()

    assert "90 days after you delete them" in page
    assert "Keep it as a version" in page
    assert Version.objects.count() == 1
    assert Snapshot.objects.count() == 1


def test_a_kept_capture_makes_snapshot_version_change_and_ledger_entry_as_a_reading_would(
    desk: Client, blocked: Document
) -> None:
    page = keep(desk, upload(desk, blocked, capture()))

    version = newest(blocked)
    assert (version.cause, version.marks, version.observed_at) == ("platform", ["uploaded"], TAKEN)
    snapshot = version.snapshots.get()
    assert (snapshot.kind, snapshot.status, snapshot.final_url) == ("uploaded", 0, "https://policies.example/terms")
    stated = Upload.objects.get()
    assert (stated.who, stated.how) == (STATEMENT["who"], STATEMENT["how"])
    assert Change.objects.get(new=version).significance == "substantive"
    entry = LedgerEntry.objects.get(subject=version.typeid)
    assert entry.body["snapshots"][0]["uploaded"] == {"who": stated.who, "how": stated.how}
    assert "marked as uploaded for ever" in page


def test_who_uploaded_it_and_when_is_in_the_admins_log(desk: Client, blocked: Document) -> None:
    keep(desk, upload(desk, blocked, capture()))

    entry = LogEntry.objects.get()
    assert entry.user.email == "alice@example.org"
    assert entry.change_message.startswith("Uploaded a capture of 2026-03-06 09:00 UTC, taken by our analyst")


def test_the_incident_of_the_live_address_goes_on(desk: Client, blocked: Document) -> None:
    due, checks = CheckSchedule.objects.get().next_check_at, Check.objects.count()

    keep(desk, upload(desk, blocked, capture()))

    assert Incident.objects.get().closed_at is None
    assert CheckSchedule.objects.get().next_check_at == due
    assert Check.objects.count() == checks
    assert blocked.head.__class__.objects.get(document=blocked).last_read_at == START


def test_a_review_of_it_begins_when_it_is_kept_however_old_it_is(desk: Client, blocked: Document) -> None:
    keep(desk, upload(desk, blocked, capture()))

    release = Release.objects.get()
    assert not release.decided
    assert release.deadline > clock.now()


def test_when_the_page_comes_back_unchanged_it_differs_from_the_capture(
    desk: Client, blocked: Document, site: Site
) -> None:
    keep(desk, upload(desk, blocked, capture()))
    site.raw = None  # the very bytes that were read before it was blocked

    check = read(blocked, at=clock.now())

    assert check.outcome == "changed"
    assert newest(blocked).marks == []


def test_public_pages_and_the_api_say_in_words_that_it_was_uploaded(desk: Client, blocked: Document) -> None:
    keep(desk, upload(desk, blocked, capture()))
    version, change = newest(blocked), Change.objects.get()
    desk.post(f"/admin/desk/queue/{change.typeid}/", {"decision": "approve", "words": "They keep more."})
    visitor = Client()

    page = visitor.get(f"/v/{version.typeid}/").content.decode()
    assert "uploaded by hand" in page
    assert STATEMENT["how"] in page
    assert "alice" not in page
    document_page = visitor.get(f"/platforms/{blocked.platform.slug}/{blocked.slug}/").content.decode()
    assert "from an uploaded capture" in document_page
    assert "uploaded by hand" in visitor.get(f"/c/{change.typeid}/").content.decode()
    said = visitor.get(f"/api/v1/versions/{version.typeid}/").json()
    assert said["uploaded"] is True
    assert said["upload"]["who"] == STATEMENT["who"]
    earlier = visitor.get(f"/api/v1/versions/{change.old.typeid}/").json()
    assert (earlier["uploaded"], earlier["upload"]) == (False, None)


def test_a_pdf_is_read_in_the_process_with_limits(desk: Client, blocked: Document) -> None:
    where = upload(desk, blocked, pdf_of([f"{clause} And so on." for clause in pages.CLAUSES * 4]))

    assert "pdf-" in desk.get(where).content.decode()


@pytest.mark.parametrize("content", [pages.CHALLENGE, pages.LOGIN, b"%PDF-1.4 broken", pages.BLANK])
def test_what_is_no_document_is_refused_in_words_and_nothing_is_kept(
    desk: Client, blocked: Document, content: bytes
) -> None:
    where = upload(desk, blocked, content)

    page = desk.get(where).content.decode()

    assert "Nothing of it was kept" in page
    assert STATEMENT["how"] in page  # what was typed stands there for the next try
    assert Trial.objects.get().uploaded == []
    assert desk.post(where, {"do": "keep"}).status_code == 404
    assert (Version.objects.count(), Upload.objects.count()) == (1, 0)


def test_the_same_text_adds_nothing(desk: Client, blocked: Document) -> None:
    page = keep(desk, upload(desk, blocked, Site().body()))

    assert "says the same as the version that we have" in page
    assert (Version.objects.count(), Upload.objects.count()) == (1, 0)
    assert Trial.objects.get().uploaded == []


def test_a_capture_from_before_our_last_reading_is_refused(desk: Client, blocked: Document) -> None:
    page = keep(desk, upload(desk, blocked, capture(), observed_at="2026-02-20T09:00"))

    assert "taken after that" in page
    assert Version.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"who": ""}, "required"),
        ({"how": " "}, "required"),
        ({"observed_at": "2999-01-01T00:00"}, "in the future"),
        ({"observed_at": "yesterday"}, "valid date"),
        ({"url_0": "file:///etc/passwd"}, "valid URL"),
    ],
)
def test_without_a_whole_statement_nothing_is_taken(
    desk: Client, blocked: Document, said: dict[str, str], why: str
) -> None:
    answer = send(desk, blocked, capture(), **said)

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Trial.objects.exists()


def test_a_file_that_is_too_large_is_refused(desk: Client, blocked: Document) -> None:
    assert send(desk, blocked, capture() + b" " * uploading.MOST_BYTES).status_code == 422
    assert not Trial.objects.exists()


def test_a_document_that_can_be_read_takes_no_capture(desk: Client, document: Document, site: Site) -> None:
    read(document)

    answer = send(desk, document, capture())

    assert answer.status_code == 422
    assert "only of one that can" in answer.content.decode()


def test_another_analyst_can_not_keep_what_is_not_their_statement(desk: Client, blocked: Document) -> None:
    where = upload(desk, blocked, capture())

    page = keep(signed_in(staff("analyst", "bob@example.org")), where)

    assert "Whoever uploaded a capture keeps it" in page
    assert Version.objects.count() == 1


def test_operators_look_and_do_not_upload(blocked: Document) -> None:
    operator = signed_in(staff("operator"))

    assert operator.get(address(blocked)).status_code == 200
    assert send(operator, blocked, capture()).status_code == 403


def test_while_the_document_is_being_read_a_capture_waits(desk: Client, blocked: Document) -> None:
    where = upload(desk, blocked, capture())
    host = Host.objects.get(pk=CheckSchedule.objects.get().host_id)
    with tenancy.system_scope("another worker"):
        lease = scheduling.take_host(host)
    assert lease is not None

    assert "is being kept" in keep(desk, where)
    assert Version.objects.count() == 1

    with tenancy.system_scope("it is done"):
        scheduling.give_back(lease, next_request_at=clock.now())
        Trial.objects.update(next_try_at=clock.now())
    trying.try_next()
    assert Version.objects.count() == 2


def test_a_way_of_reading_that_was_declared_meanwhile_asks_for_the_capture_again(
    desk: Client, blocked: Document
) -> None:
    where = upload(desk, blocked, capture())
    made = factories.declaration(blocked, url="https://policies.example/one", reason="two pages now")
    with tenancy.system_scope("a second page"):
        Declaration.objects.get(pk=made.pk).sources.create(position=1, url="https://policies.example/two")

    assert "upload the capture again" in keep(desk, where)
    assert Version.objects.count() == 1


def test_a_capture_that_asked_the_host_to_be_left_alone_still_is(desk: Client, blocked: Document) -> None:
    later: datetime = clock.now() + timedelta(hours=2)
    with tenancy.system_scope("it has asked"):
        Host.objects.update(next_request_at=later)

    keep(desk, upload(desk, blocked, capture()))

    assert Host.objects.get(pk=CheckSchedule.objects.get().host_id).next_request_at == later
