"""Dry runs: the worker reads a document as it would be declared, and keeps what it saw for the desk. No evidence is written.

The worker does it and not the request: it holds the hosts' leases and robots rules, it has the browser, and a host's delay may
take longer than a request. The pages are asked for as in any reading (monitoring.reading), with the same manners.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring import capturing
from monitoring.archive import scheduling, trials
from monitoring.archive.models import CheckSchedule, Trial
from monitoring.archive.scheduling import Taken
from monitoring.archive.trials import Claim
from monitoring.catalogue.models import Source
from monitoring.diffing import Comparison, compare
from monitoring.extraction import ExtractedText, ExtractionError, is_pdf
from monitoring.extraction.matching import Matched, matches
from monitoring.fetching import client, secluded
from monitoring.fetching.judging import HowToRead, Page
from monitoring.fetching.outcomes import Outcome
from monitoring.manners import Manners
from monitoring.planning import LONGEST_STAY
from monitoring.reading import Answer, Result, Task, ask, assess, page_seen

logger = structlog.get_logger(__name__)

MOST_BLOCKS = 1_500  # of one page, that the desk shows
WHOLE_PAGE = HowToRead(("body",), ())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison would be called: `significance` with its reasons in words, and how many words differ."""

    significance: str
    reasons: list[str]
    words_added: int
    words_removed: int


def try_next(*, open_session: Callable[[], egress.Session] = egress.session) -> bool:
    """Answer the trial that has waited longest; False when none waits. One whose hosts aren't free is left for later."""
    with tenancy.system_scope("claim a trial"):
        claim = trials.claim(moment=clock.now())
        asked = Trial.objects.select_related("document__platform", "document__head__latest", "operator")
        trial = asked.get(pk=claim.trial_id) if claim else None
    if claim is None or trial is None:
        return False
    if claim.attempt > trials.MOST_ATTEMPTS:
        _say(claim, "Trying this ended the worker twice; it isn't tried again.")
        return True
    try:
        _answer(claim, trial, open_session)
    except scheduling.LeaseLost:
        logger.warning("lease_lost", trial=claim.trial_id)
    except Exception:  # a bug on one page: the operator is told, and the next trial is answered
        logger.exception("trial_failed", trial=claim.trial_id)
        _say(claim, "A fault of ours ended the trial: it is in the log.")
    return True


def _answer(claim: Claim, trial: Trial, open_session: Callable[[], egress.Session]) -> None:
    if trial.keep:
        _keep_capture(claim, trial)
        return
    task = _task(trial)
    if trial.statement is not None:
        answers = _uploaded(trial, task.sources)
        result = assess(task, answers)
        _keep(claim, task, answers, result)
        if result.text is None:
            with tenancy.system_scope("keep nothing of what can't be read"):
                trials.forget_pages(trial)
        return
    with _hosts([source.url for source in task.sources]) as leases:
        if leases is None:
            if clock.now() - trial.asked_at < trials.PATIENCE:
                with tenancy.system_scope("try it later"):
                    trials.postpone(claim)
            else:
                _say(claim, "The host is being read, or has asked us to stay away for a while. Nothing was asked for.")
            return
        with open_session() as session:
            answers = list(_ask_all(task, session, leases))
    result = assess(task, answers)
    _keep(claim, task, answers, result)


def _task(trial: Trial) -> Task:
    """As a reading would begin, but for the schedule: what a trial doubts isn't read again, and it adopts for itself alone."""
    document = trial.document
    document.adopted_at = document.adopted_at or clock.now()
    head = getattr(document, "head", None)
    declaration, sources = trials.declaration_of(trial)
    return Task(
        document=document,
        declaration=declaration,
        sources=sources,
        schedule=CheckSchedule(document=document),
        latest=head.latest if head else None,
        attempts=0,
    )


