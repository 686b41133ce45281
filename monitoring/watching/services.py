"""Following platforms. Each function runs in its caller's scope and locks the entitlement before it counts."""

from __future__ import annotations

from accounts.models import ApiKey, Entitlement, Membership, Organization
from accounts.plans import Plan
from accounts.services import record, record_by
from atlas.kernel import clock
from monitoring.catalogue.models import Platform
from monitoring.watching import welcoming
from monitoring.watching.errors import LimitReached, PlatformRetired
from monitoring.watching.models import WatchlistItem

#: Who follows: a member, or a key of the organization.
Actor = Membership | ApiKey


def follow(*, by: Actor, platform: Platform) -> WatchlistItem:
    """The organization follows the platform from now on; following it already, or again, is no error.

    Raises LimitReached where the plan allows no more, PlatformRetired for one that is no longer read.
    """
    plan = _lock(by.organization)
    item = WatchlistItem.objects.of(by.organization).filter(platform=platform).first()
    if item is not None:
        return _resume(item, plan, by)
    if platform.retired_at is not None:
        raise PlatformRetired
    _require_room(by.organization, plan)
    item = WatchlistItem.objects.create(
        organization=by.organization, platform=platform, added_by=by.user if isinstance(by, Membership) else None
    )
    if isinstance(by, Membership) and welcoming.is_first(by, platform):
        welcoming.welcome(membership=by, platform=platform)
    _record(by, platform, "platform.followed")
    return item


def unfollow(*, by: Actor, platform: Platform) -> bool:
    """Take the platform off the watchlist, its note with it; False where it wasn't on it."""
    _lock(by.organization)
    deleted, _ = WatchlistItem.objects.of(by.organization).filter(platform=platform).delete()
    if deleted:
        _record(by, platform, "platform.unfollowed")
    return bool(deleted)


def pause(*, by: Actor, item: WatchlistItem) -> None:
    """Keep the platform on the list, tell nothing about it, and free its place."""
    _lock(by.organization)
    running = WatchlistItem.objects.of(by.organization).active().filter(pk=item.pk)
    if running.update(paused_at=clock.now(), paused_by_plan=False):
        _record(by, item.platform, "platform.paused")


def resume(*, by: Actor, item: WatchlistItem) -> None:
    """Tell about the platform again. Raises LimitReached where the plan allows no more."""
    plan = _lock(by.organization)
    _resume(WatchlistItem.objects.of(by.organization).get(pk=item.pk), plan, by)


def set_note(*, by: Actor, item: WatchlistItem, note: str) -> None:
    """What the organization wants to remember about the platform; at most 300 characters."""
    WatchlistItem.objects.of(by.organization).filter(pk=item.pk).update(note=note)


def fit_to_plan(organization: Organization) -> None:
    """After a change of plan: pause the newest over the limit, or resume, oldest first, what the plan had paused.

    Deletes nothing. Items that a member paused stay paused. May be called again and again.
    """
    plan = _lock(organization)
    items = WatchlistItem.objects.of(organization)
    wanted = list(items.active().order_by("created_at", "pk")) + list(
        items.filter(paused_by_plan=True).order_by("created_at", "pk")
    )
    kept = wanted if plan.platforms is None else wanted[: plan.platforms]
    for item in wanted:
        running = item in kept
        if running == (item.paused_at is None):
            continue
        item.paused_at = None if running else clock.now()
        item.paused_by_plan = not running
        item.save(update_fields=["paused_at", "paused_by_plan"])
        action = "platform.resumed" if running else "platform.paused"
        record(organization=organization, actor=None, action=action, platform=item.platform.slug, plan=plan.slug)


def _resume(item: WatchlistItem, plan: Plan, by: Actor) -> WatchlistItem:
    if item.paused_at is None:
        return item
    if item.platform.retired_at is not None:
        raise PlatformRetired
    _require_room(by.organization, plan)
    item.paused_at, item.paused_by_plan = None, False
    item.save(update_fields=["paused_at", "paused_by_plan"])
    _record(by, item.platform, "platform.resumed")
    return item


def _lock(organization: Organization) -> Plan:
    return Entitlement.objects.lock(organization).plan


def _require_room(organization: Organization, plan: Plan) -> None:
    used = WatchlistItem.objects.of(organization).active().count()
    if plan.platforms is not None and not plan.allows_platforms(used + 1):
        raise LimitReached(plan, plan.platforms)


def _record(by: Actor, platform: Platform, action: str) -> None:
    record_by(by, action, platform=platform.slug)
