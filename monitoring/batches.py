"""Documents of one host that are begun together, and those among them that are recorded together, as nothing is new.

**Attempts.** A reading's attempt is counted before it begins, so that a document which kills its worker is known by it. When
several are begun together each is counted, although one alone can be at fault: so whoever has an attempt without a result is
begun by itself the next time. A worker's death thus costs the innocent one reading alone, which clears them, and whoever
kills again is left alone after the second worker.

**Loss.** What waits to be written is written within `WRITTEN_WITHIN`. A worker that dies before loses these results, and
nothing else: the documents are still due.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from accounts import tenancy
from atlas.kernel.failpoints import failpoint
from monitoring.archive import recording, scheduling, unchanged
from monitoring.archive.models import Check, CheckSchedule, DocumentHead, SourceState
from monitoring.archive.scheduling import Lease
from monitoring.archive.unchanged import Seen
from monitoring.catalogue.models import Declaration, Document, Platform, Source
from monitoring.fetching.outcomes import Outcome
from monitoring.planning import plan_unchanged
from monitoring.reading import Answer, Result, Task

logger = structlog.get_logger(__name__)

MOST = 100
# Most checks ask for no more than these columns; to load the others would cost more than such a check does otherwise.
_OF_DOCUMENTS = (
    *"organization platform public_id slug kind title language adopted_at robots_exception pinned_interval".split(),
    *(f"schedule__{field.name}" for field in CheckSchedule._meta.concrete_fields),
    "head__organization",
    *(
        f"head__latest__{name}"
        for name in "organization document declaration extracted extractor text_sha256 cause observed_at public_id".split()
    ),
)
_OF_SOURCES = (
    *"organization declaration position url select remove reading media_type".split(),
    *"declaration__organization declaration__document declaration__number".split(),
    *(f"state__{field.name}" for field in SourceState._meta.concrete_fields),
    "state__snapshot__observed_at",
)
WRITTEN_WITHIN = timedelta(seconds=5)


def most_together(delay: timedelta) -> int:
    """How many documents can be asked for, with this delay between them, before the first results must be written."""
    return min(MOST, 1 + int(WRITTEN_WITHIN / delay)) if delay else MOST


def begin(document_ids: Sequence[int], lease: Lease) -> tuple[list[Task], list[int]]:
    """Note the attempts, and load what is needed, in a constant number of statements. Raises LeaseLost.

    Returns the readings in the order of the ids, and the documents that must be begun by themselves. One that the catalogue
    no longer lets us read at this host is in neither.
    """
    with tenancy.system_scope("begin readings"):
        scheduling.hold(lease)
        documents = (
            Document.objects.filter(schedule__host_id=lease.host_id)
            .select_related("schedule", "head__latest")
            .only(*_OF_DOCUMENTS)
            .in_bulk(document_ids)
        )
        platforms = Platform.objects.in_bulk({document.platform_id for document in documents.values()})
        for document in documents.values():
            document.platform = platforms[document.platform_id]
        if len(documents) < len(document_ids):
            logger.info("reading_overtaken", documents=sorted(set(document_ids) - set(documents)))
        apart = [pk for pk, document in documents.items() if document.schedule.attempts and len(document_ids) > 1]
        together = [pk for pk in document_ids if pk in documents and pk not in apart]
        scheduling.count_attempts(together, lease)
        sources = _sources(together)
        return [_task(documents[pk], sources[pk]) for pk in together], apart


def _task(document: Document, sources: list[Source]) -> Task:
    head: DocumentHead | None = getattr(document, "head", None)
    return Task(
        document=document,
        declaration=sources[0].declaration,
        sources=sources,
        schedule=document.schedule,
        latest=head.latest if head else None,
        attempts=document.schedule.attempts + 1,
    )


def load(document_id: int) -> Task:
    """As a reading would begin, but none does: no attempt is counted. In the caller's scope."""
    document = Document.objects.select_related("schedule", "head__latest", "platform").get(pk=document_id)
    return _task(document, _sources([document_id])[document_id])


