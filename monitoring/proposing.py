"""What a reading shows that the catalogue doesn't say: an address that has moved, a document that nobody reads, selectors that
find nothing. It is written as proposals after the reading was recorded, and never in its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import structlog
from django.conf import settings

from accounts import tenancy
from monitoring.archive import scheduling
from monitoring.archive.models import SourceState
from monitoring.archive.scheduling import Lease
from monitoring.catalogue import proposing
from monitoring.catalogue.models import Hub, Platform, Proposal, ProposalKind, Source
from monitoring.extraction import is_pdf
from monitoring.fetching.client import Fetched
from monitoring.fetching.elsewhere import Elsewhere, read_elsewhere
from monitoring.fetching.judging import HowToRead
from monitoring.fetching.links import LegalLink, address_key, legal_links
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.fetching.secluded import LARGE
from monitoring.reading import Answer, Result, Task, page_of_fetched

logger = structlog.get_logger(__name__)

PERMANENT = frozenset({301, 308})
#: A page whose text stands is looked through for new links this often; one whose text is new at once.
LINKS_EVERY = timedelta(days=7)
OPENING = 400  # characters of what would be read, for the desk
#: Parts of an address at which no document stands, whoever is sent there.
_NO_DOCUMENT = frozenset(
    {"login", "signin", "sign-in", "signup", "sign-up", "auth", "oauth", "sso", "account", "accounts"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """The legal links of one page."""

    page: str
    links: list[LegalLink]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one reading has shown. ``moved`` is None where no page leads or led elsewhere; ``looked`` are the pages that were
    looked through for links, with what was ``found`` on them; ``elsewhere`` is what other selectors would give."""

    task: Task
    result: Result
    moment: datetime
    moved: list[tuple[Answer, str]] | None
    looked: list[Answer]
    found: list[Found]
    elsewhere: list[tuple[Answer, Elsewhere]]
    recovered: bool


