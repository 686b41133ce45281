"""One reading of one document, from the question to what it came to. Nothing is written here; the pipeline records it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring.archive import payloads, recording
from monitoring.archive.models import CheckSchedule, Snapshot, SourceState, Upload, Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Declaration, Document, Reading, Source
from monitoring.extraction import ExtractedText, is_current
from monitoring.fetching import client
from monitoring.fetching.browser import client as browser
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.judging import HowToRead, Judgement, Page
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.fetching.secluded import judge, reread
from monitoring.manners import Manners

MOST_SEEN = 2_000  # characters that are kept of a failed answer
#: A suspicious text is read again after these; when all readings are equal it is accepted, and marked.
REREAD_AFTER = (timedelta(hours=1), timedelta(hours=6))
#: After so long a source that needed a browser is read statically once more: its site may have changed.
STATIC_AGAIN_AFTER = timedelta(days=30)
#: What a page is judged as whose text a script may bring. Where a browser saw one of these, the static page may say more.
_TEXT_MAY_COME = frozenset(
    {Reason.JS_SHELL, Reason.BLANK, Reason.TRUNCATED, Reason.NO_TEXT, Reason.SELECTOR, Reason.WRONG_PAGE}
)
#: How a reading in the browser can fail where a static one may succeed.
_OF_THE_BROWSER = frozenset({Reason.JS_SHELL, Reason.TOO_COMPLEX, Reason.TOO_LARGE, Reason.TIMEOUT})


@dataclass(slots=True)
class Task:
    """What is needed to read one document, as it stood when the reading began."""

    document: Document
    declaration: Declaration
    sources: list[Source]
    schedule: CheckSchedule
    latest: Version | None
    attempts: int
    upload: Upload | None = None  # what came by hand, and with which statement
    started: float = field(default_factory=time.monotonic)

    @property
    def milliseconds(self) -> int:
        """Since its turn came."""
        return round((time.monotonic() - self.started) * 1000)

    @property
    def way_is_the_same(self) -> bool:
        """Was the newest version read by today's declaration and extractor?"""
        return (
            self.latest is not None
            and self.latest.declaration_id == self.declaration.pk
            and is_current(self.latest.extractor)
        )


@dataclass(slots=True)
class Answer:
    """What one source gave: a page, or a reason."""

    source: Source
    fetched: client.Fetched | None = None
    failure: FetchFailed | None = None
    sha256: str = ""
    in_browser_since: datetime | None = None

    @property
    def state(self) -> SourceState | None:
        """What the last good answer of this source said."""
        return getattr(self.source, "state", None)

    def bytes_are_due(self, moment: datetime) -> bool:
        """Whether what came is to be kept, although its text is known: when nothing was, and once in 30 days."""
        if self.fetched is None or self.fetched.not_modified:
            return False
        kept = self.state.snapshot if self.state is not None else None
        return kept is None or moment - kept.observed_at >= recording.SNAPSHOT_AT_LEAST_EVERY

    @property
    def has_news(self) -> bool:
        """Whether the source's state doesn't say yet what this answer said."""
        fetched, state = self.fetched, self.state
        if fetched is None or fetched.not_modified:
            return False
        said = (self.sha256, fetched.validators.etag, fetched.final_url[:2000], self.in_browser_since)
        return state is None or said != (state.bytes_sha256, state.etag, state.final_url, state.in_browser_since)

    @property
    def picture(self) -> bytes:
        """What stood in the browser's window, where one was looked through (a JPEG)."""
        seen = self.fetched or self.failure
        return seen.picture if seen is not None else b""

    @property
    def facts(self) -> dict[str, Any]:
        fetched = self.fetched or (self.failure.answer if self.failure else None)
        facts: dict[str, Any] = {"url": self.source.url}
        if fetched is not None:
            facts |= {
                "final_url": fetched.final_url,
                "status": fetched.status,
                "address": fetched.address,
                "bytes": len(fetched.content),
            }
        if self.sha256:
            facts["sha256"] = self.sha256
        return facts


