"""What a member wants to be told."""

from __future__ import annotations

from accounts.models import Membership
from monitoring.alerts.models import Preferences


def preferences_of(membership: Membership) -> Preferences:
    """The member's preferences, made with their defaults when they are first asked for; in the member's scope."""
    preferences, _ = Preferences.objects.get_or_create(
        membership=membership,
        defaults={"organization": membership.organization, "digested_until": membership.created_at},
    )
    return preferences


def choose(*, membership: Membership, same_day: bool, minor_same_day: bool, weekly_digest: bool) -> None:
    """Keep what the member chose."""
    preferences = preferences_of(membership)
    preferences.same_day = same_day
    preferences.minor_same_day = minor_same_day
    preferences.weekly_digest = weekly_digest
    preferences.save(update_fields=["same_day", "minor_same_day", "weekly_digest"])
