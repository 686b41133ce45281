"""Organizations: opened, renamed, closed. Services run in the scope of their caller, unless they say that they open one."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection

from accounts import outgoing, permissions, second_step, tenancy
from accounts.errors import FreeAlready, SecondStepMissing
from accounts.models import Entitlement, Membership, Organization, Role, User
from accounts.permissions import Permission
from accounts.plans import FREE
from accounts.services import record
from atlas.kernel import clock

logger = structlog.get_logger(__name__)

AT_ONCE = 100


def open_personal(*, user: User) -> Membership:
    """The user's own organization on the Free plan; opens a scope of its own.

    Called after sign-up, and again at the next request of a user who is in none, so that a crash in between is mended.
    """
    with tenancy.scope(None, user):
        existing = Membership.objects.of(user).first()
    if existing is not None:
        return existing
    organization_id = _next_id()
    with tenancy.scope(organization_id, user):
        return _open(organization_id, user, name=user.get_short_name(), personal=True)


def open_another(*, user: User, name: str) -> Membership:
    """A further organization, on the Free plan, owned by this user; opens a scope of its own.

    Raises FreeAlready where the user owns one on that plan: then nothing is opened.
    """
    organization_id = _next_id()
    with tenancy.scope(organization_id, user):
        User.objects.select_for_update().get(pk=user.pk)  # two requests at once open one
        moment = clock.now()
        owned = Membership.objects.of(user).filter(role=Role.OWNER).select_related("organization__entitlement")
        for one in owned:
            if one.organization.entitlement.plan_at(moment) == FREE:
                raise FreeAlready(one.organization.name)
        return _open(organization_id, user, name=name.strip(), personal=False)


def rename(*, membership: Membership, name: str) -> None:
    """Give the organization another name, by one of its admins. The audit log tells that, and no name."""
    permissions.require(membership, Permission.RENAME)
    Organization.objects.filter(pk=membership.organization_id).update(name=name.strip(), personal=False)
    record(organization=membership.organization, actor=membership.user, action="organization.renamed")


def demand_second_step(*, membership: Membership, demanded: bool) -> None:
    """Let the organization demand a second step of signing in from every member, or no longer. Raises SecondStepMissing for
    one who has none themselves."""
    permissions.require(membership, Permission.DEMAND_SECOND_STEP)
    if demanded and not second_step.has_one(membership.user):
        raise SecondStepMissing
    Organization.objects.filter(pk=membership.organization_id).update(demands_second_step=demanded)
    action = "organization.second_step_demanded" if demanded else "organization.second_step_left_free"
    record(organization=membership.organization, actor=membership.user, action=action)


def close(*, membership: Membership, moment: datetime) -> datetime:
    """Have the organization deleted after ORGANIZATION_GRACE, and tell its owners by mail. Until then everything works, and
    any owner may reopen it. Returns when. Closing it again changes nothing."""
    permissions.require(membership, Permission.CLOSE)
    organization = Organization.objects.select_for_update().get(pk=membership.organization_id)
    if organization.closes_at is not None:
        return organization.closes_at
    organization.closes_at = moment + settings.ORGANIZATION_GRACE
    organization.save(update_fields=["closes_at"])
    record(organization=organization, actor=membership.user, action="organization.closed")
    for owner in Membership.objects.in_organization(organization).filter(role=Role.OWNER):
        outgoing.write(
            recipient=owner.user.email,
            name="organization_closing",
            context={
                "organization": organization,
                "by": membership.user,
                "url": f"{settings.BASE_URL}/settings/organization/?org={organization.typeid}",
            },
        )
    return organization.closes_at


def reopen(*, membership: Membership) -> None:
    """Take back that the organization is deleted. One that wasn't closed stays as it is."""
    permissions.require(membership, Permission.CLOSE)
    closed = Organization.objects.filter(pk=membership.organization_id, closes_at__isnull=False)
    if closed.update(closes_at=None):
        record(organization=membership.organization, actor=membership.user, action="organization.reopened")


def delete_due() -> int:
    """Delete the organizations whose grace has ended, each in a transaction of its own, and return how many. The rows of
    their audit logs stay; what is public stays too."""
    with tenancy.system_scope("which organizations are to be deleted?"):
        due = list(Organization.objects.filter(closes_at__lte=clock.now()).values_list("pk", flat=True))
    deleted = 0
    for pk in due:
        with tenancy.system_scope("delete a closed organization"):
            # Its owner may have reopened it since.
            organization = Organization.objects.select_for_update().filter(pk=pk, closes_at__lte=clock.now()).first()
            if organization is None:
                continue
            record(organization=pk, actor=None, action="organization.deleted")
            organization.delete()
            deleted += 1
        logger.info("organization_deleted", organization=pk)
    return deleted


def forget_unconfirmed() -> int:
    """Delete the accounts whose address was not confirmed within UNCONFIRMED_RETENTION, with what was opened for them; returns
    how many. Nobody has ever been signed in to them."""
    forgotten = 0
    with tenancy.system_scope("forget accounts that were never confirmed"):
        old = User.objects.filter(last_login=None, date_joined__lt=clock.now() - settings.UNCONFIRMED_RETENTION)
        for user in old.filter(emailaddress__verified=False).exclude(emailaddress__verified=True)[:AT_ONCE]:
            Organization.objects.filter(personal=True, memberships__user=user).delete()
            user.delete()
            forgotten += 1
    return forgotten


def _next_id() -> int:
    """Taken from the sequence first, since row security asks for the id before the row exists."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('accounts_organization', 'id'))")
        [taken] = cursor.fetchone()
    return int(taken)


def _open(organization_id: int, user: User, *, name: str, personal: bool) -> Membership:
    organization = Organization.objects.create(pk=organization_id, name=name, personal=personal)
    Entitlement.objects.create(organization=organization)
    membership = Membership.objects.create(organization=organization, user=user, role=Role.OWNER)
    record(organization=organization, actor=user, action="organization.opened")
    return membership
