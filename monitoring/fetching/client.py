"""One static GET of a source, conditional where we have read it before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from atlas.kernel import clock, egress
from monitoring.extraction import is_pdf
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Reason, reason_of_status

ACCEPT = "text/html,application/xhtml+xml,application/pdf,text/markdown,text/plain;q=0.9,*/*;q=0.8"

# What may help later to understand or to prove a reading; cookies and the like are nobody's evidence.
_KEPT_HEADERS = frozenset(
    {
        "age",
        "cache-control",
        "cf-mitigated",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-type",
        "date",
        "etag",
        "expires",
        "last-modified",
        "link",
        "memento-datetime",
        "retry-after",
        "server",
        "vary",
        "via",
        "x-amzn-waf-action",
        "x-robots-tag",
    }
)
_MOST_HEADER_CHARACTERS = 2000

_REASONS: Mapping[type[egress.EgressError], Reason] = {
    egress.AddressRefused: Reason.ADDRESS_REFUSED,
    egress.BrokenResponse: Reason.ERROR,
    egress.ConnectFailed: Reason.CONNECT,
    egress.DnsFailed: Reason.DNS,
    egress.RedirectLoop: Reason.REDIRECT_LOOP,
    egress.TimedOut: Reason.TIMEOUT,
    egress.TlsFailed: Reason.TLS,
    egress.TooLarge: Reason.TOO_LARGE,
}


@dataclass(frozen=True, slots=True)
class Validators:
    """What the last reading was told about its own state, and at which final address ("": at the source's own)."""

    etag: str = ""
    last_modified: str = ""
    final_url: str = ""

    def headers(self) -> dict[str, str]:
        found = {}
        if self.etag:
            found["If-None-Match"] = self.etag
        if self.last_modified:
            found["If-Modified-Since"] = self.last_modified
        return found


NO_VALIDATORS = Validators()


def _follow_all(target: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. ``content`` is the body with its transfer and content codings undone, otherwise as received.

    It is empty where ``not_modified``. ``headers`` are those worth keeping, names in lower case. ``media_type`` is the
    server's word, else what the source was declared to be, else what the first bytes say.
    """

    url: str
    final_url: str
    status: int
    not_modified: bool
    content: bytes
    media_type: str
    charset: str | None
    headers: Mapping[str, str]
    redirects: tuple[egress.Redirect, ...]
    timings: egress.Timings
    address: str
    bytes_received: int
    fetched_at: datetime
    #: Where a browser has read it and ``content`` is the page after its scripts: the body as received, its media type and
    #: charset, and what stood in the window (a JPEG).
    received: bytes | None = None
    received_as: tuple[str, str | None] | None = None
    picture: bytes = b""

    @property
    def validators(self) -> Validators:
        """For the next reading of the same source. A response that a script makes a page of says nothing about its text."""
        if self.received is not None:
            return Validators(final_url=self.final_url)
        return Validators(
            etag=self.headers.get("etag", ""),
            last_modified=self.headers.get("last-modified", ""),
            final_url=self.final_url,
        )

    @property
    def retry_after(self) -> int | None:
        """Seconds that the server asks us to stay away, from either form of Retry-After; None if it doesn't ask."""
        return _retry_after(self.headers.get("retry-after", ""), now=self.fetched_at)


def fetch(
    session: egress.Session,
    url: str,
    *,
    media_type: str = "",
    language: str = "",
    validators: Validators = NO_VALIDATORS,
    limits: egress.Limits = egress.DEFAULT_LIMITS,
    follow: Callable[[str], bool] = _follow_all,
) -> Fetched:
    """Read one page. ``media_type`` and ``language`` are what the source is declared to be.

    Raises FetchFailed for everything that isn't a 2xx or the 304 that was asked for, and ``egress.NotFollowed`` where
    ``follow`` says no to the target of a redirect.
    """
    plain = {"Accept": ACCEPT}
    if language:
        plain["Accept-Language"] = f"{language},*;q=0.1"
    response = _get(session, url, {**plain, **validators.headers()}, limits, follow)
    if response.status == 304 and response.final_url != (validators.final_url or response.url):
        # The address leads elsewhere now: the new place's "not modified" says nothing about the text that we have.
        response = _get(session, url, plain, limits, follow)
    not_modified = response.status == 304 and bool(validators.headers())
    fetched = _fetched(response, declared=media_type, not_modified=not_modified)
    reason = None if not_modified else reason_of_status(response.status)
    if reason is not None:
        raise FetchFailed(reason, f"{response.final_url} answered with status {response.status}", fetched)
    return fetched


def _get(
    session: egress.Session,
    url: str,
    headers: Mapping[str, str],
    limits: egress.Limits,
    follow: Callable[[str], bool],
) -> egress.Response:
    try:
        return session.get(url, headers=headers, limits=limits, follow=follow)
    except egress.NotFollowed:
        raise  # the caller's own word, and no failure of the page
    except egress.EgressError as error:
        raise FetchFailed(_REASONS[type(error)], str(error)) from error


def _fetched(response: egress.Response, *, declared: str, not_modified: bool) -> Fetched:
    return Fetched(
        url=response.url,
        final_url=response.final_url,
        status=response.status,
        not_modified=not_modified,
        content=response.body,
        media_type=response.media_type or declared or _sniffed(response.body),
        charset=response.charset,
        headers=worth_keeping(response.headers),
        redirects=response.redirects,
        timings=response.timings,
        address=response.address,
        bytes_received=response.bytes_received,
        fetched_at=clock.now(),
    )


def worth_keeping(headers: Mapping[str, str]) -> dict[str, str]:
    """Of an answer's headers, names in lower case."""
    return {name: value[:_MOST_HEADER_CHARACTERS] for name, value in headers.items() if name in _KEPT_HEADERS}


def _sniffed(content: bytes) -> str:
    return "application/pdf" if is_pdf(content) else "text/html"


def _retry_after(header: str, *, now: datetime) -> int | None:
    header = header.strip()
    if header.isdecimal():
        return int(header)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round((moment - now).total_seconds()))
