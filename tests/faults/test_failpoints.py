"""A worker is killed at each point where it could be, while a document changes and people are told; another one takes over.

Then there is one version, one change, one event, one delivery for each recipient, and every mail has come: once, or twice
with the same Message-ID where the worker died between the receiver's yes and our note of it.
"""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from accounts import tenancy
from accounts.models import Membership, OutgoingMail
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Delivery, DeliveryState, Digest, Event, InboxItem, Preferences
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, DocumentHead, Host, LedgerEntry, Sighting, Snapshot, Version
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Release, ReleaseState
from tests import factories
from tests.conftest import OwnDatabase
from tests.faults.last_bell import NAME as LAST_BELL
from tests.faults.points import named_in_the_code
from tests.faults.story import BELLS, DELIVER, DIGEST, FAN_OUT, READ, RELEASE, SIGN_IN, leases_end, page
from tests.faults.workers import Workers, own_broker
from tests.wire.server import Answer, WireServer
from tests.wire.smtp import Mailbox, smtp_server

pytestmark = pytest.mark.servers

KILLED = [
    ("pipeline.after_claim", READ),
    ("pipeline.after_begin", READ),
    ("pipeline.after_fetch", READ),
    ("archive.after_snapshot", READ),
    ("archive.after_version", READ),
    ("archive.after_ledger", READ),
    ("changes.after_change", READ),
    ("alerts.after_event", READ),
    ("pipeline.before_commit", READ),
    ("pipeline.after_commit", READ),
    ("changes.after_decision", RELEASE),
    ("alerts.after_event", RELEASE),
    ("alerts.fan_out.after_claim", FAN_OUT),
    ("alerts.fan_out.after_deliveries", FAN_OUT),
    ("alerts.digests.before_commit", DIGEST),
    ("alerts.digests.after_commit", DIGEST),
    ("alerts.deliver.before_send", DELIVER),
    ("alerts.deliver.after_send", DELIVER),
    ("outgoing.claimed", SIGN_IN),
    ("outgoing.taken", SIGN_IN),
]
"""The failpoint, and the bell whose answer it ends; the steps before that bell are done by then."""

KILLED_TOGETHER = ["pipeline.after_fetch", "batches.before_commit", "batches.after_commit"]
"""The failpoints on the way of documents that are begun together and found unchanged."""

TAKEN_BEFORE_THE_NOTE = {"alerts.deliver.after_send", "outgoing.taken"}
FOLLOWERS = 3


@dataclass(frozen=True, slots=True)
class Story:
    """A platform with followers, whose document was read once and has changed since; and a mail of sign-in that waits."""

    document: Document
    followers: list[Membership]
    mailbox: Mailbox
    workers: Workers
    site: WireServer


@pytest.fixture
def story(own_database: OwnDatabase, worker_number: int, settings: LazySettings) -> Iterator[Story]:
    with ExitStack() as stack:
        site = stack.enter_context(WireServer())
        mailbox = stack.enter_context(smtp_server())
        broker = stack.enter_context(own_broker(worker_number))
        settings.ALERT_REVIEW_WINDOW = timedelta()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port

        lumen = factories.platform("Lumen")
        document = factories.document(lumen)
        factories.declaration(document, url=site.url("/terms"), reason="where the test's server is")
        site.answers("/terms", body=page(30), headers={"Content-Type": "text/html; charset=utf-8"})
        with tenancy.system_scope("schedule the test's document"):
            scheduling.sync_schedules()
        assert pipeline.read_due_host() == 1

        site.answers("/terms", body=page(90), headers={"Content-Type": "text/html; charset=utf-8"})
        with tenancy.system_scope("a day passes"):
            CheckSchedule.objects.update(next_check_at=clock.now())
        joined = clock.now() - timedelta(days=30)
        followers = [factories.member(plan="watcher", created_at=joined) for _ in range(FOLLOWERS)]
        for membership in followers:
            factories.watch(membership, lumen)
        OutgoingMail.objects.create(recipient="a@example.org", subject="A code", text="x", message_id="<1@sign-in>")
        yield Story(document, followers, mailbox, Workers(own_database, broker, mailbox.port), site)


@pytest.mark.parametrize(("failpoint", "bell"), KILLED, ids=[f"{point}-{bell}" for point, bell in KILLED])
def test_what_a_killed_worker_left_is_finished_once_and_nothing_is_lost(
    story: Story, failpoint: str, bell: str
) -> None:
    for earlier in list(BELLS)[: list(BELLS).index(bell)]:
        BELLS[earlier]()

    assert story.workers.answer([bell], killed_at=failpoint) == -signal.SIGKILL
    leases_end()
    assert story.workers.answer(list(BELLS)) == 0

    with tenancy.system_scope("look"):
        _the_reading_is_recorded_once(story)
        _everybody_is_told_once(story)
    _every_mail_came(story, failpoint)


