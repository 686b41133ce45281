"""When a host fails whole: one incident of the host instead of one for each of its documents.

**The rule.** Some failures can be the host's own doing: no address, no connection, TLS, no answer in time, 5xx, 429,
maintenance. The first one is told of its document, as any other failure. When a second document, which could be read until
then, fails so before the host has answered anything else, the host fails whole: the first document's incident becomes the
host's, with the moment at which it began, and the host is left alone. Nobody asks for its other documents: they stay due and
no check is written, for a check is an attempt. When the wait is over (15 minutes, doubled with each try up to 4 hours, or what
the host asks for) one document is asked for, the longest waiting one. The first answer of the host, good or bad, closes the
incident, and all that is due is read.

A document that failed before doesn't count: two broken pages of a good host make two incidents of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitoring.archive import incidents, pacing, scheduling
from monitoring.archive.scheduling import Lease
from monitoring.fetching.outcomes import Reason
from monitoring.reading import Answer, Result, Task

OF_THE_HOST = frozenset(
    {
        Reason.DNS,
        Reason.CONNECT,
        Reason.TLS,
        Reason.TIMEOUT,
        Reason.HTTP_5XX,
        Reason.HTTP_429,
        Reason.MAINTENANCE,
    }
)
#: Outcomes for which nobody asked the host: they say nothing about it.
NOT_ASKED = frozenset({Reason.ROBOTS, Reason.JS_SHELL, Reason.WORKER_DIED, Reason.ADDRESS_REFUSED})
LONGEST_WAIT = timedelta(hours=4)


def note_failure(task: Task, answers: Sequence[Answer], result: Result, lease: Lease, moment: datetime) -> int:
    """Open an incident or count one more check in it. Returns how often the host failed where it fails whole, else 0.
    Runs in the transaction that records a reading, under the host's lease."""
    reason, why = result.reason, result.why
    assert reason is not None, "a failure has its reason"  # noqa: S101
    failed = next((answer.source for answer in answers if answer.failure is not None), None)
    elsewhere = failed is not None and scheduling.host_of(failed.url) != lease.host
    if reason not in OF_THE_HOST or elsewhere:
        if reason not in NOT_ASKED and not elsewhere:
            note_answer(lease, moment)
        incidents.open_of_document(task.document, reason=reason, why=why, at=moment, seen=result.seen)
        return 0
    failing_since = scheduling.failing_since(lease)
    if tries := incidents.count_in_open_of_host(lease.host_id, reason=reason, why=why, at=moment, seen=result.seen):
        return tries
    if task.schedule.failures:
        incidents.open_of_document(task.document, reason=reason, why=why, at=moment, seen=result.seen)
        return 0
    lease.troubled = True
    if failing_since is None:
        scheduling.note_failing(lease, since=moment)
        incidents.open_of_document(task.document, reason=reason, why=why, at=moment, seen=result.seen)
        return 0
    return incidents.become_of_host(
        lease.host_id, since=failing_since, reason=reason, why=why, at=moment, seen=result.seen
    )


def note_answer(lease: Lease, moment: datetime) -> None:
    """The host has answered, whatever it said: it doesn't fail whole, or no longer."""
    if lease.troubled:
        scheduling.note_failing(lease, since=None)
        incidents.close_of_host(lease.host_id, at=moment)
        lease.troubled = False


def wait(tries: int, interval: timedelta, host: str) -> timedelta:
    """Until a host that failed so often is tried again; never longer than the interval of its document."""
    return pacing.back_off(tries - 1, min(interval, LONGEST_WAIT), salt=host)
