"""What is done to users and organizations. Services run in the scope of their caller, unless they say that they open one."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounts import tenancy
from accounts.models import AuditEntry, Entitlement, Membership, Organization, Role, User


def open_personal_organization(*, user: User) -> Membership:
    """The user's own organization on the Free plan; opens a scope of its own.

    Called after sign-up, and again at the next request of a user who has none, so that a crash in between is mended.
    The id is taken from the sequence first, since row security asks for it before the row exists.
    """
    with tenancy.scope(None, user):
        existing = Membership.objects.of(user).first()
    if existing is not None:
        return existing
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_organization', 'id'))")
        [organization_id] = cursor.fetchone()
    with tenancy.scope(organization_id, user):
        organization = Organization.objects.create(pk=organization_id, name=user.get_short_name(), personal=True)
        Entitlement.objects.create(organization=organization)
        membership = Membership.objects.create(organization=organization, user=user, role=Role.OWNER)
        record(organization=organization, actor=user, action="organization.opened")
    return membership


def update_profile(*, user: User, name: str, time_zone: str) -> None:
    """What a person says about themselves. The zone is one of accounts.forms.time_zones()."""
    user.name, user.time_zone = name.strip(), time_zone
    user.save(update_fields=["name", "time_zone"])


def rename_organization(*, membership: Membership, name: str) -> None:
    """Give the organization another name, by one of its admins. The audit log tells that, and no name."""
    Organization.objects.filter(pk=membership.organization_id).update(name=name.strip())
    record(organization=membership.organization, actor=membership.user, action="organization.renamed")


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


def look_into(*, operator: User, organization_id: int, reason: str) -> None:
    """Record, where the tenant can read it, that staff look into an organization; opens a scope of its own."""
    with tenancy.staff_scope(operator, organization=organization_id, reason=reason):
        record(organization=organization_id, actor=operator, action="staff.looked_in", by_staff=True, reason=reason)
