"""One-click unsubscription (RFC 8058): the link itself is the right to stop one kind of mail, without signing in."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing
from django.db import models

from accounts.models import Membership
from monitoring.alerts.errors import InvalidToken
from monitoring.alerts.preferences import preferences_of

_SALT = "alerts.unsubscribe"


class MailKind(models.TextChoices):
    """What one can unsubscribe from; the words say what then stops."""

    SAME_DAY = "same_day", "same-day alerts"
    DIGEST = "digest", "the weekly digest"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of mail to one member."""

    organization_id: int
    membership_id: int
    kind: MailKind


def token_of(membership: Membership, kind: MailKind) -> str:
    """The signed text that stands in a mail's link. It doesn't expire: an old mail must be able to stop the next one."""
    return signing.dumps([membership.organization_id, membership.pk, kind.value], salt=_SALT)


def read_token(token: str) -> Subscription:
    """Whose mail the link stops. Raises InvalidToken for a text that we didn't sign."""
    try:
        organization_id, membership_id, kind = signing.loads(token, salt=_SALT)
    except signing.BadSignature as error:
        raise InvalidToken("the link isn't one of ours") from error
    return Subscription(organization_id, membership_id, MailKind(kind))


def unsubscribe(subscription: Subscription) -> None:
    """Stop that kind of mail, in the scope of the subscription's organization. A member who has left gets none anyway."""
    membership = Membership.objects.filter(
        pk=subscription.membership_id, organization_id=subscription.organization_id
    ).first()
    if membership is None:
        return
    preferences = preferences_of(membership)
    if subscription.kind == MailKind.SAME_DAY:
        preferences.same_day = preferences.minor_same_day = False
    else:
        preferences.weekly_digest = False
    preferences.save(update_fields=["same_day", "minor_same_day", "weekly_digest"])
