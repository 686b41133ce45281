"""The way a document travels, from the web to the people who follow its platform:

    due ─> begin ─> fetch ─> judge ─> record_reading | record_unchanged ─> (decide | release_due) ─> fan_out ─> deliver

This is the one place that joins the steps. Its functions are the transactions: each opens its own scope, writes all or
nothing, and can be called without Celery. No network call is made while a transaction is open.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock, egress
from atlas.kernel.failpoints import failpoint
from monitoring import batches, outages, proposing
from monitoring.alerts import digests, events, outbox
from monitoring.alerts import fan_out as recipients
from monitoring.alerts.errors import LeaseLost
from monitoring.archive import incidents, ledger, recording, scheduling
from monitoring.archive.models import Cause, Check, Snapshot, Version
from monitoring.archive.models.evidence import UPLOADED
from monitoring.archive.scheduling import Lease
from monitoring.catalogue.models import Document, Platform
from monitoring.changes import services as changes
from monitoring.changes.models import Change, Release
from monitoring.extraction import ExtractedText
from monitoring.fetching.outcomes import Outcome
from monitoring.findings import services as findings
from monitoring.findings.models import Finding
from monitoring.manners import Manners
from monitoring.planning import plan_next
from monitoring.reading import Answer, Result, Task, ask, assess, worker_died
from monitoring.watching import requests
from monitoring.watching.models import PlatformRequest

logger = structlog.get_logger(__name__)

#: How long one worker keeps a host with many documents: a page takes minutes at worst, and tasks end after nine of them.
ROUND = timedelta(minutes=3)

# --- Reading ----------------------------------------------------------------------------------------------------------


def read_due_host(*, claimed: Callable[[], None] = lambda: None, budget: timedelta = ROUND) -> int | None:
    """Claim a host with due documents and read them one after another over one connection. Returns how many were read, or
    None when no host is due. A document whose reading fails unexpectedly is logged, and the next one is read.

    `claimed` is called in between, so that somebody else may read the next host meanwhile. After `budget` no further document
    is begun: those that are left stay due.
    """
    with tenancy.system_scope("claim a host"):
        lease = scheduling.claim_host()
        documents = scheduling.due_documents(lease) if lease else []
    if lease is None:
        return None
    failpoint("pipeline.after_claim")
    claimed()
    return sum(1 for _ in read_documents(documents, lease, budget=budget))


def read_documents(
    document_ids: Sequence[int],
    lease: Lease,
    *,
    budget: timedelta = timedelta.max,
    open_session: Callable[[], egress.Session] = egress.session,
) -> Iterator[Check]:
    """Read these documents of a claimed host, with its delay between them, and give the host back at the end. After `budget`
    no further one is begun. A check is given when it is recorded: those without news a few seconds later, together."""
    delay, ends = lease.delay, time.monotonic() + budget.total_seconds()
    asked = False
    try:
        with open_session() as session:
            manners = Manners(session, delay=lease.delay)
            together = deque(_cut(document_ids, batches.most_together(lease.delay)))
            while together:
                tasks, apart = batches.begin(together.popleft(), lease)
                together.extend([document_id] for document_id in apart)
                waiting = batches.Waiting(lease)
                for number, task in enumerate(tasks):
                    if asked and time.monotonic() >= ends:
                        together.clear()
                        batches.not_begun(tasks[number:], lease)
                        break
                    if asked and delay:
                        time.sleep(delay.total_seconds())
                    asked = True
                    check = _read(task, session=session, lease=lease, manners=manners, waiting=waiting)
                    delay = max(lease.delay, manners.delay(lease.host))
                    if check is not None:
                        yield check
                        if not Outcome(check.outcome).was_read and _asked_to_wait(lease):
                            together.clear()
                            batches.not_begun(tasks[number + 1 :], lease)
                            break
                    if waiting.is_long:
                        yield from waiting.write()
                yield from waiting.write()
    except scheduling.LeaseLost:
        logger.warning("lease_lost", host=lease.host_id)
    finally:
        with tenancy.system_scope("give a host back"):
            scheduling.give_back(lease, next_request_at=clock.now() + delay)


def _cut(document_ids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
    return (document_ids[start : start + most] for start in range(0, len(document_ids), most))


def _asked_to_wait(lease: Lease) -> bool:
    with tenancy.system_scope("has the host asked us to wait?"):
        return scheduling.is_away(lease)


def _read(
    task: Task, *, session: egress.Session, lease: Lease, manners: Manners, waiting: batches.Waiting
) -> Check | None:
    """Read one document whose reading was begun. None where its check waits for others, or nothing could be recorded: a bug on
    one page must not keep the others unread; its attempt stays counted. Raises LeaseLost."""
    try:
        return _read_document(task, session=session, lease=lease, manners=manners, waiting=waiting)
    except scheduling.Overtaken:
        logger.info("reading_overtaken", document=task.document.pk)
    except scheduling.LeaseLost:
        raise
    except Exception:
        logger.exception("reading_failed", document=task.document.pk)
    return None


def _read_document(
    task: Task, *, session: egress.Session, lease: Lease, manners: Manners, waiting: batches.Waiting
) -> Check | None:
    """What was seen becomes a Check, and a Version and a Change where its text is another."""
    task.started = time.monotonic()
    if task.attempts > scheduling.MOST_ATTEMPTS:
        return record_reading(task, [], worker_died(task), lease)
    failpoint("pipeline.after_begin")
    answers = [ask(source, task, session, manners) for source in task.sources]
    failpoint("pipeline.after_fetch")
    result, moment = assess(task, answers), _after(task.latest)
    shown = proposing.look(task, answers, result, moment)
    # The first answer of a host that has failed ends that, so it is recorded before the next document is asked for.
    if shown is None and not lease.troubled and batches.can_wait(task, answers, result, moment):
        waiting.add(task, answers, result, moment)
        return None
    check = record_reading(task, answers, result, lease)
    if shown is not None:
        proposing.note(shown, lease)
    return check


# --- Recording --------------------------------------------------------------------------------------------------------


def record_reading(task: Task, answers: Sequence[Answer], result: Result, lease: Lease) -> Check:
    """Write check, snapshots, version, change, release and ledger entry: all or none. Raises LeaseLost or Overtaken, then
    nothing is written."""
    moment = _after(task.latest)
    with tenancy.system_scope("record a reading"):
        scheduling.hold(lease)
        scheduling.require_unchanged(task.document, task.declaration, lease)
        version, host_failures = task.latest, 0
        if result.outcome in (Outcome.FIRST, Outcome.CHANGED) or (
            result.outcome == Outcome.UNCHANGED and not task.way_is_the_same
        ):
            version = record_versions(task, answers, result, moment)
        elif result.outcome == Outcome.UNCHANGED and version is not None:
            _see_again(task, answers, version, moment)
        elif result.reason is not None:
            recording.end_sightings(task.document)
            host_failures = outages.note_failure(task, answers, result, lease, moment)
            if picture := next((answer.picture for answer in answers if answer.picture), b""):
                recording.keep_picture(task.document, jpeg=picture, at=moment)
        if result.outcome.was_read:
            incidents.close_of_document(task.document, at=moment)
            outages.note_answer(lease, moment)
        check = recording.record_check(
            document=task.document,
            declaration=task.declaration,
            outcome=result.outcome,
            reason=result.reason,
            why=result.why,
            gate=result.gate,
            sources=[answer.facts for answer in answers],
            milliseconds=task.milliseconds,
            version=version if result.outcome.was_read else None,
            observed_at=moment,
        )
        plan_next(task, result, lease, moment, host_failures=host_failures)
        failpoint("pipeline.before_commit")
    failpoint("pipeline.after_commit")
    return check


def _after(latest: Version | None) -> datetime:
    """Now; just after the newest version where the clock was put back since, or another machine's is behind. History is
    ordered by these moments: an earlier one would put what is new before what is old, and never make it public."""
    now = clock.now()
    return max(now, latest.observed_at + timedelta(milliseconds=2)) if latest else now


def record_versions(task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> Version:
    """First what our own new way of reading makes of the old bytes, then what the platform changed."""
    text = result.text
    assert text is not None, "an outcome that was read has its text"  # noqa: S101
    latest, latest_text = task.latest, result.previous
    if latest is not None and latest_text is not None and not task.way_is_the_same:
        cause = Cause.DECLARATION if latest.declaration_id != task.declaration.pk else Cause.EXTRACTOR
        technical = result.technical
        if technical is None or technical.sha256 == text.sha256:
            # Nothing is left for the platform to have changed, or nothing can tell its part from ours.
            return _add_version(task, answers, text, cause, latest, latest_text, moment, result)
        before = moment - timedelta(milliseconds=1)
        latest = _add_version(task, [], technical, cause, latest, latest_text, before, result)
        latest_text = technical
    cause = Cause.FIRST if latest is None else Cause.PLATFORM
    return _add_version(task, answers, text, cause, latest, latest_text, moment, result)


def _add_version(
    task: Task,
    answers: Sequence[Answer],
    text: ExtractedText,
    cause: Cause,
    latest: Version | None,
    latest_text: ExtractedText | None,
    moment: datetime,
    result: Result,
) -> Version:
    document = task.document
    if answers:
        snapshots = [_keep(task, answer, moment) for answer in answers]
    else:  # the old bytes, read anew
        snapshots = [reading.snapshot for reading in latest.readings.select_related("snapshot")] if latest else []
    failpoint("archive.after_snapshot")
    version = recording.record_version(
        document=document,
        declaration=task.declaration,
        text=text,
        cause=cause,
        snapshots=snapshots,
        observed_at=moment,
        marks=_marks(task, answers, result),
    )
    failpoint("archive.after_version")
    recording.move_head(document, latest=version, read_at=moment, changed=cause == Cause.PLATFORM)
    ledger.log_version(version, snapshots)
    failpoint("archive.after_ledger")
    if latest is not None and latest_text is not None:
        known = max(moment, clock.now())  # a capture that was uploaded had been taken before: its review begins now
        changes.record_change(old=latest, new=version, old_text=latest_text, new_text=text, moment=known)
        failpoint("changes.after_change")
        _let_out(document, known)
    return version


def _marks(task: Task, answers: Sequence[Answer], result: Result) -> list[str]:
    marks = ["accepted_after_rereads"] if result.accepted_after_rereads else []
    return [*marks, UPLOADED] if task.upload is not None and answers else marks


def _keep(task: Task, answer: Answer, moment: datetime) -> Snapshot:
    fetched = answer.fetched
    assert fetched is not None, "a snapshot is made of an answer that came"  # noqa: S101
    if fetched.not_modified:
        assert answer.state is not None, "the condition came from the state"  # noqa: S101
        assert answer.state.snapshot is not None, "a state is written with its snapshot"  # noqa: S101
        return answer.state.snapshot
    keep = partial(
        recording.keep_snapshot,
        source=answer.source,
        document=task.document,
        final_url=fetched.final_url,
        status=fetched.status if task.upload is None else 0,
        headers=fetched.headers,
        observed_at=moment,
        upload=task.upload,
    )
    response = None
    if fetched.received is not None and fetched.received_as is not None:
        media_type, charset = fetched.received_as
        response = keep(content=fetched.received, media_type=media_type, charset=charset)
    snapshot = keep(content=fetched.content, media_type=fetched.media_type, charset=fetched.charset, response=response)
    if task.upload is None:
        _remember(answer, snapshot)
    return snapshot


def _remember(answer: Answer, snapshot: Snapshot | None) -> None:
    fetched = answer.fetched
    assert fetched is not None, "only an answer that came is remembered"  # noqa: S101
    validators = fetched.validators
    recording.remember_source(
        answer.source,
        etag=validators.etag,
        last_modified=validators.last_modified,
        sha256=answer.sha256,
        final_url=fetched.final_url,
        in_browser_since=answer.in_browser_since,
        snapshot=snapshot,
    )


def _see_again(task: Task, answers: Sequence[Answer], version: Version, moment: datetime) -> None:
    """The text stands. Its bytes are kept again once in 30 days; otherwise their hash stands in the check."""
    recording.see_again(version, at=moment)
    recording.note_read(task.document, at=moment)
    for answer in answers:
        if answer.bytes_are_due(moment):
            _keep(task, answer, moment)
        elif answer.has_news:
            _remember(answer, None)


# --- Deciding and telling ---------------------------------------------------------------------------------------------


def decide(
    decision: Callable[..., Release], *, change: Change, analyst: User, moment: datetime, **words: str
) -> Release:
    """One of `changes.services.approve`, `hold` and `suppress`, and what follows: what became public is told. Runs in the
    desk's scope."""
    release = decision(change=change, analyst=analyst, moment=moment, **words)
    failpoint("changes.after_decision")
    _let_out(change.document, moment)
    return release


