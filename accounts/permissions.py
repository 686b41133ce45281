"""What each role may do in its organization: the one table, which the gate, views, services and templates ask."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.core.exceptions import PermissionDenied

from accounts.models import Membership, Role


class Permission(StrEnum):
    """Something that not every role may do. The values are the words that templates use."""

    READ = "read"  # what the organization follows, is told and holds; choose what oneself is told
    WATCH = "watch"  # follow, pause, note
    MANAGE_PEOPLE = "manage people"  # invite, give roles to, and remove those below one
    RENAME = "rename"
    DEMAND_SECOND_STEP = "demand second step"  # of signing in, from every member
    READ_AUDIT = "read audit"  # read and export the log
    MANAGE_KEYS = "manage keys"  # make, renew and end keys of the API
    EXPORT = "export"  # take everything of the organization along
    MANAGE_OWNERS = "manage owners"  # the same for owners; hand the organization over
    CLOSE = "close"  # have the organization deleted


#: The lowest role that may; every role above it may too.
LOWEST: Mapping[Permission, Role] = MappingProxyType(
    {
        Permission.READ: Role.VIEWER,
        Permission.WATCH: Role.MEMBER,
        Permission.MANAGE_PEOPLE: Role.ADMIN,
        Permission.RENAME: Role.ADMIN,
        Permission.DEMAND_SECOND_STEP: Role.ADMIN,
        Permission.READ_AUDIT: Role.ADMIN,
        Permission.MANAGE_KEYS: Role.ADMIN,
        Permission.EXPORT: Role.ADMIN,
        Permission.MANAGE_OWNERS: Role.OWNER,
        Permission.CLOSE: Role.OWNER,
    }
)


def may(membership: Membership, permission: Permission) -> bool:
    """Does the member's role allow this?"""
    return Role(membership.role).rank >= LOWEST[permission].rank


def require(membership: Membership, permission: Permission) -> None:
    """Raise PermissionDenied (403) where the member's role isn't enough."""
    if not may(membership, permission):
        raise PermissionDenied(f"This needs the role {LOWEST[permission].label.lower()} or one above it.")


def may_manage(membership: Membership, role: str) -> bool:
    """May this member invite people to this role, give it, and take it away? Admins manage who stands below them, owners
    everybody."""
    if may(membership, Permission.MANAGE_OWNERS):
        return True
    return may(membership, Permission.MANAGE_PEOPLE) and Role(role).rank < Role(membership.role).rank


def manageable_roles(membership: Membership) -> list[Role]:
    """The roles that this member may give, the least first."""
    return [role for role in Role if may_manage(membership, role)]