def _the_reading_is_recorded_once(story: Story) -> None:
    first, second = Version.objects.filter(document=story.document).order_by("observed_at")
    change = Change.objects.get()
    assert (change.old, change.new) == (first, second)
    assert Release.objects.get().state == ReleaseState.AUTOMATIC
    assert DocumentHead.objects.get().released == second
    assert list(Check.objects.order_by("observed_at").values_list("outcome", flat=True)) == ["first", "changed"]
    assert Snapshot.objects.count() == 2
    assert LedgerEntry.objects.filter(subject__in=[first.typeid, second.typeid]).count() == 2
    assert Sighting.objects.filter(open=True).get().version == second
    schedule = CheckSchedule.objects.get()
    assert (schedule.attempts, schedule.quarantined_at) == (0, None)
    assert schedule.next_check_at > clock.now()


def _everybody_is_told_once(story: Story) -> None:
    everybody = Counter(membership.pk for membership in story.followers)
    event = Event.objects.get()
    assert event.fanned_out_at is not None
    assert Counter(Delivery.objects.filter(event=event).values_list("membership_id", flat=True)) == everybody
    assert Counter(InboxItem.objects.filter(event=event).values_list("membership_id", flat=True)) == everybody
    assert Counter(Digest.objects.values_list("membership_id", flat=True)) == everybody
    assert Counter(Delivery.objects.filter(digest__isnull=False).values_list("membership_id", flat=True)) == everybody
    assert Preferences.objects.filter(next_digest_at__gt=clock.now()).count() == FOLLOWERS
    assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def _every_mail_came(story: Story, failpoint: str) -> None:
    times = Counter(message["Message-ID"] for message in story.mailbox.messages)
    alerts_and_digests = 2 * FOLLOWERS
    assert len(times) == alerts_and_digests + 1
    repeated = 1 if failpoint in TAKEN_BEFORE_THE_NOTE else 0
    assert sum(times.values()) == len(times) + repeated
    assert max(times.values()) == 1 + repeated
    assert times["<1@sign-in>"] == (2 if failpoint == "outgoing.taken" else 1)
    to = Counter(message["To"] for message in story.mailbox.messages)
    assert set(to) == {membership.user.email for membership in story.followers} | {"a@example.org"}
    assert OutgoingMail.objects.get().sent_at is not None


def test_nothing_is_lost_or_told_twice_where_redis_forgets_everything_in_the_middle(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once while a page is being read and all else waits, once while the first mail is being sent; then beat rings again."""
    forgotten: list[str] = []
    next_answer, handle_data = story.site.next_answer, story.mailbox.handle_DATA

    def forget_once(when: str) -> None:
        if when not in forgotten:
            forgotten.append(when)
            story.workers.broker.forget()
            story.workers.broker.ring([*BELLS, LAST_BELL])

    def while_reading(path: str) -> Answer:
        forget_once("reading")
        return next_answer(path)

    async def while_sending(server: Any, session: Any, envelope: Any) -> str:
        await asyncio.to_thread(forget_once, "sending")
        return await handle_data(server, session, envelope)

    monkeypatch.setattr(story.site, "next_answer", while_reading)
    monkeypatch.setattr(story.mailbox, "handle_DATA", while_sending)

    assert story.workers.answer(list(BELLS)) == 0

    assert forgotten == ["reading", "sending"]
    with tenancy.system_scope("look"):
        _the_reading_is_recorded_once(story)
        _everybody_is_told_once(story)
    _every_mail_came(story, "")


def test_every_failpoint_of_the_code_is_killed_at() -> None:
    assert {failpoint for failpoint, _ in KILLED} | set(KILLED_TOGETHER) == named_in_the_code()


def test_a_reading_that_kills_every_worker_is_left_alone(story: Story) -> None:
    for _ in range(scheduling.MOST_ATTEMPTS):
        assert story.workers.answer([READ], killed_at="pipeline.after_fetch") == -signal.SIGKILL
        leases_end()
    assert story.workers.answer([READ]) == 0

    with tenancy.system_scope("look"):
        assert Check.objects.latest("observed_at").reason == "worker_died"
        assert CheckSchedule.objects.get().quarantined_at is not None
        assert Version.objects.count() == 1


@pytest.mark.parametrize("failpoint", KILLED_TOGETHER)
def test_unchanged_documents_that_were_read_together_are_recorded_once(story: Story, failpoint: str) -> None:
    story.site.answers("/terms", body=page(30), headers={"Content-Type": "text/html; charset=utf-8"})
    for number in range(3):
        another = factories.document(story.document.platform, f"Privacy Policy {number}")
        factories.declaration(another, url=story.site.url("/terms"), reason="where the test's server is")
    with tenancy.system_scope("schedule them"):
        scheduling.sync_schedules()
    assert pipeline.read_due_host() == 4
    with tenancy.system_scope("a day passes"):
        CheckSchedule.objects.update(next_check_at=clock.now())
        Host.objects.update(next_request_at=clock.now())

    assert story.workers.answer([READ], killed_at=failpoint) == -signal.SIGKILL
    leases_end()
    assert story.workers.answer([READ]) == 0

    with tenancy.system_scope("look"):
        found = Counter(Check.objects.values_list("document", "outcome"))
        assert Counter(outcome for _, outcome in found.elements()) == {"first": 4, "unchanged": 5}
        assert set(CheckSchedule.objects.values_list("attempts", "quarantined_at")) == {(0, None)}
        assert set(Sighting.objects.values_list("open", flat=True)) == {True}
        assert sorted(Sighting.objects.values_list("checks", flat=True)) == [2, 2, 2, 3]
