"""Locking out who tries too often, in PostgreSQL: it holds while Redis is away.

allauth's own limits (settings, by the minute, in Redis) slow down; they are lost with Redis, and then let everybody through.
These here are wider, by the hour, and are not lost. An attempt is counted before it is judged, by one statement that commits
by itself, so that many at once don't slip through; one that was right is given back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import truncate_ip
from allauth.core.ratelimit import respond_429
from django.db import connection
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.models import Attempts
from atlas.kernel import clock

logger = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
KEPT = timedelta(days=2)


class Kind(StrEnum):
    """What is tried, and for whom it is counted."""

    LOGIN = "login"  # wrong passwords for one address
    LOGIN_FROM = "login_from"  # wrong passwords from one network address
    SECOND_STEP = "second_step"  # wrong codes for one user
    SIGN_UP_FROM = "sign_up_from"  # from one network address
    RESET_FROM = "reset_from"
    INVITATION_FROM = "invitation_from"  # links that name no invitation
    MAIL_TO = "mail_to"  # mails that anybody can have us write to one address


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within so long; one more locks for so long."""

    attempts: int
    within: timedelta = HOUR
    locked_for: timedelta = HOUR


LIMITS = {
    Kind.LOGIN: Limit(20),
    Kind.LOGIN_FROM: Limit(100),
    Kind.SECOND_STEP: Limit(10),
    Kind.SIGN_UP_FROM: Limit(50),
    Kind.RESET_FROM: Limit(50),
    Kind.INVITATION_FROM: Limit(50),
    Kind.MAIL_TO: Limit(10),
}

_TAKE = """
INSERT INTO accounts_attempts AS a (kind, subject, count, since) VALUES (%(kind)s, %(subject)s, 1, %(now)s)
ON CONFLICT (kind, subject) DO UPDATE SET
  count = CASE WHEN a.locked_until > %(now)s THEN a.count WHEN a.since <= %(begin)s THEN 1 ELSE a.count + 1 END,
  since = CASE WHEN a.locked_until > %(now)s OR a.since > %(begin)s THEN a.since ELSE %(now)s END,
  locked_until = CASE WHEN a.locked_until > %(now)s THEN a.locked_until
    WHEN a.since > %(begin)s AND a.count >= %(most)s THEN %(until)s END
RETURNING locked_until, locked_until = %(until)s
"""


def take(kind: Kind, subject: str) -> bool:
    """Count one attempt; False where no more is let through. The moment of locking is logged, without who it was."""
    limit, now, hashed = LIMITS[kind], clock.now(), _hash(kind, subject)
    values: dict[str, str | int | datetime] = {
        "kind": kind,
        "subject": hashed,
        "now": now,
        "begin": now - limit.within,
        "most": limit.attempts,
        "until": now + limit.locked_for,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        locked_until, just_now = cursor.fetchone()
    if just_now:
        logger.warning("locked_out", kind=kind.value, subject=hashed[:12], until=locked_until.isoformat())
    return locked_until is None


def give_back(kind: Kind, subject: str) -> None:
    """The attempt that was just counted was right."""
    Attempts.objects.filter(kind=kind, subject=_hash(kind, subject), count__gt=0).update(count=F("count") - 1)


def open_again(kind: Kind, subject: str) -> None:
    """Forget the attempts, since who they were for has proven to be themselves."""
    Attempts.objects.filter(kind=kind, subject=_hash(kind, subject)).delete()


def refuse(request: HttpRequest, kind: Kind, subject: str = "") -> None:
    """Count one attempt, of the request's network address where no subject is named; raises allauth's ImmediateHttpResponse
    with a 429 where no more is let through. On pages of allauth alone, whose middleware answers with it."""
    if not take(kind, subject or network_of(request)):
        raise ImmediateHttpResponse(respond_429(request))


def network_of(request: HttpRequest) -> str:
    """The network address that a request came from; of IPv6 the part that one household has."""
    return str(truncate_ip(get_adapter(request).get_client_ip(request)))


def forget_old() -> int:
    """Delete what no longer counts; returns the number of rows."""
    deleted, _ = Attempts.objects.filter(since__lt=clock.now() - KEPT).delete()
    return deleted


def _hash(kind: Kind, subject: str) -> str:
    return salted_hmac("accounts.lockout", f"{kind}:{subject.strip().lower()}", algorithm="sha256").hexdigest()
