"""The weekly digest: when it is due, for which period, and what it names.

A member's periods tile: each begins where the last one ended, the first where the membership began. When beat was down the
next digest covers all that was missed. Runs in the caller's scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection
from django.db.models import Q

from accounts.models import Membership
from atlas.kernel import doorbells
from monitoring.alerts.fan_out import DELIVER
from monitoring.alerts.models import Delivery, Digest, InboxItem, Preferences
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change, Significance
from monitoring.findings.models import Finding
from monitoring.watching.models import WatchlistItem

WEEKDAY = 0  # Monday
HOUR = time(8)
BATCH = 100
GRACE = timedelta(minutes=2)


# --- When -----------------------------------------------------------------------------------------------------------


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for one that this machine doesn't know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def last_due(moment: datetime, zone: ZoneInfo) -> datetime:
    """The newest Monday, 08:00 by the clocks of the zone, that isn't after the moment; in UTC."""
    day = moment.astimezone(zone).date()
    day -= timedelta(days=(day.weekday() - WEEKDAY) % 7)
    due = _instant(day, zone)
    return due if due <= moment else _instant(day - timedelta(days=7), zone)


def next_due(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first Monday, 08:00 by the clocks of the zone, after the moment; in UTC."""
    day = last_due(moment, zone).astimezone(zone).date()
    return _instant(day + timedelta(days=7), zone)


def _instant(day: date, zone: ZoneInfo) -> datetime:
    """That day's hour by the zone's clocks. Where the clocks skip it, the same distance after the jump."""
    return datetime.combine(day, HOUR, tzinfo=zone).astimezone(UTC)


# --- Making ---------------------------------------------------------------------------------------------------------

# Every member has a cursor, which begins with the membership.
_OPEN_CURSORS = """
INSERT INTO alerts_preferences
  (organization_id, membership_id, same_day, minor_same_day, weekly_digest, digested_until, next_digest_at)
SELECT m.organization_id, m.id, true, false, true, m.created_at, NULL
FROM accounts_membership m
WHERE NOT EXISTS (SELECT FROM alerts_preferences p WHERE p.membership_id = m.id)
LIMIT %s
ON CONFLICT (membership_id) DO NOTHING
"""


def make_digests(*, moment: datetime, batch: int = BATCH) -> int:
    """Make the digests that are due, for up to `batch` members, each with its mail and its inbox item; returns how many
    members were looked at: fewer than `batch` means that no more are due.

    The cursors are locked until the caller's transaction ends: two callers never make the same one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_CURSORS, [batch])
    due = list(
        Preferences.objects.filter(Q(next_digest_at=None) | Q(next_digest_at__lte=moment))
        .select_related("membership__user")
        .order_by("next_digest_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:batch]
    )
    followed = _followed({preferences.organization_id for preferences in due})
    for preferences in due:
        _make(preferences, followed.get(preferences.organization_id, []), moment)
    Preferences.objects.bulk_update(due, ["digested_until", "next_digest_at"])
    if due:
        doorbells.ring(DELIVER)
    return len(due)


def reschedule(membership: Membership) -> None:
    """The member may have moved to another time zone: when the next digest is due is asked anew by its clocks. Nothing is
    lost, doubled or put off, since the period begins at the cursor."""
    Preferences.objects.filter(membership=membership).update(next_digest_at=None)


def _make(preferences: Preferences, platform_ids: list[int], moment: datetime) -> None:
    """The member's digest up to the newest due moment, if that lies ahead of the cursor; moves the cursor (unsaved)."""
    zone = zone_of(preferences.membership.user.time_zone)
    end = last_due(moment, zone)
    preferences.next_digest_at = next_due(moment, zone)
    if end <= preferences.digested_until:
        return
    digest = Digest.objects.create(
        organization_id=preferences.organization_id,
        membership_id=preferences.membership_id,
        period_start=preferences.digested_until,
        period_end=end,
        platform_ids=platform_ids,
        created_at=moment,
    )
    preferences.digested_until = end
    if not platform_ids:  # who follows nothing isn't told every week that nothing changed
        return
    told = {"organization_id": digest.organization_id, "membership_id": digest.membership_id, "created_at": moment}
    InboxItem.objects.create(digest=digest, **told)
    if preferences.weekly_digest:
        Delivery.objects.create(digest=digest, next_try_at=moment, **told)


def _followed(organization_ids: set[int]) -> dict[int, list[int]]:
    """Organization → the platforms that it follows, in order."""
    followed: dict[int, list[int]] = {}
    items = WatchlistItem.objects.active().filter(organization_id__in=organization_ids).order_by("platform_id")
    for organization_id, platform_id in items.values_list("organization_id", "platform_id"):
        followed.setdefault(organization_id, []).append(platform_id)
    return followed


# --- What it names --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Contents:
    """What a digest names. Each list is in the order of reading: by platform, then by time."""

    platforms: list[Platform]
    substantive: list[Change]
    minor: list[Change]
    findings: list[Finding]


def contents_of(digest: Digest) -> Contents:
    """The events of the digest's platforms in its period, without what was withdrawn since."""
    told = {
        "event__platform__in": digest.platform_ids,
        "event__occurred_at__gt": digest.period_start,
        "event__occurred_at__lte": digest.period_end,
    }
    changes = list(
        Change.objects.worth_showing()
        .filter(**told)
        .select_related("document__platform", "release", "new")
        .order_by("document__platform__sort_key", "observed_at", "pk")
    )
    findings = (
        Finding.objects.published()
        .filter(**told)
        .select_related("provision__document__platform", "published")
        .order_by("provision__document__platform__sort_key", "published_at", "pk")
    )
    return Contents(
        platforms=list(Platform.objects.filter(pk__in=digest.platform_ids).order_by("sort_key")),
        substantive=[change for change in changes if change.significance == Significance.SUBSTANTIVE],
        minor=[change for change in changes if change.significance == Significance.MINOR],
        findings=list(findings),
    )
