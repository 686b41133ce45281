"""robots.txt (RFC 9309): one reading of it, and what it says to us. Pure but for the request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from protego import Protego

from atlas.kernel import egress
from monitoring.fetching import client
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.outcomes import Reason

#: What a crawler has to read at least (RFC 9309, 2.5); what stands behind it is not looked at.
MOST_BYTES = 500 * 1024
#: Five redirects are followed, as 2.3.1.2 asks; more of them say that there is no such file.
LIMITS = egress.Limits(seconds=30, read_seconds=15, body_bytes=MOST_BYTES, redirects=5, cut=True)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host allows us. Empty text allows everything."""

    text: str
    _parsed: Protego

    @classmethod
    def of(cls, text: str) -> Rules:
        return cls(text, Protego.parse(text))

    def allow(self, url: str) -> bool:
        """May we read this address? Its own robots.txt may always be read."""
        return urlsplit(url).path == "/robots.txt" or bool(self._parsed.can_fetch(url, settings.USER_AGENT))

    @property
    def delay(self) -> timedelta:
        """Crawl-delay for us, no more than our own limit; nothing where none is named."""
        seconds = self._parsed.crawl_delay(settings.USER_AGENT)
        if seconds is None or not seconds > 0:
            return timedelta(0)
        most: timedelta = settings.MOST_CRAWL_DELAY
        return timedelta(seconds=min(float(seconds), most.total_seconds()))


ALLOW_ALL = ""


def address(url: str) -> str:
    """Of the robots.txt that speaks for this page."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/robots.txt"


def read(session: egress.Session, url: str) -> str:
    """The text of the robots.txt that speaks for this page; ALLOW_ALL where there is none (any 4xx, too many redirects).

    Raises FetchFailed where the host doesn't say (5xx, no answer): then nothing may be read.
    """
    where = address(url)
    try:
        fetched = client.fetch(session, where, media_type="text/plain", limits=LIMITS)
    except FetchFailed as failure:
        status = failure.answer.status if failure.answer is not None else 0
        if 400 <= status < 500 or failure.reason == Reason.REDIRECT_LOOP:
            return ALLOW_ALL
        why = f"Nothing is read while the host does not say what it allows: {failure.why}"
        raise FetchFailed(failure.reason, why, stay_away=failure.retry_after) from failure
    # NUL can't be kept in the database, and is part of no rule.
    return fetched.content.decode("utf-8-sig", errors="replace").replace("\0", "")