def look(task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> Shown | None:
    """What there is to note of this reading, mostly nothing (None). Asks the database for nothing. A fault in here is logged
    and harms nobody."""
    if task.document.organization_id is not None:
        return None
    try:
        return _look(task, answers, result, moment)
    except Exception:
        logger.exception("proposals_failed", document=task.document.pk)
        return None


def note(shown: Shown, lease: Lease) -> None:
    """Write it, after the reading was recorded. A fault in here is logged and harms nobody."""
    try:
        with tenancy.system_scope("note proposals"):
            scheduling.hold(lease)
            _note(shown)
    except scheduling.LeaseLost:
        logger.warning("lease_lost", host=lease.host_id, document=shown.task.document.pk)
    except Exception:
        logger.exception("proposals_failed", document=shown.task.document.pk)


def _look(task: Task, answers: Sequence[Answer], result: Result, moment: datetime) -> Shown | None:
    moved = _moved(answers) if result.outcome.was_read else None
    looked = [answer for answer in answers if result.outcome.was_read and _wants_looking(answer, result, moment)]
    elsewhere = _elsewhere(task, answers, result)
    recovered = result.outcome.was_read and task.schedule.failures > 0
    if moved is None and not looked and not elsewhere and not recovered:
        return None
    return Shown(task, result, moment, moved, looked, [_found(answer) for answer in looked], elsewhere, recovered)


def _note(shown: Shown) -> None:
    document, moment = shown.task.document, shown.moment
    if shown.moved is not None:
        _propose_moves(shown.task, shown.moved, moment)
    if shown.looked:
        propose_links(document.platform, shown.found, language=document.language, moment=moment)
        SourceState.objects.filter(source__in=[answer.source for answer in shown.looked]).update(links_at=moment)
    if shown.recovered:
        proposing.lose_sight(kind=ProposalKind.SELECTOR, document=document)
    for answer, instead in shown.elsewhere:
        _propose_selectors(shown.task, answer, instead, shown.result, moment)


# --- Addresses that have moved ----------------------------------------------------------------------------------------


def permanent_target(fetched: Fetched) -> str:
    """Where the page stands for good: every step to it was permanent, and it is a page of its own. "" otherwise."""
    steps = fetched.redirects
    if not steps or any(step.status not in PERMANENT for step in steps):
        return ""
    # Where the last step led: a page in the browser may write another address over it.
    target, fragment = urldefrag(urljoin(steps[-1].url, steps[-1].location))[0], urlsplit(fetched.url).fragment
    segments = [segment.lower() for segment in urlsplit(target).path.split("/") if segment]
    if not segments or _NO_DOCUMENT & set(segments) or target == urldefrag(fetched.url)[0]:
        return ""
    return f"{target}#{fragment}" if fragment else target


def _moved(answers: Sequence[Answer]) -> list[tuple[Answer, str]] | None:
    """Each page that has moved, with its target. None where no page leads or led elsewhere: then nothing is to be noted."""
    led = any(
        (answer.fetched is not None and answer.fetched.redirects)
        or (answer.state is not None and _is_elsewhere(answer.state.final_url, answer.source.url))
        for answer in answers
    )
    if not led:
        return None
    pairs = [(answer, permanent_target(answer.fetched)) for answer in answers if answer.fetched is not None]
    return [(answer, target) for answer, target in pairs if target]


def _is_elsewhere(final_url: str, url: str) -> bool:
    return bool(final_url) and urldefrag(final_url)[0].rstrip("/") != urldefrag(url)[0].rstrip("/")


def _propose_moves(task: Task, moved: Sequence[tuple[Answer, str]], moment: datetime) -> None:
    """A reading that isn't sent there begins the count anew."""
    noticed = [
        propose_move(answer.source, answer.fetched, target, moment=moment, least=settings.MOVED_AFTER)
        for answer, target in moved
        if answer.fetched is not None
    ]
    proposing.lose_sight(kind=ProposalKind.MOVED, document=task.document, but=noticed)


def propose_move(source: Source, fetched: Fetched, target: str, *, moment: datetime, least: int) -> Proposal:
    """The page of this source stands at ``target`` for good. Open once it was seen ``least`` times."""
    document = source.declaration.document
    seen = {
        "url": source.url,
        "target": target[:2000],
        "steps": [f"{step.status} {step.location[:300]}" for step in fetched.redirects],
    }
    return proposing.notice(
        kind=ProposalKind.MOVED,
        platform=document.platform,
        document=document,
        what=f"{document.pk}\n{source.url}\n{target}",
        seen=seen,
        moment=moment,
        least=least,
    )


# --- Documents that nobody reads --------------------------------------------------------------------------------------


def links_of(fetched: Fetched, *, hosts: Collection[str]) -> list[LegalLink]:
    """The legal links of a page, if it is HTML of a size that is read where we are."""
    if len(fetched.content) > LARGE or "pdf" in fetched.media_type or is_pdf(fetched.content):
        return []
    return legal_links(fetched.content, base_url=fetched.final_url, charset=fetched.charset, hosts=hosts)


def propose_links(platform: Platform, found: Iterable[Found], *, language: str, moment: datetime) -> int:
    """Propose what no document of the platform is or was read at, and what isn't where it lists them. Returns how many links
    were new documents. ``language`` is what a link is taken to be in that doesn't say."""
    sources = Source.objects.filter(declaration__document__platform=platform, organization=None)
    known = {address_key(url) for pair in sources.values_list("url", "state__final_url") for url in pair if url}
    known |= {address_key(url) for url in Hub.objects.filter(platform=platform).values_list("url", flat=True)}
    new: dict[str, tuple[str, LegalLink]] = {}
    for each in found:
        for link in each.links:
            key = address_key(link.url)
            if key not in known:
                new.setdefault(key, (each.page, link))
    for key, (page, link) in new.items():
        seen = {
            "url": link.url,
            "title": link.title,
            "text": link.text,
            "kind": link.kind,
            "language": link.language or language,
            "page": page,
        }
        proposing.notice(
            kind=ProposalKind.DOCUMENT, platform=platform, document=None, what=key, seen=seen, moment=moment
        )
    return len(new)


def language_of(platform: Platform) -> str:
    """In which its documents are, where it has only one."""
    return platform.languages[0] if len(platform.languages) == 1 else ""


def hosts_of(platform: Platform) -> set[str]:
    """Where the platform's documents are read."""
    urls = Source.objects.filter(declaration__document__platform=platform, organization=None).values_list(
        "url", flat=True
    )
    return {urlsplit(url).hostname or "" for url in urls}


def _wants_looking(answer: Answer, result: Result, moment: datetime) -> bool:
    if answer.fetched is None or answer.fetched.not_modified:
        return False
    last = answer.state.links_at if answer.state is not None else None
    return last is None or result.outcome in (Outcome.FIRST, Outcome.CHANGED) or moment - last >= LINKS_EVERY


def _found(answer: Answer) -> Found:
    assert answer.fetched is not None, "only an answer that came is looked through"  # noqa: S101
    host = urlsplit(answer.source.url).hostname or ""
    return Found(answer.source.url, links_of(answer.fetched, hosts=[host]))


# --- Selectors that find nothing --------------------------------------------------------------------------------------


def _elsewhere(task: Task, answers: Sequence[Answer], result: Result) -> list[tuple[Answer, Elsewhere]]:
    """The pages whose selectors find nothing, or too little, with what would be read without them."""
    if result.reason not in (Reason.SELECTOR, Reason.TEXT_LOST):
        return []
    found = []
    for answer in answers:
        fetched, source = answer.fetched, answer.source
        if fetched is None or fetched.not_modified or not source.select or len(fetched.content) > LARGE:
            continue
        if is_pdf(fetched.content):
            continue
        instead = read_elsewhere(
            page_of_fetched(fetched),
            HowToRead(source.select, source.remove),
            kind=task.document.kind,
            language=task.document.language or None,
            previous=result.previous if len(answers) == 1 else None,
        )
        if instead is not None:
            found.append((answer, instead))
    return found


def _propose_selectors(task: Task, answer: Answer, instead: Elsewhere, result: Result, moment: datetime) -> None:
    seen: dict[str, Any] = {
        "url": answer.source.url,
        "select": answer.source.select,
        "proposed": list(instead.select),
        "words": instead.text.words,
        "kept": None if instead.kept is None else round(100 * instead.kept),
        "opening": instead.text.text[:OPENING],
        "why": result.why,
    }
    noticed = proposing.notice(
        kind=ProposalKind.SELECTOR,
        platform=task.document.platform,
        document=task.document,
        what=f"{task.document.pk}\n{answer.source.url}\n{answer.source.select}\n{list(instead.select)}",
        seen=seen,
        moment=moment,
    )
    proposing.lose_sight(kind=ProposalKind.SELECTOR, document=task.document, but=[noticed])