def publish_finding(*, finding: Finding, reviewer: User, moment: datetime, read: int | None = None) -> Finding:
    """A second person publishes a finding, and those who follow its platform are told. Runs in the desk's scope."""
    published = findings.publish(finding=finding, reviewer=reviewer, moment=moment, read=read)
    events.announce_finding(finding=published, moment=moment)
    return published


def bring_platform(
    *, request: PlatformRequest, platform: Platform, operator: User, moment: datetime
) -> PlatformRequest:
    """A platform that was asked for is read now, and whoever asked or voted is told. Runs in the desk's scope."""
    brought = requests.bring(request=request, platform=platform, operator=operator, moment=moment)
    events.announce_platform(request=brought, moment=moment)
    return brought


def release_due() -> int:
    """Release what nobody decided by its deadline, with the automatic summary. Returns how many."""
    moment = clock.now()
    released = 0
    while True:
        try:
            with tenancy.system_scope("release what is due"):
                release = Release.objects.due(moment).select_related("change__document", "change__new").first()
                if release is None:
                    return released
                changes.release_automatically(change=release.change, moment=moment)
                failpoint("changes.after_decision")
                _let_out(release.change.document, moment)
        except changes.AlreadyDecided:  # by somebody who was quicker
            continue
        released += 1


def _let_out(document: Document, moment: datetime) -> None:
    """Make public what is decided, and write the events about it in the same transaction."""
    for change in changes.advance(document=document, moment=moment):
        events.announce_change(change=change, moment=moment)
    failpoint("alerts.after_event")


