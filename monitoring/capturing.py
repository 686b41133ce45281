"""Captures that a person uploads of a document that can't be read: judged as any page is, and evidence as of a reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring import batches, pipeline
from monitoring.archive import recording, scheduling
from monitoring.archive.models import Version
from monitoring.archive.scheduling import Lease
from monitoring.fetching.outcomes import Outcome
from monitoring.reading import Answer, Result, Task


class CaptureRefused(Exception):
    """An uploaded capture can't become a version; its words say why. Nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Capture:
    """What is stated about an uploaded capture, and whose account uploads it."""

    who: str
    how: str
    observed_at: datetime
    operator: User


def record_capture(
    document_id: int, capture: Capture, lease: Lease, judge: Callable[[Task], tuple[list[Answer], Result]]
) -> Version:
    """Make evidence of a capture that a person uploaded, as of a reading: statement, snapshots, version, change, release and
    ledger entry, all or none, marked for ever. No check is written and no incident ends: the live address is as it was.

    Raises CaptureRefused with words for people, LeaseLost or Overtaken; then nothing is written.
    """
    with tenancy.system_scope("look at a document before a capture is judged"):
        scheduling.hold(lease)
        task = batches.load(document_id)
    answers, result = judge(task)
    now = clock.now()
    with tenancy.system_scope("record an uploaded capture"):
        scheduling.hold(lease)
        scheduling.require_unchanged(task.document, task.declaration, lease)
        known = getattr(task.document, "head", None)
        if known is not None and capture.observed_at <= max(known.last_read_at, known.latest.observed_at):
            raise CaptureRefused(
                f"We have read the document ourselves on {known.last_read_at:%-d %B %Y at %H:%M} UTC or later:"
                " only a capture that was taken after that can be added."
            )
        if capture.observed_at > now:
            raise CaptureRefused("It can't have been taken in the future.")
        if result.outcome == Outcome.UNCHANGED:
            raise CaptureRefused("It says the same as the version that we have.")
        if result.text is None:
            raise CaptureRefused(result.why)
        task.upload = recording.keep_statement(
            document=task.document,
            who=capture.who,
            how=capture.how,
            operator=capture.operator,
            observed_at=capture.observed_at,
            moment=now,
        )
        version = pipeline.record_versions(task, answers, result, capture.observed_at)
        recording.forget_answers(task.sources)
        recording.end_sightings(task.document)  # one look is no run of checks
        if known is not None:
            recording.note_read(task.document, at=known.last_read_at)  # it is still that long since we read it
    return version
