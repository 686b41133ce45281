"""What each kind of answer leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Event
from monitoring.archive import recording, scheduling
from monitoring.archive.models import (
    Cause,
    Check,
    CheckSchedule,
    DocumentHead,
    Incident,
    LedgerEntry,
    Sighting,
    Snapshot,
    Version,
)
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Significance
from monitoring.extraction import from_markdown
from tests import factories
from tests.monitoring.pipeline.site import BODY, OPENING, START, Site, read, versions

pytestmark = pytest.mark.django_db


def test_first_reading_makes_a_version_with_evidence_that_is_public_at_once(site: Site, document: Document) -> None:
    check = read(document)

    assert (check.outcome, check.reason) == ("first", "")
    with tenancy.system_scope("look"):
        [version] = versions(document)
        assert version.cause == Cause.FIRST
        assert [r.snapshot.payload_id for r in version.readings.all()] == [Snapshot.objects.get().payload_id]
        assert LedgerEntry.objects.get().subject == version.typeid
        assert Sighting.objects.get().checks == 1
        assert Version.objects.released().get() == version


def test_same_bytes_are_unchanged_and_prolong_the_sighting(site: Site, document: Document) -> None:
    read(document)

    check = read(document, at=START + timedelta(days=1))

    assert (check.outcome, check.gate) == ("unchanged", "bytes")
    with tenancy.system_scope("look"):
        assert len(versions(document)) == 1
        sighting = Sighting.objects.get()
        assert (sighting.checks, sighting.last_at) == (2, START + timedelta(days=1))


def test_server_is_asked_conditionally_and_304_is_unchanged(site: Site, document: Document) -> None:
    site.validators = True
    read(document)

    check = read(document, at=START + timedelta(days=1))

    assert (check.outcome, check.gate) == ("unchanged", "not_modified")
    assert "if-none-match" in site.asked[-1]


def test_noise_around_the_text_makes_no_version(site: Site, document: Document) -> None:
    read(document)
    site.noise = "<script>visit = 'ae41'</script>"

    check = read(document, at=START + timedelta(days=1))

    assert (check.outcome, check.gate) == ("unchanged", "text")
    with tenancy.system_scope("look"):
        assert Snapshot.objects.count() == 1


def test_same_text_is_kept_as_bytes_again_after_thirty_days(site: Site, document: Document) -> None:
    read(document)
    site.noise = "<script>visit = 'ae41'</script>"

    read(document, at=START + timedelta(days=31))

    with tenancy.system_scope("look"):
        assert Snapshot.objects.count() == 2


@pytest.mark.parametrize(
    ("status", "raw", "outcome", "reason"),
    [
        (404, b"<html><h1>Not found</h1></html>", "missing", "http_404"),
        (503, b"<html><h1>Service unavailable</h1></html>", "unreachable", "http_5xx"),
        (200, b"", "unreadable", "blank"),
        (
            200,
            b"<html><body><h1>Page not found</h1><p>We could not find that page.</p></body></html>",
            "missing",
            "soft_404",
        ),
    ],
)
def test_failure_is_a_check_and_an_incident_and_never_a_change(
    site: Site, document: Document, status: int, raw: bytes, outcome: str, reason: str
) -> None:
    read(document)
    site.status, site.raw = status, raw

    check = read(document, at=START + timedelta(days=1))

    assert (check.outcome, check.reason) == (outcome, reason)
    with tenancy.system_scope("look"):
        assert len(versions(document)) == 1
        assert Incident.objects.get(closed_at=None).reason == reason


def test_incident_closes_by_the_next_good_reading_and_the_gap_is_kept(site: Site, document: Document) -> None:
    read(document)
    site.status = 503
    read(document, at=START + timedelta(days=1))
    site.status = 200

    read(document, at=START + timedelta(days=2))

    with tenancy.system_scope("look"):
        assert Incident.objects.get().closed_at == START + timedelta(days=2)
        assert Sighting.objects.count() == 2


def test_large_loss_of_text_is_believed_only_after_three_equal_readings(site: Site, document: Document) -> None:
    site.paragraphs = [OPENING, *[f"{n}. {p} This is rule number {n} of these terms." for n in range(12) for p in BODY]]
    read(document)
    site.paragraphs = site.paragraphs[:14]

    outcomes = [read(document, at=START + timedelta(days=1, hours=hours)).outcome for hours in (0, 1, 7)]

    assert outcomes == ["suspicious", "suspicious", "changed"]
    with tenancy.system_scope("look"):
        assert versions(document)[-1].marks == ["accepted_after_rereads"]


def test_suspicious_text_is_read_again_after_one_and_six_hours(site: Site, document: Document) -> None:
    site.paragraphs = [OPENING, *[f"{n}. {p} This is rule number {n} of these terms." for n in range(12) for p in BODY]]
    read(document)
    site.paragraphs = site.paragraphs[:14]
    waits = []
    at = START + timedelta(days=1)

    for _ in range(2):
        read(document, at=at)
        with tenancy.system_scope("look"):
            due = CheckSchedule.objects.get(document=document).next_check_at
        waits.append(due - at)
        at = due

    assert waits == [timedelta(hours=1), timedelta(hours=6)]


def test_new_declaration_makes_a_version_of_our_own_that_tells_nobody(site: Site, document: Document) -> None:
    site.validators = True
    read(document)
    with tenancy.system_scope("declare anew"):
        declaration = factories.declaration(document, url=site.address, reason="without the last paragraph")
        # A source is immutable: the declaration is made with its selector at once.
        declaration.sources.model.objects.create(declaration=declaration, position=1, url=f"{site.address}?page=2")

    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("look"):
        assert [version.cause for version in versions(document)] == [Cause.FIRST, Cause.DECLARATION]
        assert not Event.objects.exists()


def test_what_a_new_declaration_no_longer_selects_is_no_loss_of_text(site: Site, document: Document) -> None:
    read(document)
    with tenancy.system_scope("declare a smaller part"):
        factories.declaration(
            document, url=site.address, reason="the first rule alone", select=["h1", "main p:nth-child(2)"]
        )

    check = read(document, at=START + timedelta(days=1))

    assert (check.outcome, check.gate) == ("unchanged", "text")
    with tenancy.system_scope("look"):
        assert [version.cause for version in versions(document)] == [Cause.FIRST, Cause.DECLARATION]


def test_reading_by_a_new_extractor_is_not_the_platforms_change(site: Site, document: Document) -> None:
    read(document)
    with tenancy.system_scope("an older extractor made another text of the same bytes"):
        [right] = versions(document)
        text = replace(from_markdown("What an older extractor had made of the page."), extractor="html-0")
        older = recording.record_version(
            document=document,
            declaration=right.declaration,
            text=text,
            cause=Cause.EXTRACTOR,
            snapshots=list(right.snapshots.all()),
            observed_at=START + timedelta(hours=1),
        )
        recording.move_head(document, latest=older, read_at=START, changed=False)

    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("look"):
        newest = versions(document)[-1]
        assert (newest.cause, newest.text_sha256) == (Cause.EXTRACTOR, right.text_sha256)
        assert not Event.objects.exists()


def test_what_the_platform_changed_meanwhile_is_told_apart_from_our_new_reading(site: Site, document: Document) -> None:
    read(document)
    with tenancy.system_scope("declare a selector anew"):
        declaration = factories.declaration(document, url=site.address, reason="another number")
        assert declaration.number == 3
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")

    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("look"):
        assert [version.cause for version in versions(document)] == [Cause.FIRST, Cause.DECLARATION, Cause.PLATFORM]
        assert Change.objects.get(new__cause=Cause.DECLARATION).significance == Significance.NONE
        assert Change.objects.get(new__cause=Cause.PLATFORM).significance == Significance.SUBSTANTIVE


def test_what_changed_in_a_text_that_moved_is_told_apart_from_the_move(site: Site, document: Document) -> None:
    read(document)
    with tenancy.system_scope("declare another address"):
        factories.declaration(document, url=f"{site.address}?moved", reason="another address", select=["main"])
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")

    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("look"):
        assert [version.cause for version in versions(document)] == [Cause.FIRST, Cause.DECLARATION, Cause.PLATFORM]
        assert Change.objects.get(new__cause=Cause.PLATFORM).significance == Significance.SUBSTANTIVE


def test_worker_that_lost_its_lease_writes_nothing(site: Site, document: Document) -> None:
    with clock.at(START), tenancy.system_scope("take the host"):
        host = CheckSchedule.objects.select_related("host").get(document=document).host
        lease = scheduling.take_host(host)
    assert lease is not None
    with clock.at(START + scheduling.LEASE + timedelta(seconds=1)):
        with tenancy.system_scope("another takes it"):
            assert scheduling.take_host(host) is not None

        assert list(pipeline.read_documents([document.pk], lease)) == []

    with tenancy.system_scope("look"):
        assert not Check.objects.exists()


def test_document_whose_reading_killed_its_worker_twice_is_quarantined(site: Site, document: Document) -> None:
    with tenancy.system_scope("two readings without a result"):
        CheckSchedule.objects.filter(document=document).update(attempts=2)

    check = read(document)

    assert (check.outcome, check.reason) == ("unreadable", "worker_died")
    assert site.asked == []
    with tenancy.system_scope("look"), clock.at(START + timedelta(days=9)):
        assert CheckSchedule.objects.get().quarantined_at == START
        assert scheduling.claim_host() is None


def test_document_that_nobody_adopted_has_no_version(site: Site, document: Document) -> None:
    with tenancy.system_scope("nobody adopted it"):
        Document.objects.update(adopted_at=None)

    check = read(document)

    assert (check.outcome, check.reason) == ("suspicious", "not_adopted")
    with tenancy.system_scope("look"):
        assert not DocumentHead.objects.exists()


def test_host_is_claimed_only_while_something_is_due(site: Site, document: Document) -> None:
    with clock.at(datetime.now(UTC) + timedelta(seconds=1)):
        assert pipeline.read_due_host() == 1
        assert pipeline.read_due_host() is None


def test_worker_leaves_a_large_host_after_its_round_and_the_rest_stays_due(site: Site, document: Document) -> None:
    other = factories.document(document.platform, "Privacy Policy")
    factories.declaration(other, url=site.address)
    with tenancy.system_scope("schedule both"):
        scheduling.sync_schedules()

    with clock.at(datetime.now(UTC) + timedelta(seconds=1)):
        assert [pipeline.read_due_host(budget=timedelta(0)) for _ in range(3)] == [1, 1, None]

    assert len(site.asked) == 2


def test_next_host_can_be_read_while_this_one_is(site: Site, document: Document) -> None:
    asked_before: list[int] = []

    with clock.at(datetime.now(UTC) + timedelta(seconds=1)):
        pipeline.read_due_host(claimed=lambda: asked_before.append(len(site.asked)))
        pipeline.read_due_host(claimed=lambda: asked_before.append(len(site.asked)))

    assert (asked_before, len(site.asked)) == ([0], 1)


def test_host_that_asks_us_to_stay_away_is_left_alone_with_all_its_documents(site: Site, document: Document) -> None:
    other = factories.document(document.platform, "Privacy Policy")
    factories.declaration(other, url=site.address)
    with tenancy.system_scope("schedule both"):
        scheduling.sync_schedules()
    site.status, site.retry_after = 429, "3600"
    began = datetime.now(UTC) + timedelta(seconds=1)

    with clock.at(began):
        assert pipeline.read_due_host() == 1
    with clock.at(began + timedelta(minutes=59)):
        assert pipeline.read_due_host() is None
    site.status, site.retry_after = 200, ""
    with clock.at(began + timedelta(minutes=61)):
        assert pipeline.read_due_host() == 2


def test_nobody_keeps_us_away_for_more_than_a_day(site: Site, document: Document) -> None:
    site.status, site.retry_after = 503, "99999999999"

    read(document)

    with tenancy.system_scope("look"):
        assert CheckSchedule.objects.get().next_check_at == START + timedelta(days=1)
        assert CheckSchedule.objects.get().host.next_request_at == START + timedelta(days=1)


def test_document_that_fails_keeps_no_other_of_its_host_unread(site: Site, document: Document) -> None:
    other = factories.document(document.platform, "Privacy Policy")
    factories.declaration(other, url=site.address)
    site.status = 503
    with clock.at(START):
        with tenancy.system_scope("take the host, long before it was first named"):
            scheduling.sync_schedules()
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=document).host)
        assert lease is not None

        checks = list(pipeline.read_documents([document.pk, other.pk], lease))

    assert [check.reason for check in checks] == ["http_5xx", "http_5xx"]


def test_clock_that_was_put_back_neither_hides_a_change_nor_fails_a_reading(site: Site, document: Document) -> None:
    read(document)
    earlier = START - timedelta(minutes=5)

    assert read(document, at=earlier).outcome == "unchanged"
    site.paragraphs[0] = site.paragraphs[0].replace("an agreement between", "a contract between")
    read(document, at=earlier + timedelta(minutes=1))

    with tenancy.system_scope("look"):
        first, second = versions(document)
        assert (first.cause, second.cause) == (Cause.FIRST, Cause.PLATFORM)
        assert second in Version.objects.released()
        assert Event.objects.count() == 1


def test_what_a_reader_would_have_seen_of_the_last_failed_answer_stays_on_the_incident(
    site: Site, document: Document
) -> None:
    site.status, site.raw = 403, b"<html><body><h1>Access denied</h1><script>x</script><p>Ray 1</p></body></html>"
    read(document)
    site.raw = b"<html><body><h1>Access denied</h1><p>Ray 2</p>" + b"<p>And so on.</p>" * 1000 + b"</body></html>"

    read(document, at=START + timedelta(days=1))

    seen = Incident.objects.get().seen
    assert seen.startswith("Access denied\n\nRay 2")
    assert len(seen) == 2_000
