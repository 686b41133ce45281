"""Mails of accounts (sign-in, invitations) on their way out: claimed by a conditional UPDATE, sent outside of any
transaction, tried again.

A worker that slept past its lease writes nothing, since its token no longer stands. Whoever dies between the receiver's yes
and our note of it leaves the row due: the mail comes a second time with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.mail.message import make_msgid
from django.db.models import F
from django.template.loader import render_to_string

from accounts.models import OutgoingMail
from atlas.kernel import clock, doorbells, mail
from atlas.kernel.failpoints import failpoint

logger = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(hours=24)  # codes and links in these mails are worth nothing by then
AT_ONCE = 100


def send_due() -> int:
    """Send what is due now, and return how many mails the receivers took; nothing more once the mail server is found away.
    Not inside of a transaction."""
    taken = 0
    for pk in OutgoingMail.objects.due(clock.now()).values_list("pk", flat=True)[:AT_ONCE]:
        token = claim(pk)
        if token is None:
            continue
        try:
            _send(pk, token)
        except mail.ServerAway:
            break
        except mail.MailError:
            continue
        taken += 1
    return taken


def write(*, recipient: str, name: str, context: Mapping[str, Any]) -> None:
    """Write a mail of templates/emails/<name>/ into the outbox, in the caller's transaction, and ring for the worker."""
    subject = " ".join(render_to_string(f"emails/{name}/subject.txt", {**context}).split())
    whole = {**context, "subject": subject}
    OutgoingMail.objects.create(
        recipient=recipient,
        subject=subject,
        text=render_to_string(f"emails/{name}/body.txt", whole).strip() + "\n",
        html=render_to_string(f"emails/{name}/body.html", whole),
        message_id=make_msgid(domain="conductatlas"),
    )
    doorbells.ring("accounts.send_mails")


def claim(pk: int) -> UUID | None:
    """Lease the mail; the token, or None where another worker holds it or it is no longer due."""
    token, now = uuid4(), clock.now()
    claimed = OutgoingMail.objects.due(now).filter(pk=pk)
    if claimed.update(lease_token=token, leased_until=now + LEASE, attempts=F("attempts") + 1):
        return token
    return None


def forget_old() -> int:
    """Delete what was sent, or given up, longer ago than OUTGOING_MAIL_RETENTION; returns the number of rows."""
    deleted, _ = OutgoingMail.objects.settled_before(clock.now() - settings.OUTGOING_MAIL_RETENTION).delete()
    return deleted


def _send(pk: int, token: UUID) -> None:
    """Raises MailError, which is noted already."""
    held = OutgoingMail.objects.filter(pk=pk, lease_token=token)
    message = held.get()
    failpoint("outgoing.claimed")
    try:
        mail.send(
            to=message.recipient,
            subject=message.subject,
            text=message.text,
            html=message.html,
            headers={"Auto-Submitted": "auto-generated"},
            message_id=message.message_id,
        )
    except mail.MailError as error:
        _note_failure(message, token, error)
        raise
    failpoint("outgoing.taken")
    # The words hold codes and links: they aren't kept longer than they are needed.
    held.update(sent_at=clock.now(), text="", html="", last_error="", lease_token=None, leased_until=None)


def _note_failure(message: OutgoingMail, token: UUID, error: mail.MailError) -> None:
    now = clock.now()
    for_good = isinstance(error, mail.PermanentFailure) or now - message.created_at > GIVE_UP_AFTER
    OutgoingMail.objects.filter(pk=message.pk, lease_token=token).update(
        next_try_at=next_try(now, message.attempts),
        failed_at=now if for_good else None,
        last_error=str(error)[:300],
        lease_token=None,
        leased_until=None,
    )
    # The server's words may name the receiver: they stand in the row, not in the log.
    kind = type(error).__name__
    logger.warning("mail_not_taken", mail=message.pk, attempts=message.attempts, given_up=for_good, error=kind)


def next_try(now: datetime, attempts: int) -> datetime:
    """After 15 s, 30 s, 1 min … and at most 30 minutes."""
    doublings: int = 1 << min(attempts - 1, 10)
    return now + min(FIRST_PAUSE * doublings, LONGEST_PAUSE)