@contextmanager
def _hosts(urls: Sequence[str]) -> Iterator[dict[str, Taken] | None]:
    """All hosts of these addresses, or None where one of them isn't free; given back at the end."""
    names = sorted({scheduling.host_of(url) for url in urls})
    with tenancy.system_scope("take the hosts of a trial"):
        taken = scheduling.take_politely(names)
    try:
        yield taken
    finally:
        for host in (taken or {}).values():
            with tenancy.system_scope("give a host back"):
                scheduling.give_back(host.lease, next_request_at=clock.now() + host.lease.delay)


def _ask_all(task: Task, session: egress.Session, hosts: dict[str, Taken]) -> Iterator[Answer]:
    """One page after another, each host's delay kept between two requests to it."""
    manners: dict[str, Manners] = {}
    for source in task.sources:
        name = scheduling.host_of(source.url)
        lease = hosts[name].lease
        wait = hosts[name].free_from - clock.now()
        if name in manners:
            wait = max(lease.delay, manners[name].delay(name))
        if wait > timedelta(0):
            time.sleep(wait.total_seconds())
        manners.setdefault(name, Manners(session, delay=lease.delay))
        answer = ask(source, task, session, manners[name])
        if answer.failure is not None and answer.failure.retry_after is not None:
            stay = timedelta(seconds=min(answer.failure.retry_after, LONGEST_STAY))
            with tenancy.system_scope("a host asks us to stay away"):
                scheduling.stay_away(lease, until=clock.now() + stay)
        yield answer


def _keep(claim: Claim, task: Task, answers: Sequence[Answer], result: Result) -> None:
    text, previous = result.text, result.previous
    taken = {block.text for block in text.blocks} if text else set()
    comparison = compare(previous, text) if previous is not None and text is not None else None
    found: dict[str, Any] = {
        "outcome": str(result.outcome),
        "reason": str(result.reason or ""),
        "why": result.why,
        "pages": [_seen(answer, taken) for answer in answers],
        "ours": None,
        "theirs": None,
    }
    if text is not None:
        found |= {"warnings": list(text.warnings), "words": text.words, "language": text.language or ""}
    if previous is not None and text is not None:
        found |= _verdicts(previous, result.technical, text)
    with tenancy.system_scope("keep what a trial found"):
        trials.finish(
            claim,
            found=found,
            text=text.dumps() if text is not None else "",
            comparison=comparison.dumps() if comparison is not None else "",
            against=task.latest if comparison is not None else None,
        )


def _uploaded(trial: Trial, sources: Sequence[Source]) -> list[Answer]:
    """The pages of an uploaded capture, as if each source had given its own."""
    assert trial.statement is not None, "only a capture has pages"  # noqa: S101
    answers = []
    for source, url, page in zip(sources, trial.statement["urls"], trial.uploaded, strict=True):
        content = bytes(page)
        fetched = client.Fetched(
            url=source.url,
            final_url=url,
            status=200,
            not_modified=False,
            content=content,
            media_type="application/pdf" if is_pdf(content) else "text/html",
            charset=None,
            headers={},
            redirects=(),
            timings=egress.Timings(None, None, None, 0, 0),
            address="",
            bytes_received=len(content),
            fetched_at=trial.asked_at,
        )
        answers.append(Answer(source, fetched=fetched, sha256=sha256(content).hexdigest()))
    return answers


def _keep_capture(claim: Claim, trial: Trial) -> None:
    """Make evidence of it, under the lease of the document's host: no reading of the same document comes between."""
    assert trial.statement is not None, "only a capture is kept"  # noqa: S101
    with tenancy.system_scope("take the document's host"):
        schedule = CheckSchedule.objects.select_related("host").filter(document=trial.document).first()
        before = schedule.host.next_request_at if schedule else clock.now()
        lease = scheduling.take_host(schedule.host) if schedule else None
    if schedule is None:
        _say_of_capture(claim, "The document is no longer read, so nothing is added to it.")
        return
    if lease is None:
        with tenancy.system_scope("keep it later"):
            trials.postpone(claim)
        return
    stated = trial.statement
    capture = capturing.Capture(
        stated["who"], stated["how"], datetime.fromisoformat(stated["observed_at"]), trial.operator
    )
    try:
        version = capturing.record_capture(trial.document_id, capture, lease, lambda task: _judge(trial, task))
    except capturing.CaptureRefused as refused:
        _say_of_capture(claim, str(refused))
    except scheduling.Overtaken:
        _say_of_capture(claim, "The document is read in another way by now: upload the capture again.")
    else:
        with tenancy.system_scope("say that it is kept"):
            trials.finish_keeping(claim, kept=version)
    finally:
        with tenancy.system_scope("give a host back"):
            scheduling.give_back(lease, next_request_at=before)


