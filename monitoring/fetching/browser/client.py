"""One reading of a source in the browser, told in the same words as a static one (`monitoring.fetching.client`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from atlas.kernel import clock, egress
from monitoring.extraction.selectors import Range, SelectorLike
from monitoring.fetching import client
from monitoring.fetching.browser import asking
from monitoring.fetching.browser.messages import Seen
from monitoring.fetching.client import Fetched
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Reason, reason_of_status


def fetch(
    url: str,
    *,
    media_type: str = "",
    language: str = "",
    select: Sequence[SelectorLike] = (),
    refusal: Callable[[str], FetchFailed | None] = lambda url: None,
) -> Fetched:
    """Read one page in the browser. ``refusal`` says of an address that the page leads to why it must not be read; ``select``
    is what the declaration selects, and is waited for.

    ``content`` is the page after its scripts, in UTF-8, and ``received`` the response that it was made of. A PDF or plain text
    is ``content`` as received. Raises FetchFailed for everything that isn't a page with status 2xx, for want of a browser too.
    """
    refused: list[FetchFailed] = []

    def allowed(other: str) -> str:
        failure = refusal(other)
        if failure is None:
            return ""
        refused.append(failure)
        return failure.why

    try:
        seen = asking.read(url, language=language, wait_for=_selectors(select), allowed=allowed)
    except asking.NoBrowser as error:
        raise FetchFailed(Reason.JS_SHELL, str(error)) from error
    if seen.reason:
        raise refused[0] if refused else FetchFailed(Reason(seen.reason), seen.why, picture=seen.picture)
    fetched = _fetched(url, seen, declared=media_type)
    reason = reason_of_status(seen.status)
    if reason is not None:
        why = f"{fetched.final_url} answered with status {seen.status}"
        raise FetchFailed(reason, why, fetched, picture=seen.picture)
    return fetched


def _selectors(select: Sequence[SelectorLike]) -> list[str]:
    """What of a declaration a browser can look for: of a range the element at which it begins."""
    return [
        each if isinstance(each, str) else (each if isinstance(each, Range) else Range.from_mapping(each)).start
        for each in select
    ]


def _fetched(url: str, seen: Seen, *, declared: str) -> Fetched:
    said, charset = egress.content_type(seen.headers.get("content-type", ""))
    rendered = seen.rendered is not None
    return Fetched(
        url=url,
        final_url=seen.final_url,
        status=seen.status,
        not_modified=False,
        content=seen.received if seen.rendered is None else seen.rendered,
        media_type="text/html" if rendered else said or declared,
        charset="utf-8" if rendered else charset,
        headers=client.worth_keeping(seen.headers),
        redirects=tuple(egress.Redirect(*step) for step in seen.steps),
        timings=egress.Timings(dns_ms=None, connect_ms=None, tls_ms=None, first_byte_ms=0, total_ms=0),
        address=seen.address,
        bytes_received=seen.bytes_moved,
        fetched_at=clock.now(),
        received=seen.received if rendered else None,
        received_as=(said or "text/html", charset) if rendered else None,
        picture=seen.picture,
    )