@dataclass(slots=True)
class Result:
    """What a reading came to. `technical` is the last accepted text, read again in today's way."""

    outcome: Outcome
    reason: Reason | None = None
    why: str = ""
    gate: str = ""
    text: ExtractedText | None = None
    previous: ExtractedText | None = None
    technical: ExtractedText | None = None
    accepted_after_rereads: bool = False
    seen: str = ""  # of a failed answer: its visible text, cut
    retry_after: int | None = None


def ask(source: Source, task: Task, session: egress.Session, manners: Manners) -> Answer:
    """Ask for one page of a document, if its host allows it or an operator has recorded an exception."""
    if source.reading == Reading.STATIC:
        return _ask_statically(source, task, manners)
    if source.reading == Reading.BROWSER:
        return _look(source, task, session, manners)
    return _ask_in_either_way(source, task, session, manners)


def _ask_in_either_way(source: Source, task: Task, session: egress.Session, manners: Manners) -> Answer:
    """Static first, or the browser first where that was needed lately; in the other way too where the first shows no text."""
    state: SourceState | None = getattr(source, "state", None)
    needed_since = state.in_browser_since if state else None
    now = clock.now()
    if needed_since is not None and now - needed_since < STATIC_AGAIN_AFTER:
        seen = _look(source, task, session, manners)
        seen.in_browser_since = needed_since
        if not _shows_no_text(seen, task):
            return seen
        manners.pause(source.url)
        plain = _ask_statically(source, task, manners)
        return seen if plain.failure or _shows_no_text(plain, task) else plain
    plain = _ask_statically(source, task, manners)
    if plain.failure or not _shows_no_text(plain, task):
        return plain
    manners.pause(source.url)
    seen = _look(source, task, session, manners)
    seen.in_browser_since = now
    return seen


def _look(source: Source, task: Task, session: egress.Session, manners: Manners) -> Answer:
    """Ask for a page in the browser, which then is the only one to speak to its host."""

    def refusal(url: str) -> FetchFailed | None:
        return None if task.document.robots_exception else manners.refusal(url)

    if refused := refusal(source.url):
        return Answer(source, failure=refused)
    session.hang_up()
    try:
        fetched = browser.fetch(
            source.url,
            media_type=source.media_type,
            language=task.document.language,
            select=source.select,
            refusal=refusal,
        )
    except FetchFailed as failure:
        return Answer(source, failure=failure)
    return Answer(source, fetched=fetched, sha256=sha256(fetched.content).hexdigest())


def _shows_no_text(answer: Answer, task: Task) -> bool:
    """Whether the other way of reading may show more than this one did."""
    if answer.failure is not None:
        return answer.failure.reason in _OF_THE_BROWSER
    fetched = answer.fetched
    assert fetched is not None, "an answer has a page or a failure"  # noqa: S101
    known = task.way_is_the_same and answer.state is not None and answer.sha256 == answer.state.bytes_sha256
    if known or fetched.not_modified or "html" not in fetched.media_type:
        return False
    alone = [(_page(answer), _how(answer.source, task.document.kind))]
    judged = judge(alone, kind=task.document.kind, language=task.document.language or None, previous=None)
    return judged.reason in _TEXT_MAY_COME


def _ask_statically(source: Source, task: Task, manners: Manners) -> Answer:
    state = getattr(source, "state", None) if task.way_is_the_same else None
    validators = client.NO_VALIDATORS
    if state is not None:
        validators = client.Validators(state.etag, state.last_modified, state.final_url)
    try:
        fetched = manners.fetch(
            source.url,
            obeying=not task.document.robots_exception,
            media_type=source.media_type,
            language=task.document.language,
            validators=validators,
            limits=egress.Limits(seconds=settings.REQUEST_SECONDS),
        )
    except FetchFailed as failure:
        return Answer(source, failure=failure)
    digest = state.bytes_sha256 if fetched.not_modified and state else sha256(fetched.content).hexdigest()
    return Answer(source, fetched=fetched, sha256=digest)