def _judge(trial: Trial, task: Task) -> tuple[list[Answer], Result]:
    """As a reading would; but what would be doubted has been looked at by a person, who keeps it."""
    if len(task.sources) != len(trial.uploaded):
        raise scheduling.Overtaken("the document has other pages by now")
    answers = _uploaded(trial, task.sources)
    result = assess(task, answers)
    if result.outcome == Outcome.SUSPICIOUS and result.text is not None:
        result.outcome = Outcome.FIRST if task.latest is None else Outcome.CHANGED
    return answers, result


def _say_of_capture(claim: Claim, why: str) -> None:
    with tenancy.system_scope("say why a capture isn't kept"):
        trials.finish_keeping(claim, kept=None, refusal=why)


def _say(claim: Claim, why: str) -> None:
    with tenancy.system_scope("keep why a trial has no answer"):
        trials.finish(claim, found={"outcome": "", "reason": "", "why": why, "pages": [], "ours": None, "theirs": None})


def _verdicts(previous: ExtractedText, technical: ExtractedText | None, text: ExtractedText) -> dict[str, Any]:
    """What the new way of reading makes of the page that we have, which tells nobody, and what the platform has changed since.
    Where nothing tells the two apart, all of it is ours (as monitoring.pipeline records it)."""
    after = technical if technical is not None else text
    ours = compare(previous, after) if after.sha256 != previous.sha256 else None
    theirs = compare(after, text) if after.sha256 != text.sha256 else None
    return {"ours": _verdict(ours), "theirs": _verdict(theirs)}


def _verdict(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return asdict(
        Verdict(
            str(comparison.significance),
            [reason.words for reason in comparison.reasons],
            comparison.words_added,
            comparison.words_removed,
        )
    )


def _seen(answer: Answer, taken: set[str]) -> dict[str, Any]:
    """One page as it came: its text in blocks (menus and scripts left out), those that were read marked, and what each
    selector finds in it."""
    page = page_seen(answer)
    seen: dict[str, Any] = {
        "url": answer.source.url,
        "refusal": answer.failure.why if answer.failure is not None else "",
        **{name: answer.facts.get(name) for name in ("final_url", "status", "bytes")},
        "media_type": page.media_type if page else "",
        "title": "",
        "blocks": [],
        "left_out": 0,
        "selectors": [],
        "not_counted": "",
    }
    if page is None:
        return seen
    whole = secluded.reread([(page, WHOLE_PAGE)], language=None)
    if whole is not None:
        seen["title"] = whole.title
        seen["blocks"] = [
            [str(block.kind), block.label, block.text, block.text in taken] for block in whole.blocks[:MOST_BLOCKS]
        ]
        seen["left_out"] = max(0, len(whole.blocks) - MOST_BLOCKS)
    if secluded.is_costly(page):
        seen["not_counted"] = "What selectors find is counted on HTML pages below 2 MB alone."
    else:
        seen["selectors"] = [
            {"use": use, **asdict(matched)}
            for use, selectors in (("select", answer.source.select), ("remove", answer.source.remove))
            for matched in _matches(page, selectors)
        ]
    return seen


def _matches(page: Page, selectors: Sequence[Any]) -> list[Matched]:
    try:
        return matches(page.content, charset=page.charset, selectors=selectors)
    except ExtractionError:
        return []
