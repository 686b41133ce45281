"""The outbox: waiting deliveries become mails. Each step is a transaction of the pipeline; sending stands between two.

A delivery is leased to one worker by a token. What became of it is noted only while that token stands, so that a worker that
slept past its lease writes nothing. A worker that dies after the receiver's yes leaves a delivery that is sent again, under
the same Message-ID.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from allauth.account.models import EmailAddress
from django.db.models import F, Q

from atlas.kernel import mail
from monitoring.alerts import mails
from monitoring.alerts.links import message_domain
from monitoring.alerts.models import Delivery, DeliveryState, Preferences
from monitoring.changes.models import Significance
from monitoring.findings.models import FindingState

logger = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
#: How long after each failed try the next one comes; after the last the delivery has failed (about three days).
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440, 1440))


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this worker sends, as long as the token stands. `attempt` counts from 1."""

    delivery_id: int
    attempt: int
    token: UUID


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, ready to be sent without the database."""

    to: str
    mail: mails.Mail
    message_id: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try. `server_away`: no other mail would fare better now."""

    state: DeliveryState
    error: str = ""
    server_away: bool = False


NOT_WRITTEN = Answer(DeliveryState.WAITING, "the mail could not be written: see the log")


def claim(*, moment: datetime) -> Claim | None:
    """The delivery that has waited longest, leased to the caller; None when none waits. Two callers never get the same.

    The try is counted here, so that a delivery whose sending kills its worker comes to an end too.
    """
    free = Q(leased_until=None) | Q(leased_until__lte=moment)
    delivery = (
        Delivery.objects.waiting(moment)
        .filter(free)
        .order_by("next_try_at", "pk")
        .select_for_update(skip_locked=True)
        .first()
    )
    if delivery is None:
        return None
    token = uuid4()
    Delivery.objects.filter(pk=delivery.pk).update(
        lease_token=token, leased_until=moment + LEASE, attempts=F("attempts") + 1
    )
    return Claim(delivery.pk, delivery.attempts + 1, token)


def write(claim: Claim) -> Letter | Answer:
    """The mail of a claimed delivery, or why it isn't sent: it is no longer wanted, no longer true, or was tried too often."""
    if claim.attempt > len(DELAYS) + 1:
        return Answer(DeliveryState.FAILED, "every try ended without an answer")
    delivery = (
        Delivery.objects.select_related("organization", "membership__user", "event", "digest")
        .filter(pk=claim.delivery_id)
        .first()
    )
    if delivery is None:
        return Answer(DeliveryState.CANCELLED, "the member has left")
    user = delivery.membership.user
    if not (
        user.is_active and EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    ):
        return Answer(DeliveryState.CANCELLED, "the member has no verified address")
    if not _wanted(delivery):
        return Answer(DeliveryState.CANCELLED, "the member doesn't want it any more")
    if not _true(delivery):
        return Answer(DeliveryState.CANCELLED, "it was withdrawn before it was sent")
    return Letter(user.email, mails.mail_of(delivery), f"<{delivery.message_key}@{message_domain()}>")


def send(letter: Letter) -> Answer:
    """Send outside of any transaction (atlas.kernel.mail refuses inside of one)."""
    try:
        mail.send(
            to=letter.to,
            subject=letter.mail.subject,
            text=letter.mail.text,
            html=letter.mail.html,
            headers=letter.mail.headers,
            message_id=letter.message_id,
        )
    except mail.PermanentFailure as error:
        return Answer(DeliveryState.FAILED, str(error))
    except mail.ServerAway as error:
        return Answer(DeliveryState.WAITING, str(error), server_away=True)
    except mail.TemporaryFailure as error:
        return Answer(DeliveryState.WAITING, str(error))
    return Answer(DeliveryState.SENT)


def note(claim: Claim, answer: Answer, *, moment: datetime) -> bool:
    """Write down what became of a claimed delivery; False, and nothing is written, when the token no longer stands."""
    values: dict[str, Any] = {
        "state": answer.state,
        "last_error": answer.error[:300],
        "lease_token": None,
        "leased_until": None,
    }
    if answer.state == DeliveryState.SENT:
        values["sent_at"] = moment
    elif answer.state == DeliveryState.WAITING:
        if claim.attempt > len(DELAYS):
            values["state"] = DeliveryState.FAILED
        else:
            values["next_try_at"] = moment + DELAYS[claim.attempt - 1]
    ours = Delivery.objects.filter(pk=claim.delivery_id, lease_token=claim.token, state=DeliveryState.WAITING)
    noted = ours.update(**values) == 1
    logger.info("delivery", delivery=claim.delivery_id, attempt=claim.attempt, state=str(values["state"]), noted=noted)
    return noted


def _wanted(delivery: Delivery) -> bool:
    """Do the member's preferences, as they stand now, still ask for this mail?"""
    preferences = Preferences.objects.filter(membership_id=delivery.membership_id).first() or Preferences()
    if delivery.event is None:
        return preferences.weekly_digest
    change = delivery.event.change
    if change is not None and change.significance == Significance.MINOR:
        return preferences.same_day and preferences.minor_same_day
    return preferences.same_day


def _true(delivery: Delivery) -> bool:
    finding = delivery.event.finding if delivery.event else None
    return finding is None or finding.state == FindingState.PUBLISHED
