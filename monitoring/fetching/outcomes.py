"""What a check can come to: the closed list of outcomes and reasons. Pure; models and classifiers take it from here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    FIRST = "first"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    SUSPICIOUS = "suspicious"
    BLOCKED = "blocked"
    MISSING = "missing"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    DISALLOWED = "disallowed"
    NEEDS_BROWSER = "needs_browser"

    @property
    def was_read(self) -> bool:
        """Whether the document itself was seen. Everything else is a failure, and never a change."""
        return self in {Outcome.FIRST, Outcome.UNCHANGED, Outcome.CHANGED}


class Reason(StrEnum):
    TEXT_LOST = "text_lost"
    KIND_CHANGED = "kind_changed"
    NOT_ADOPTED = "not_adopted"
    BLOCK = "block"
    CHALLENGE = "challenge"
    LOGIN = "login"
    CONSENT = "consent"
    HTTP_404 = "http_404"
    HTTP_410 = "http_410"
    SOFT_404 = "soft_404"
    WRONG_PAGE = "wrong_page"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    HTTP_5XX = "http_5xx"
    HTTP_429 = "http_429"
    HTTP_4XX = "http_4xx"
    MAINTENANCE = "maintenance"
    ERROR = "error"
    TOO_LARGE = "too_large"
    REDIRECT_LOOP = "redirect_loop"
    ADDRESS_REFUSED = "address_refused"
    BLANK = "blank"
    TRUNCATED = "truncated"
    NO_TEXT = "no_text"
    SELECTOR = "selector"
    ENCRYPTED = "encrypted"
    TOO_COMPLEX = "too_complex"
    WRONG_LANGUAGE = "wrong_language"
    WORKER_DIED = "worker_died"
    ROBOTS = "robots"
    JS_SHELL = "js_shell"

    @property
    def outcome(self) -> Outcome:
        """The one outcome that this reason belongs to."""
        return _OUTCOMES[self]


REASONS: Mapping[Outcome, tuple[Reason, ...]] = MappingProxyType(
    {
        Outcome.SUSPICIOUS: (Reason.TEXT_LOST, Reason.KIND_CHANGED, Reason.NOT_ADOPTED),
        Outcome.BLOCKED: (Reason.BLOCK, Reason.CHALLENGE, Reason.LOGIN, Reason.CONSENT),
        Outcome.MISSING: (Reason.HTTP_404, Reason.HTTP_410, Reason.SOFT_404, Reason.WRONG_PAGE),
        Outcome.UNREACHABLE: (
            Reason.DNS,
            Reason.CONNECT,
            Reason.TLS,
            Reason.TIMEOUT,
            Reason.HTTP_5XX,
            Reason.HTTP_429,
            Reason.HTTP_4XX,
            Reason.MAINTENANCE,
            Reason.ERROR,
            Reason.TOO_LARGE,
            Reason.REDIRECT_LOOP,
            Reason.ADDRESS_REFUSED,
        ),
        Outcome.UNREADABLE: (
            Reason.BLANK,
            Reason.TRUNCATED,
            Reason.NO_TEXT,
            Reason.SELECTOR,
            Reason.ENCRYPTED,
            Reason.TOO_COMPLEX,
            Reason.WRONG_LANGUAGE,
            Reason.WORKER_DIED,
        ),
        Outcome.DISALLOWED: (Reason.ROBOTS,),
        Outcome.NEEDS_BROWSER: (Reason.JS_SHELL,),
    }
)
_OUTCOMES = {reason: outcome for outcome, reasons in REASONS.items() for reason in reasons}


def reason_of_status(status: int) -> Reason | None:
    """What an HTTP status alone says against a page; None where it carries the document (2xx)."""
    if 200 <= status < 300:
        return None
    if status == 404:
        return Reason.HTTP_404
    if status == 410:
        return Reason.HTTP_410
    if status == 429:
        return Reason.HTTP_429
    if 400 <= status < 500:
        return Reason.HTTP_4XX
    if 500 <= status < 600:
        return Reason.HTTP_5XX
    return Reason.ERROR