def _sources(document_ids: Sequence[int]) -> dict[int, list[Source]]:
    """Those of each document's newest declaration, in their order."""
    newest = Declaration.objects.newest_of(document_ids)
    found: dict[int, list[Source]] = {pk: [] for pk in document_ids}
    for source in (
        Source.objects.filter(declaration__in=newest)
        .select_related("declaration", "state__snapshot")
        .only(*_OF_SOURCES)
        .order_by("declaration", "position")
    ):
        found[source.declaration.document_id].append(source)
    return found


def can_wait(task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> bool:
    """Nothing is new but that it was looked: such a result is recorded with others."""
    return (
        result.outcome == Outcome.UNCHANGED
        and task.way_is_the_same
        and not any(answer.bytes_are_due(moment) for answer in answers)
    )


def record_unchanged(waiting: Sequence[tuple[Task, Sequence[Answer], Check]], lease: Lease) -> list[Check]:
    """Write what is known of these readings: all or none. Raises LeaseLost, then nothing is written; a document that the
    catalogue has changed meanwhile is thrown away alone."""
    with tenancy.system_scope("record unchanged documents"):
        scheduling.hold(lease)
        plans = plan_unchanged([(task, check.observed_at) for task, _, check in waiting], lease)
        seen = [
            Seen(check, at, pace, [state for answer in answers if (state := _news(answer))])
            for (_, answers, check), (at, pace) in zip(waiting, plans, strict=True)
        ]
        kept = unchanged.still_read(seen, lease.host_id)
        unchanged.write(kept)
        failpoint("batches.before_commit")
    failpoint("batches.after_commit")
    if len(kept) < len(seen):
        others = {each.check.document_id for each in seen} - {each.check.document_id for each in kept}
        logger.info("reading_overtaken", documents=sorted(others))
    return [each.check for each in kept]


def _check(task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> Check:
    return recording.new_check(
        document=task.document,
        declaration=task.declaration,
        outcome=result.outcome,
        reason=None,
        why=result.why,
        gate=result.gate,
        sources=[answer.facts for answer in answers],
        milliseconds=task.milliseconds,
        version=task.latest,
        observed_at=moment,
    )


def _news(answer: Answer) -> SourceState | None:
    """The source's state with what its answer said, where that is something else."""
    state, fetched = answer.state, answer.fetched
    if state is None or fetched is None or not answer.has_news:
        return None
    validators = fetched.validators
    state.etag, state.last_modified = validators.etag[:500], validators.last_modified[:100]
    state.bytes_sha256, state.final_url = answer.sha256, fetched.final_url[:2000]
    state.in_browser_since = answer.in_browser_since
    return state


def not_begun(tasks: Sequence[Task], lease: Lease) -> None:
    """These were begun together with others and never asked for: their attempts are none."""
    with tenancy.system_scope("take attempts back"):
        scheduling.take_attempts_back([task.document.pk for task in tasks], lease)


class Waiting:
    """Results that wait to be written together, for a few seconds at most."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._results: list[tuple[Task, Sequence[Answer], Check]] = []
        self._since = 0.0

    def add(self, task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> None:
        if not self._results:
            self._since = time.monotonic()
        self._results.append((task, answers, _check(task, answers, result, moment)))

    @property
    def is_long(self) -> bool:
        return bool(self._results) and time.monotonic() - self._since >= WRITTEN_WITHIN.total_seconds()

    def write(self) -> list[Check]:
        """The checks that were recorded. Raises LeaseLost. Where something in them can't be written none is, and each of their
        documents is read by itself the next time, since its attempt stays counted."""
        results, self._results = self._results, []
        if not results:
            return []
        try:
            return record_unchanged(results, self._lease)
        except scheduling.LeaseLost:
            raise
        except Exception:
            logger.exception("recording_failed", documents=[task.document.pk for task, _, _ in results])
            return []
