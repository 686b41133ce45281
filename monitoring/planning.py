"""When a document is read next; the rules stand in archive.pacing. Runs in the transaction that records a reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count

from monitoring import outages
from monitoring.archive import pacing, recording, scheduling
from monitoring.archive.scheduling import Lease
from monitoring.catalogue.models import Document, Reading
from monitoring.changes.models import Change
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.reading import REREAD_AFTER, Result, Task

LONGEST_STAY = 24 * 3600  # seconds; who asks for more is asked again the next day


def plan_next(task: Task, result: Result, lease: Lease, moment: datetime, *, host_failures: int = 0) -> None:
    """When it is read next: in its interval; sooner where a text is doubted; later and later while it fails. A host that asks
    us to stay away is left alone, its other documents too; so is one that fails whole, for the `host_failures`th time."""
    if result.reason == Reason.WORKER_DIED:
        recording.quarantine(task.document, at=moment)
        return
    pace = _pace(task, result, moment)
    interval = _interval(task, pace)
    if result.outcome.was_read:
        at = pacing.next_slot(lease.host, interval, after=moment)
        recording.plan_next(task.document, at=at, failures=0, pace=pace)
        return
    failures = task.schedule.failures + 1
    wait = pacing.back_off(failures, interval, salt=f"{task.document.pk} on {moment:%Y-%m-%d}")
    if host_failures:
        wait = outages.wait(host_failures, interval, lease.host)
    if result.retry_after is not None:
        asked = timedelta(seconds=min(result.retry_after, LONGEST_STAY))
        scheduling.stay_away(lease, until=moment + asked)
        wait = max(wait, asked)
    if host_failures:
        scheduling.leave_alone(lease, until=moment + wait)
    rereads, suspect = 0, ""
    if result.outcome == Outcome.SUSPICIOUS and result.text is not None:
        suspect = result.text.sha256
        rereads = task.schedule.rereads + 1 if task.schedule.suspect_sha256 == suspect else 1
        wait = REREAD_AFTER[min(rereads, len(REREAD_AFTER)) - 1]
    recording.plan_next(
        task.document, at=moment + wait, failures=failures, rereads=rereads, suspect_sha256=suspect, pace=pace
    )


def plan_unchanged(tasks: Sequence[tuple[Task, datetime]], lease: Lease) -> list[tuple[datetime, int]]:
    """For documents found unchanged at these moments: when each is read next, and its pace. Writes nothing."""
    busy = [task.document for task, _ in tasks if task.schedule.pace > 1]
    changes = _changes(busy, max(moment for _, moment in tasks)) if busy else {}
    planned = []
    for task, moment in tasks:
        pace = pacing.readings_a_day(changes.get(task.document.pk, 0)) if task.schedule.pace > 1 else 1
        planned.append((pacing.next_slot(lease.host, _interval(task, pace), after=moment), pace))
    return planned


def _pace(task: Task, result: Result, moment: datetime) -> int:
    """How many readings a day it is worth now. Without a new change that can only become less, so most readings don't ask."""
    if result.outcome != Outcome.CHANGED and task.schedule.pace == 1:
        return 1
    return pacing.readings_a_day(_changes([task.document], moment).get(task.document.pk, 0))


def _changes(documents: Sequence[Document], moment: datetime) -> dict[int, int]:
    counted = Change.objects.of_words(documents, since=moment - pacing.HISTORY).order_by()
    return dict(counted.values_list("document").annotate(Count("pk")))


def _interval(task: Task, pace: int) -> timedelta:
    by_itself = _interval_of_the_demo(task) if task.document.platform.demo else pacing.interval(pace)
    return task.document.pinned_interval or by_itself


def _interval_of_the_demo(task: Task) -> timedelta:
    """A visitor shouldn't wait; but a browser that is opened every few seconds would take the machine from them."""
    static = all(source.reading == Reading.STATIC for source in task.sources)
    interval: timedelta = settings.DEMO_CHECK_INTERVAL if static else settings.DEMO_BROWSER_INTERVAL
    return interval
