"""A person's account is erased after a grace: asked for by themselves, taken back by themselves until then.

What they decided for our readers stays, without a name; so do the rows of audit logs, which hold ids alone.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models.functions import Lower

from accounts import outgoing, people, tenancy
from accounts.errors import OwnsAlone
from accounts.models import Invitation, Membership, Organization, OutgoingMail, Role, User
from accounts.services import record
from atlas.kernel import clock

logger = structlog.get_logger(__name__)

ERASED = "a person whose account was deleted"


def ask(*, user: User, moment: datetime) -> datetime:
    """Have the account erased after ACCOUNT_GRACE, and say so by mail; opens scopes of its own. Returns when.

    Raises OwnsAlone while an organization with other members has no other owner. Asking again changes nothing.
    """
    if names := _left_without_owner(user):
        raise OwnsAlone(names)
    with tenancy.scope(None, user):
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.erase_at is None:
            locked.erase_at = moment + settings.ACCOUNT_GRACE
            locked.save(update_fields=["erase_at"])
            outgoing.write(
                recipient=locked.email,
                name="account_closing",
                context={"at": locked.erase_at, "url": f"{settings.BASE_URL}/settings/data/"},
            )
        return locked.erase_at


def take_back(*, user: User) -> None:
    """The account stays."""
    User.objects.filter(pk=user.pk).update(erase_at=None)


def erase_due() -> int:
    """Erase the accounts whose grace has ended, each in a transaction of its own, and return how many."""
    with tenancy.system_scope("which accounts are to be erased?"):
        due = list(User.objects.filter(erase_at__lte=clock.now()).values_list("pk", flat=True))
    erased = 0
    for pk in due:
        with tenancy.system_scope("erase an account"):
            # The person may have taken it back since.
            user = User.objects.select_for_update().filter(pk=pk, erase_at__lte=clock.now()).first()
            if user is None:
                continue
            _erase(user)
            erased += 1
        logger.info("account_erased", user_id=pk)
    return erased


def _erase(user: User) -> None:
    for membership in Membership.objects.of(user):
        _leave(membership)
    addresses = {user.email.lower()} | set(
        EmailAddress.objects.filter(user=user).annotate(lower=Lower("email")).values_list("lower", flat=True)
    )
    Invitation.objects.filter(email__in=addresses).delete()
    OutgoingMail.objects.annotate(to=Lower("recipient")).filter(to__in=addresses).delete()
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    # The admin's log names what was changed in words of that moment.
    of_users = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    of_users.update(object_repr=ERASED)
    user.delete()


def _leave(membership: Membership) -> None:
    """Out of one organization: it goes too where nobody else is in it; where nobody else owns it, who has been in it longest
    with the highest role owns it from now on."""
    organization = membership.organization
    people.lock(organization)
    others = Membership.objects.in_organization(organization).exclude(pk=membership.pk)
    if not others.exists():
        record(organization=organization.pk, actor=None, action="organization.deleted")
        organization.delete()
        return
    if membership.role == Role.OWNER and not others.filter(role=Role.OWNER).exists():
        heir = max(others, key=lambda one: Role(one.role).rank)
        heir.role = Role.OWNER
        heir.save(update_fields=["role"])
        record(organization=organization, actor=None, action="organization.handed_over", member=heir.user_id)
    if organization.name in {membership.user.email, membership.user.name}:
        Organization.objects.filter(pk=organization.pk).update(name="Organization")
    record(organization=organization, actor=membership.user, action="member.left")


def _left_without_owner(user: User) -> list[str]:
    """The names of the organizations that others are in and nobody else owns. Opens scopes of its own."""
    with tenancy.scope(None, user):
        owned = [one.organization for one in Membership.objects.of(user).filter(role=Role.OWNER)]
    names = []
    for organization in owned:
        with tenancy.scope(organization, user):
            roles = set(
                Membership.objects.in_organization(organization).exclude(user=user).values_list("role", flat=True)
            )
        if roles and Role.OWNER not in roles:
            names.append(organization.name)
    return names