def sift(task: Task, answers: Sequence[Answer]) -> Result | None:
    """The cheap gates: not modified, equal bytes. None where the text must be read."""
    if not task.way_is_the_same or task.schedule.rereads or any(answer.failure for answer in answers):
        return None
    if all(answer.fetched and answer.fetched.not_modified for answer in answers):
        return Result(Outcome.UNCHANGED, gate="not_modified")
    if all(answer.state is not None and answer.sha256 == answer.state.bytes_sha256 for answer in answers):
        return Result(Outcome.UNCHANGED, gate="bytes")
    return None


def assess(task: Task, answers: Sequence[Answer]) -> Result:
    """What the answers come to; of those that aren't the document, what a reader would have seen."""
    result = _assess(task, answers)
    if not result.outcome.was_read:
        result.seen = _visible(answers, result)
    return result


def _visible(answers: Sequence[Answer], result: Result) -> str:
    """The text of the page that failed, its first MOST_SEEN characters: of the first failed answer, else of the first one.
    Empty where no page came, or where reading it is what went wrong."""
    failed = [answer for answer in answers if answer.failure is not None]
    page = next((page for answer in failed or answers if (page := page_seen(answer))), None)
    if page is None or result.reason == Reason.TOO_COMPLEX:
        return ""
    text = reread([(page, HowToRead(("body",), ()))], language=None)
    return text.text[:MOST_SEEN] if text is not None else ""


def _assess(task: Task, answers: Sequence[Answer]) -> Result:
    """The cheapest gate that suffices: not modified, equal bytes, equal text."""
    if sifted := sift(task, answers):
        return sifted
    for answer in answers:
        if answer.failure is not None:
            return _failed(task, answer.failure)
    previous, pages, last_pages = _load_pages(task, answers)
    language = task.document.language or None
    technical = reread(last_pages, language=language) if last_pages else None
    # What a new declaration no longer selects is no loss of the platform's doing: like is held against like.
    before = technical or previous
    judgement = judge(pages, kind=task.document.kind, language=language, previous=before)
    if judgement.reason == Reason.JS_SHELL and any(answer.fetched and answer.fetched.received for answer in answers):
        judgement = Judgement(None, Reason.BLANK, f"It stays without a text in a browser too: {judgement.why}")
    result = _believe(task, judgement)
    result.previous, result.technical = previous, technical
    if (
        result.outcome == Outcome.CHANGED
        and result.text is not None
        and before is not None
        and before.sha256 == result.text.sha256
    ):
        result.outcome, result.gate = Outcome.UNCHANGED, "text"
    return result


def _state(answer: Answer) -> Any:
    return getattr(answer.source, "state", None)


def _load_pages(
    task: Task, answers: Sequence[Answer]
) -> tuple[ExtractedText | None, list[tuple[Page, HowToRead]], list[tuple[Page, HowToRead]]]:
    """The last good text; the pages of now (bytes on our side where the server said "not modified"); and, where the way of
    reading is another, the pages of the newest version with today's selectors."""
    with tenancy.system_scope("load what was read before"):
        previous = text_of(task.latest) if task.latest else None
        # Of several sources each may hold a part of another kind.
        kind = task.document.kind if len(task.sources) == 1 else ""
        pages = [(_page(answer), _how(answer.source, kind)) for answer in answers]
        last_pages: list[tuple[Page, HowToRead]] = []
        if task.latest is not None and not task.way_is_the_same:
            readings = task.latest.readings.select_related("snapshot__payload").order_by("position")
            snapshots = _beside(task.sources, [reading.snapshot for reading in readings])
            last_pages = [
                (_page_of_snapshot(snapshot), _how(source, kind))
                for source, snapshot in zip(task.sources, snapshots, strict=False)
            ]
        return previous, pages, last_pages


