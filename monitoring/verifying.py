"""Asking for every address of the catalogue once, politely, to see whether it leads to what the catalogue says.

No check, snapshot or version is written. Hosts are taken by lease, robots.txt is obeyed, and the delay between two requests to
a host is kept, as in any reading. Pages that are read in a browser are asked for all the same: whether they answer and where
they lead can be seen without one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring.archive import scheduling
from monitoring.archive.scheduling import Taken
from monitoring.catalogue.models import Declaration, Document, Hub, Platform, Reading, Source
from monitoring.fetching.client import Fetched
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.judging import HowToRead
from monitoring.fetching.outcomes import Reason
from monitoring.fetching.secluded import judge
from monitoring.manners import Manners
from monitoring.proposing import Found, hosts_of, language_of, links_of, permanent_target, propose_links, propose_move
from monitoring.reading import page_of_fetched

#: Seconds for which a host that another holds is asked for again before it is left out, and between two times.
PATIENCE, BETWEEN = 25.0, 5.0
READ = "read"
LISTED = "listed"
BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the catalogue: a page of a document, or (without a source) where a platform lists its documents."""

    platform: Platform
    name: str
    url: str
    source: Source | None = None
    alone: bool = True  # it is the only page of its document

    @property
    def host(self) -> str:
        return scheduling.host_of(self.url)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an address gave. ``outcome`` is `read` (`listed` for a list of documents), `busy`, or an outcome of a check with
    its ``reason``; ``status`` is 0 where nothing answered; ``moved`` is where the page stands for good, or ""."""

    address: Address
    outcome: str
    reason: str = ""
    why: str = ""
    status: int = 0
    final_url: str = ""
    moved: str = ""
    words: int = 0
    links: int = 0

    @property
    def good(self) -> bool:
        return self.outcome in (READ, LISTED)

    @property
    def unreached(self) -> bool:
        """Nobody was spoken to: the name is unknown, or nothing answers there."""
        return self.reason in (Reason.DNS, Reason.CONNECT)


def addresses(platform_slug: str = "") -> list[Address]:
    """Every address in force of the platforms that stand (of one, where it is named), host by host. Needs a scope."""
    documents = Document.objects.public().listed().select_related("platform")
    hubs = Hub.objects.filter(platform__retired_at__isnull=True).select_related("platform")
    if platform_slug:
        documents, hubs = documents.filter(platform__slug=platform_slug), hubs.filter(platform__slug=platform_slug)
    newest = (
        Declaration.objects.filter(document__in=documents).order_by("document_id", "-number").distinct("document_id")
    )
    sources = (
        Source.objects.filter(declaration__in=newest.values("pk"))
        .select_related("declaration__document__platform")
        .order_by("declaration__document__platform__sort_key", "declaration__document__slug", "position")
    )
    pages = Counter(each.declaration_id for each in sources)
    found = [
        Address(
            platform=each.declaration.document.platform,
            name=each.declaration.document.slug,
            url=each.url,
            source=each,
            alone=pages[each.declaration_id] == 1,
        )
        for each in sources
    ]
    found += [Address(hub.platform, "(hub)", hub.url) for hub in hubs]
    return sorted(found, key=lambda address: address.host)


def verify(
    asked: Sequence[Address],
    *,
    propose: bool = False,
    patience: float = PATIENCE,
    open_session: Callable[[], egress.Session] = egress.session,
) -> Iterator[Seen]:
    """Ask for each address, host by host, and say what it gave as it comes. With ``propose``, what has moved and what is
    linked and not read yet is proposed to the operators. A host that another holds is waited for ``patience`` seconds. Raises
    LeaseLost."""
    for host, group in groupby(asked, key=lambda address: address.host):
        of_host = list(group)
        taken = _take(host, patience)
        if taken is None:
            why = "Its host is being read, or has asked us to stay away for a while."
            yield from (Seen(address, BUSY, why=why) for address in of_host)
            continue
        delay = taken.lease.delay
        try:
            time.sleep(max(0.0, (taken.free_from - clock.now()).total_seconds()))
            with open_session() as session:
                manners = Manners(session, delay=delay)
                for number, address in enumerate(of_host):
                    if number:
                        time.sleep(max(delay, manners.delay(host)).total_seconds())
                    yield _ask(address, manners, propose=propose)
                    with tenancy.system_scope("hold a host"):
                        scheduling.hold(taken.lease)
        finally:
            with tenancy.system_scope("give a host back"):
                scheduling.give_back(taken.lease, next_request_at=clock.now() + delay)


def _take(host: str, patience: float) -> Taken | None:
    for attempt in range(1 + int(patience / BETWEEN)):
        if attempt:
            time.sleep(BETWEEN)
        with tenancy.system_scope("take a host"):
            taken = scheduling.take_politely([host])
        if taken is not None:
            return taken[host]
    return None


def _ask(address: Address, manners: Manners, *, propose: bool) -> Seen:
    source = address.source
    document = source.declaration.document if source is not None else None
    try:
        fetched = manners.fetch(
            address.url,
            obeying=not (document and document.robots_exception),
            media_type=source.media_type if source is not None else "",
            language=document.language if document is not None else "",
            limits=egress.Limits(seconds=settings.REQUEST_SECONDS),
        )
    except FetchFailed as failure:
        return _failed(address, failure)
    with tenancy.system_scope("where the platform is read"):
        hosts = hosts_of(address.platform)
    links = links_of(fetched, hosts=hosts)
    seen = _judged(address, fetched, len(links))
    if propose and seen.good:
        with tenancy.system_scope("propose what was seen"):
            moment = clock.now()
            if source is not None and seen.moved:
                propose_move(source, fetched, seen.moved, moment=moment, least=1)
            language = document.language if document is not None else language_of(address.platform)
            propose_links(address.platform, [Found(address.url, links)], language=language, moment=moment)
    return seen


def _judged(address: Address, fetched: Fetched, links: int) -> Seen:
    facts: dict[str, Any] = {
        "status": fetched.status,
        "final_url": fetched.final_url,
        "moved": permanent_target(fetched),
        "links": links,
    }
    source = address.source
    if source is None:
        return Seen(address, LISTED, **facts)
    document = source.declaration.document
    judged = judge(
        [(page_of_fetched(fetched), HowToRead(source.select, source.remove))],
        kind=document.kind if address.alone else "",
        language=document.language or None,
        previous=None,
    )
    words = judged.text.words if judged.text is not None else 0
    if judged.reason is None and judged.text is not None:
        return Seen(address, READ, words=words, **facts)
    reason = judged.reason or Reason.NO_TEXT
    why = judged.why
    if source.reading == Reading.BROWSER:
        why += " The catalogue says that it needs a browser."
    return Seen(address, reason.outcome.value, reason.value, why.strip(), words=words, **facts)


def _failed(address: Address, failure: FetchFailed) -> Seen:
    """An error status says little; the words of its page may say that it is a challenge or a block."""
    answer, reason, why = failure.answer, failure.reason, failure.why
    if answer is None:
        return Seen(address, reason.outcome.value, reason.value, why)
    told = judge([(page_of_fetched(answer), HowToRead((), ()))], kind="", language=None, previous=None)
    if told.reason is not None:
        reason, why = told.reason, told.why
    return Seen(address, reason.outcome.value, reason.value, why, status=answer.status, final_url=answer.final_url)