def fan_out() -> int:
    """Write the deliveries of every event that waits, a chunk a transaction. Returns how many events were finished."""
    finished = 0
    while True:
        with tenancy.system_scope("claim an event"):
            claim = recipients.claim(moment=clock.now())
        if claim is None:
            return finished
        failpoint("alerts.fan_out.after_claim")
        try:
            after: int | None = 0
            while after is not None:
                with tenancy.system_scope("write the deliveries of an event"):
                    after = recipients.write_chunk(claim, after=after, moment=clock.now())
                failpoint("alerts.fan_out.after_deliveries")
            with tenancy.system_scope("finish an event"):
                recipients.finish(claim, moment=clock.now())
        except LeaseLost:
            logger.warning("lease_lost", told_event=claim.event_id)
            continue
        finished += 1


def deliver(most: int = 500) -> int:
    """Send waiting deliveries one after another, at most so many; none after one that found the mail server away, so that
    nobody waits for it hundreds of times. Returns how many were tried: fewer mean that there is nothing to do now."""
    for tried in range(most):
        with tenancy.system_scope("claim a delivery"):
            claim = outbox.claim(moment=clock.now())
        if claim is None:
            return tried
        try:
            with tenancy.system_scope("write a mail"):
                written = outbox.write(claim)
        except Exception:  # a bug in one mail must not keep the others unsent; it is tried again, and fails in the end
            logger.exception("mail_not_written", delivery=claim.delivery_id)
            written = outbox.NOT_WRITTEN
        if isinstance(written, outbox.Letter):
            failpoint("alerts.deliver.before_send")
            answer = outbox.send(written)
            failpoint("alerts.deliver.after_send")
        else:
            answer = written
        with tenancy.system_scope("note what became of a delivery"):
            outbox.note(claim, answer, moment=clock.now())
        if answer.server_away:
            return tried
    return most


def make_digests(moment: datetime | None = None) -> int:
    """Make every digest that is due at the moment, a batch a transaction. Returns how many members were looked at.

    Without a moment: what was due two minutes ago, so that an event written at the very end of a period has committed.
    """
    due, looked_at = moment or clock.now() - digests.GRACE, 0
    while True:
        with tenancy.system_scope("make digests"):
            batch = digests.make_digests(moment=due)
            failpoint("alerts.digests.before_commit")
        failpoint("alerts.digests.after_commit")
        looked_at += batch
        if batch < digests.BATCH:
            return looked_at