def _beside(sources: Sequence[Source], snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """For each source the page that stood in its place: by its address, else (a text that moved) by its order. Empty where
    there are more or fewer pages than before."""
    addresses = {source.url for source in sources}
    known = {snapshot.url: snapshot for snapshot in snapshots}
    moved = iter([snapshot for snapshot in snapshots if snapshot.url not in addresses])
    beside = [known.get(source.url) or next(moved, None) for source in sources]
    return [snapshot for snapshot in beside if snapshot] if len(sources) == len(snapshots) and all(beside) else []


def _how(source: Source, kind: str) -> HowToRead:
    return HowToRead(source.select, source.remove, kind)


def _page(answer: Answer) -> Page:
    fetched = answer.fetched
    assert fetched is not None, "a page is made of an answer that came"  # noqa: S101
    if fetched.not_modified:
        assert answer.state is not None, "the condition came from the state"  # noqa: S101
        assert answer.state.snapshot is not None, "a state is written with its snapshot"  # noqa: S101
        return _page_of_snapshot(answer.state.snapshot)
    return page_of_fetched(fetched)


def _page_of_snapshot(snapshot: Snapshot) -> Page:
    return Page(
        payloads.load(snapshot.payload),
        snapshot.status,
        snapshot.media_type,
        snapshot.charset or None,
        snapshot.url,
        snapshot.final_url,
        snapshot.headers,
    )


def page_seen(answer: Answer) -> Page | None:
    """The page that came, be it the document or what a site shows in its place; None where none did, or "not modified"."""
    came = answer.fetched or (answer.failure.answer if answer.failure is not None else None)
    return page_of_fetched(came) if came is not None and not came.not_modified else None


def page_of_fetched(fetched: client.Fetched) -> Page:
    """What came, as it is judged."""
    return Page(
        fetched.content,
        fetched.status,
        fetched.media_type,
        fetched.charset,
        fetched.url,
        fetched.final_url,
        dict(fetched.headers),
    )


def _failed(task: Task, failure: FetchFailed) -> Result:
    """An error status says little; the words of its page may say that it is a challenge or a block."""
    reason, why = failure.reason, failure.why
    if failure.answer is not None:
        told = judge(
            [(page_of_fetched(failure.answer), HowToRead((), ()))],
            kind=task.document.kind,
            language=None,
            previous=None,
        )
        if told.reason is not None and told.outcome != Outcome.SUSPICIOUS:
            reason, why = told.reason, told.why
    return Result(reason.outcome, reason, why, retry_after=failure.retry_after)


def _believe(task: Task, judgement: Judgement) -> Result:
    """A suspicious text is believed once all readings of it were equal; the first text of a document needs a person's
    adoption before it."""
    if judgement.text is None:
        reason = judgement.reason or Reason.NO_TEXT
        return Result(reason.outcome, reason, judgement.why)
    if task.latest is None and task.document.adopted_at is None:
        return Result(Outcome.SUSPICIOUS, Reason.NOT_ADOPTED, "Nobody has confirmed yet that this is the document.")
    read = Outcome.FIRST if task.latest is None else Outcome.CHANGED
    if judgement.reason is None:
        return Result(read, text=judgement.text)
    if task.schedule.suspect_sha256 == judgement.text.sha256 and task.schedule.rereads >= len(REREAD_AFTER):
        return Result(read, text=judgement.text, accepted_after_rereads=True)
    return Result(Outcome.SUSPICIOUS, judgement.reason, judgement.why, text=judgement.text)


def worker_died(task: Task) -> Result:
    return Result(
        Outcome.UNREADABLE,
        Reason.WORKER_DIED,
        f"Reading it ended the worker {task.attempts - 1} times; it is left alone until an operator looks at it.",
    )
