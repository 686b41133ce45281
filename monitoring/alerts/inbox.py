"""What a member was told, as /inbox/ shows it. Runs in the member's scope; nothing here crosses to another membership."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Membership
from atlas.kernel import ids
from monitoring.alerts.models import Digest, Event, InboxItem
from monitoring.changes.models import Change
from monitoring.findings.models import Finding


def items_of(membership: Membership) -> QuerySet[InboxItem]:
    """Everything that the member was told, the newest first, with what a row shows: no further query for each."""
    return (
        InboxItem.objects.filter(membership=membership)
        .select_related(
            "event__platform",
            "event__request",
            "event__change__document",
            "event__change__release",
            "event__finding__published",
            "event__finding__provision__document",
            "digest",
        )
        .order_by("-created_at", "-pk")
    )


def unread_count(membership: Membership) -> int:
    return InboxItem.objects.filter(membership=membership, read_at=None).count()


def mark_read(*, membership: Membership, typeid: str, moment: datetime) -> bool:
    """Mark the item of this event or digest (its TypeID) as read; False when the member has no unread one of that id."""
    unread = InboxItem.objects.filter(membership=membership, read_at=None)
    if typeid.startswith(f"{Digest.PREFIX}_"):
        unread = unread.filter(digest__public_id=ids.decode(Digest.PREFIX, typeid))
    else:
        unread = unread.filter(event__public_id=ids.decode(Event.PREFIX, typeid))
    return unread.update(read_at=moment) > 0


def mark_change_read(*, membership: Membership, change: Change, moment: datetime) -> None:
    """The member has opened the change's page: what they were told of it is read."""
    InboxItem.objects.filter(membership=membership, event__change=change, read_at=None).update(read_at=moment)


def mark_finding_read(*, membership: Membership, finding: Finding, moment: datetime) -> None:
    """The member has opened the provision's page: what they were told of its finding is read."""
    InboxItem.objects.filter(membership=membership, event__finding=finding, read_at=None).update(read_at=moment)


def mark_all_read(*, membership: Membership, moment: datetime) -> int:
    """Mark everything as read; returns how many were unread."""
    return InboxItem.objects.filter(membership=membership, read_at=None).update(read_at=moment)
