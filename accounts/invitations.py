"""Invitations: an offer of a role to one address, for a week, for one use.

The token stands in the mail; we keep its SHA-256. An invitation is void once it was used or revoked, once its time is over,
and once the person who sent it may no longer give that role. Services run in their caller's scope, unless they say that they
open one.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts import outgoing, people, permissions, tenancy
from accounts.errors import AlreadyMember, InvitationVoid, NotAllowed, OtherAddress, SeatsTaken
from accounts.models import Invitation, Membership, Role, User
from accounts.services import record
from atlas.kernel import clock

GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Found:
    """What a token names, before anything of its organization may be read."""

    invitation_id: int
    organization_id: int


def invite(*, by: Membership, email: str, role: Role) -> Invitation:
    """Offer a role to an address, by mail. An open invitation of that address is replaced.

    Raises NotAllowed for a role that `by` may not give, AlreadyMember, or SeatsTaken (members and open invitations count).
    """
    entitlement = people.lock(by.organization)
    by = Membership.objects.in_organization(by.organization).get(pk=by.pk)
    if not permissions.may_manage(by, role):
        raise NotAllowed
    address = email.strip().lower()
    if Membership.objects.in_organization(by.organization).filter(user__email=address).exists():
        raise AlreadyMember
    now = clock.now()
    # Expired ones too: one address has one offer.
    earlier = Invitation.objects.filter(organization=by.organization, email=address, accepted_at=None, revoked_at=None)
    earlier.update(revoked_at=now)
    plan = entitlement.plan_at(now)
    if not plan.allows_seats(people.seats_used(by.organization) + 1):
        raise SeatsTaken(plan)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organization=by.organization,
        email=address,
        role=role,
        token_hash=_hash(token),
        invited_by=by.user,
        expires_at=now + GOOD_FOR,
    )
    record(organization=by.organization, actor=by.user, action="member.invited", role=str(role))
    outgoing.write(
        recipient=address,
        name="invitation",
        context={
            "organization": by.organization,
            "by": by.user,
            "role": role.label,
            "expires_at": invitation.expires_at,
            "url": settings.BASE_URL + reverse("invitation", args=[token]),
        },
    )
    return invitation


def revoke(*, by: Membership, invitation: Invitation) -> None:
    """Take an open invitation back. Raises NotAllowed for a role that `by` doesn't manage."""
    if not permissions.may_manage(by, invitation.role):
        raise NotAllowed
    people.lock(by.organization)
    open_one = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if open_one.update(revoked_at=clock.now(), asked_by=None):
        record(organization=by.organization, actor=by.user, action="member.invitation_revoked", role=invitation.role)


def find(token: str) -> Found | None:
    """What this token names, whatever became of it. Asked before a tenant is known: ids and nothing else come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, organization_id FROM accounts_invitation_of_token(%s)", [_hash(token)])
        row = cursor.fetchone()
    return Found(*row) if row else None


@contextmanager
def opened(found: Found, user: User | None) -> Iterator[Invitation]:
    """A scope of its own, of the organization that invites, around the invitation; who holds the token may see who invites
    and to what."""
    with tenancy.scope(found.organization_id, user):
        yield Invitation.objects.select_related("organization", "invited_by").get(pk=found.invitation_id)


def require_open(invitation: Invitation, moment: datetime) -> None:
    """Raises InvitationVoid, with the reason in words."""
    if invitation.accepted_at is not None:
        raise InvitationVoid("This invitation was used already. Each is good for one person, once.")
    if invitation.revoked_at is not None:
        raise InvitationVoid("This invitation was taken back. Ask the person who sent it for another one.")
    if invitation.expires_at <= moment:
        raise InvitationVoid("This invitation is older than a week. Ask the person who sent it for another one.")
    inviter = Membership.objects.filter(organization=invitation.organization, user=invitation.invited_by).first()
    if inviter is None or not permissions.may_manage(inviter, invitation.role):
        raise InvitationVoid("The person who sent this invitation may no longer give this role. Ask another admin.")


def accept(*, invitation: Invitation, user: User) -> Membership:
    """Make the user a member. Raises InvitationVoid, AlreadyMember, SeatsTaken, or OtherAddress for a user who hasn't verified
    the address that was invited."""
    invitation = _held(invitation)
    if not is_for(invitation, user):
        raise OtherAddress
    return _use(invitation, user)


def ask(*, invitation: Invitation, user: User) -> None:
    """Let a user with another address ask the person who sent the invitation. Asking again tells nobody again.

    Raises InvitationVoid or AlreadyMember."""
    invitation = _held(invitation)
    if Membership.objects.filter(organization=invitation.organization, user=user).exists():
        raise AlreadyMember
    if invitation.asked_by_id == user.pk:
        return
    invitation.asked_by = user
    invitation.save(update_fields=["asked_by"])
    outgoing.write(
        recipient=invitation.invited_by.email,
        name="invitation_asked",
        context={
            "organization": invitation.organization,
            "invited": invitation.email,
            "asker": user,
            "url": f"{settings.BASE_URL}{reverse('settings-people')}?org={invitation.organization.typeid}",
        },
    )


def confirm(*, by: Membership, invitation: Invitation, asker: int) -> Membership:
    """The inviter confirms that the invitation is meant for the user who asked (`asker`, as it was shown). Raises NotAllowed
    for anybody else, and where another has asked since; InvitationVoid, AlreadyMember, SeatsTaken."""
    invitation = _held(invitation)
    if invitation.invited_by_id != by.user_id or invitation.asked_by is None or invitation.asked_by_id != asker:
        raise NotAllowed
    return _use(invitation, invitation.asked_by)


def is_for(invitation: Invitation, user: User) -> bool:
    """Has the user shown that the invited address is theirs?"""
    return bool(EmailAddress.objects.filter(user=user, email__iexact=invitation.email, verified=True).exists())


def _held(invitation: Invitation) -> Invitation:
    """The invitation as it stands once nobody else can use it, or change who is in the organization. Raises InvitationVoid."""
    people.lock(invitation.organization)
    held = Invitation.objects.select_related("organization", "invited_by", "asked_by").get(pk=invitation.pk)
    require_open(held, clock.now())
    return held


def _use(invitation: Invitation, user: User) -> Membership:
    membership = people.add(organization=invitation.organization, user=user, role=invitation.role)
    invitation.accepted_at, invitation.asked_by = clock.now(), None
    invitation.save(update_fields=["accepted_at", "asked_by"])
    record(
        organization=invitation.organization,
        actor=user,
        action="member.joined",
        role=invitation.role,
        invited_by=invitation.invited_by_id,
    )
    return membership


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
