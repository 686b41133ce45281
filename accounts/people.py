"""Who is in an organization, and as what. Services run in their caller's scope.

Each locks the organization's entitlement first and then reads the memberships again, so that what two people do at once is
done one after the other: roles and the number of owners are those of that moment.
"""

from __future__ import annotations

from accounts import keys, permissions
from accounts.errors import AlreadyMember, LastOwner, NotAllowed, SeatsTaken
from accounts.models import Entitlement, Invitation, Membership, Organization, Role, User
from accounts.permissions import Permission
from accounts.services import record
from atlas.kernel import clock


def change_role(*, by: Membership, member: Membership, role: Role) -> None:
    """Give a member another role. Raises NotAllowed where `by` may not manage the old role and the new one, LastOwner where
    nobody else would own the organization."""
    lock(by.organization)
    by, member = _again(by), _again(member)
    if not (permissions.may_manage(by, member.role) and permissions.may_manage(by, role)):
        raise NotAllowed
    if member.role == role:
        return
    if member.role == Role.OWNER:
        _keep_an_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    record(
        organization=by.organization,
        actor=by.user,
        action="member.role_changed",
        member=member.user_id,
        before=before,
        role=str(role),
    )


def remove(*, by: Membership, member: Membership, end_keys: bool) -> None:
    """End somebody's membership, with what was meant for them alone; their keys of the API end too, or stay the
    organization's. Raises NotAllowed or LastOwner."""
    lock(by.organization)
    by, member = _again(by), _again(member)
    if not permissions.may_manage(by, member.role):
        raise NotAllowed
    _keep_an_owner(member)
    record(organization=by.organization, actor=by.user, action="member.removed", member=member.user_id)
    _part(member, end_keys=end_keys)


def leave(*, membership: Membership, end_keys: bool) -> None:
    """End one's own membership; one's keys of the API end too, or stay the organization's. Raises LastOwner."""
    lock(membership.organization)
    membership = _again(membership)
    _keep_an_owner(membership)
    record(organization=membership.organization, actor=membership.user, action="member.left")
    _part(membership, end_keys=end_keys)


def hand_over(*, by: Membership, to: Membership) -> None:
    """Make another member the owner in one's place; one is an admin afterwards. Raises NotAllowed for who isn't an owner."""
    lock(by.organization)
    by, to = _again(by), _again(to)
    if by.pk == to.pk or not permissions.may(by, Permission.MANAGE_OWNERS):
        raise NotAllowed
    to.role, by.role = Role.OWNER, Role.ADMIN
    to.save(update_fields=["role"])
    by.save(update_fields=["role"])
    record(organization=by.organization, actor=by.user, action="organization.handed_over", member=to.user_id)


def add(*, organization: Organization, user: User, role: str) -> Membership:
    """Make a user a member. The caller holds the lock. Raises AlreadyMember or SeatsTaken."""
    members = Membership.objects.filter(organization=organization)
    if members.filter(user=user).exists():
        raise AlreadyMember
    plan = Entitlement.objects.get(organization=organization).plan
    if not plan.allows_seats(members.count() + 1):
        raise SeatsTaken(plan)
    return Membership.objects.create(organization=organization, user=user, role=role)


def lock(organization: Organization) -> Entitlement:
    """Let nobody else change who is in the organization until the transaction ends."""
    return Entitlement.objects.lock(organization)


def seats_used(organization: Organization) -> int:
    """Members and open invitations."""
    return (
        Membership.objects.filter(organization=organization).count()
        + Invitation.objects.filter(organization=organization).open(clock.now()).count()
    )


def _again(membership: Membership) -> Membership:
    """As it stands now that we hold the lock. Raises NotAllowed where it has ended meanwhile."""
    now = Membership.objects.in_organization(membership.organization).filter(pk=membership.pk).first()
    if now is None:
        raise NotAllowed
    now.organization = membership.organization
    return now


def _part(member: Membership, *, end_keys: bool) -> None:
    if end_keys:
        keys.end_of(member)
    member.delete()


def _keep_an_owner(member: Membership) -> None:
    owners = Membership.objects.filter(organization_id=member.organization_id, role=Role.OWNER)
    if member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists():
        raise LastOwner
