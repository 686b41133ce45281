"""What the Follow button says before it is pressed: state, limit and plan."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from accounts.access import GatedRequest
from accounts.plans import Plan
from monitoring.catalogue.models import Platform
from monitoring.watching.following import Following, FollowState, following


@dataclass(frozen=True, slots=True)
class Follow:
    """`state` as in `FollowState`. `action` is where the form goes, `href` where a link goes."""

    platform: str
    state: str
    note: str
    action: str = ""
    href: str = ""


def follow_state(request: GatedRequest, platform: Platform) -> Follow | None:
    """For this reader and this platform; None where this surface has no watchlist, or the platform is no longer read."""
    if platform.retired_at is not None:
        return None
    try:
        follow, unfollow = reverse("follow", args=[platform.slug]), reverse("unfollow", args=[platform.slug])
        pricing = reverse("pages:pricing")
    except NoReverseMatch:
        return None
    found = following(request.membership, platform)
    note, name = _note(found, platform), platform.name
    if found.state == FollowState.ANONYMOUS:
        return Follow(name, found.state, note, href=follow)
    if found.state == FollowState.FULL:
        return Follow(name, found.state, note, href=pricing)
    return Follow(name, found.state, note, action=unfollow if found.state == FollowState.FOLLOWING else follow)


def _note(found: Following, platform: Platform) -> str:
    if found.state == FollowState.ANONYMOUS:
        followed = "one platform" if found.limit == 1 else f"{found.limit} platforms"
        return f"The {found.plan.name} plan follows {followed} and sends a digest once a week. No credit card."
    if found.state == FollowState.FULL:
        return f"{_meter(found.plan, found.used)} Stop following another, or take a larger plan."
    if found.state == FollowState.READER:
        return f"You read along in this organization; a member can follow {platform.name}."
    return _meter(found.plan, found.used)


def _meter(plan: Plan, used: int) -> str:
    if plan.platforms is None:
        return f"{used} followed; the {plan.name} plan has no limit."
    return f"{used} of {plan.platforms} followed on the {plan.name} plan."
