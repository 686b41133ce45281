"""When a document is read next. Runs in the transaction that records a reading."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from monitoring.archive import recording, scheduling
from monitoring.archive.scheduling import Lease
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.reading import REREAD_AFTER, Result, Task

FIRST_BACK_OFF = timedelta(minutes=15)
LONGEST_STAY = 24 * 3600  # seconds; who asks for more is asked again the next day


def plan_next(task: Task, result: Result, lease: Lease, moment: datetime) -> None:
    """When it is read next: in its interval; sooner where a text is doubted; later and later while it fails. A host that asks
    us to stay away is left alone, its other documents too."""
    if result.reason == Reason.WORKER_DIED:
        recording.quarantine(task.document, at=moment)
        return
    interval = settings.DEMO_CHECK_INTERVAL if task.document.platform.demo else settings.CHECK_INTERVAL
    if result.outcome.was_read:
        recording.plan_next(task.document, at=moment + interval, failures=0)
        return
    failures = task.schedule.failures + 1
    wait = min(interval, FIRST_BACK_OFF * 2 ** min(failures - 1, 10))
    if result.retry_after is not None:
        asked = timedelta(seconds=min(result.retry_after, LONGEST_STAY))
        scheduling.stay_away(lease, until=moment + asked)
        wait = max(wait, asked)
    rereads, suspect = 0, ""
    if result.outcome == Outcome.SUSPICIOUS and result.text is not None:
        suspect = result.text.sha256
        rereads = task.schedule.rereads + 1 if task.schedule.suspect_sha256 == suspect else 1
        wait = REREAD_AFTER[min(rereads, len(REREAD_AFTER)) - 1]
    recording.plan_next(task.document, at=moment + wait, failures=failures, rereads=rereads, suspect_sha256=suspect)
