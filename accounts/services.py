"""The audit log, and what is done to users. Services run in the scope of their caller, unless they say that they open one."""

from __future__ import annotations

from typing import Any

from accounts import tenancy
from accounts.models import ApiKey, AuditEntry, Membership, Organization, User
from atlas.kernel import clock


def update_profile(*, user: User, name: str, time_zone: str) -> None:
    """What a person says about themselves. The zone is one of accounts.forms.time_zones()."""
    user.name, user.time_zone = name.strip(), time_zone
    user.save(update_fields=["name", "time_zone"])


def end_first_hour(*, user: User) -> None:
    """Put the list of first steps away for good."""
    User.objects.filter(pk=user.pk, first_hour_ended_at=None).update(first_hour_ended_at=clock.now())


def record(
    *, organization: Organization | int, actor: User | None, action: str, by_staff: bool = False, **detail: Any
) -> None:
    """Write one row of the organization's audit log, in the caller's transaction."""
    AuditEntry.objects.create(
        organization_id=organization if isinstance(organization, int) else organization.pk,
        actor_id=actor.pk if actor else None,
        by_staff=by_staff,
        action=action,
        detail=detail,
    )


def record_by(by: Membership | ApiKey, action: str, **detail: Any) -> None:
    """Write one row about what a member did, or a key of the organization (its first characters say which)."""
    if isinstance(by, ApiKey):
        record(organization=by.organization, actor=None, action=action, key=by.beginning, **detail)
    else:
        record(organization=by.organization, actor=by.user, action=action, **detail)


def record_sign_in(*, user: User) -> None:
    """Write into the log of each of the user's organizations that they signed in; opens scopes of its own."""
    with tenancy.scope(None, user):
        organizations = list(Membership.objects.of(user).values_list("organization_id", flat=True))
    for organization_id in organizations:
        with tenancy.scope(organization_id, user):
            record(organization=organization_id, actor=user, action="member.signed_in")


def look_into(*, operator: User, organization_id: int, reason: str) -> None:
    """Record, where the tenant can read it, that staff look into an organization; opens a scope of its own."""
    with tenancy.staff_scope(operator, organization=organization_id, reason=reason):
        record(organization=organization_id, actor=operator, action="staff.looked_in", by_staff=True, reason=reason)
