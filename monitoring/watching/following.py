"""Where a reader stands with a platform: what a Follow button has to say before it is pressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts import permissions
from accounts.models import Membership
from accounts.permissions import Permission
from accounts.plans import FREE, Plan
from monitoring.catalogue.models import Platform
from monitoring.watching.models import WatchlistItem


class FollowState(StrEnum):
    ANONYMOUS = "anonymous"  # nobody is signed in
    OPEN = "open"  # may be followed now
    FOLLOWING = "following"
    FULL = "full"  # the plan allows no more
    READER = "reader"  # a viewer: others of the organization decide


@dataclass(frozen=True, slots=True)
class Following:
    """`limit` is None where the plan has none; `used` counts what is followed and not paused."""

    state: FollowState
    plan: Plan
    limit: int | None
    used: int


def following(membership: Membership | None, platform: Platform) -> Following:
    """For this member (None: a visitor, who would start on Free), in the member's scope. One query."""
    if membership is None:
        return Following(FollowState.ANONYMOUS, FREE, FREE.platforms, 0)
    plan = membership.organization.entitlement.plan
    followed = set(WatchlistItem.objects.of(membership.organization).active().values_list("platform_id", flat=True))
    if platform.pk in followed:
        state = FollowState.FOLLOWING
    elif not permissions.may(membership, Permission.WATCH):
        state = FollowState.READER
    elif plan.allows_platforms(len(followed) + 1):
        state = FollowState.OPEN
    else:
        state = FollowState.FULL
    return Following(state, plan, plan.platforms, len(followed))
