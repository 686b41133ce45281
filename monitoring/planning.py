"""When a document is read next; the rules stand in archive.pacing. Runs in the transaction that records a reading."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from monitoring.archive import pacing, recording, scheduling
from monitoring.archive.scheduling import Lease
from monitoring.changes.models import Change
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.reading import REREAD_AFTER, Result, Task

LONGEST_STAY = 24 * 3600  # seconds; who asks for more is asked again the next day


def plan_next(task: Task, result: Result, lease: Lease, moment: datetime) -> None:
    """When it is read next: in its interval; sooner where a text is doubted; later and later while it fails. A host that asks
    us to stay away is left alone, its other documents too."""
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
    if result.retry_after is not None:
        asked = timedelta(seconds=min(result.retry_after, LONGEST_STAY))
        scheduling.stay_away(lease, until=moment + asked)
        wait = max(wait, asked)
    rereads, suspect = 0, ""
    if result.outcome == Outcome.SUSPICIOUS and result.text is not None:
        suspect = result.text.sha256
        rereads = task.schedule.rereads + 1 if task.schedule.suspect_sha256 == suspect else 1
        wait = REREAD_AFTER[min(rereads, len(REREAD_AFTER)) - 1]
    recording.plan_next(
        task.document, at=moment + wait, failures=failures, rereads=rereads, suspect_sha256=suspect, pace=pace
    )


def _pace(task: Task, result: Result, moment: datetime) -> int:
    """How many readings a day it is worth now. Without a new change that can only become less, so most readings don't ask."""
    if result.outcome != Outcome.CHANGED and task.schedule.pace == 1:
        return 1
    changes = Change.objects.of_words(task.document, since=moment - pacing.HISTORY).count()
    return pacing.readings_a_day(changes)


def _interval(task: Task, pace: int) -> timedelta:
    by_itself = settings.DEMO_CHECK_INTERVAL if task.document.platform.demo else pacing.interval(pace)
    return task.document.pinned_interval or by_itself
