"""Keys of the API: made, renewed and ended by admins; each speaks for its organization. The secret is shown once.

Services run in their caller's scope, unless they say otherwise.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from accounts import permissions
from accounts.errors import PlanWithoutKeys
from accounts.models import ApiKey, Entitlement, KeyScope, Membership, Organization
from accounts.permissions import Permission
from accounts.plans import Plan
from accounts.services import record_by
from atlas.kernel import clock

#: What secrets begin with, so that scanners of published code can know them.
MARK = "atlas_"
SHOWN = len(MARK) + 6
#: After a renewal the old secret goes on for so long, so that nothing stops while the new one is put in place.
OVERLAP = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Made:
    """A key with the secret that is never shown again."""

    key: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a secret names, before anything of its organization may be read."""

    key_id: int
    organization_id: int


def make(*, by: Membership, name: str, scope: KeyScope, expires_at: datetime | None = None) -> Made:
    """A new key. Raises PlanWithoutKeys where the plan has none of this scope."""
    permissions.require(by, Permission.MANAGE_KEYS)
    plan = Entitlement.objects.get(organization=by.organization).plan
    if not allows(plan, scope):
        raise PlanWithoutKeys(plan)
    made = _make(by, name=name.strip(), scope=scope, expires_at=expires_at)
    record_by(by, "key.made", made=made.key.beginning, scope=str(scope))
    return made


def renew(*, by: Membership, key: ApiKey) -> Made:
    """A new secret for the same purpose; the old one ends a day later. Raises PlanWithoutKeys."""
    permissions.require(by, Permission.MANAGE_KEYS)
    plan = Entitlement.objects.get(organization=by.organization).plan
    if not allows(plan, KeyScope(key.scope)):
        raise PlanWithoutKeys(plan)
    made = _make(by, name=key.name, scope=KeyScope(key.scope), expires_at=key.expires_at)
    end = clock.now() + OVERLAP
    longer = Q(expires_at__isnull=True) | Q(expires_at__gt=end)
    ApiKey.objects.filter(longer, organization=by.organization, pk=key.pk).update(expires_at=end)
    record_by(by, "key.renewed", made=made.key.beginning, ended=key.beginning)
    return made


def revoke(*, by: Membership, key: ApiKey) -> None:
    """End a key at once; one that has ended stays so."""
    permissions.require(by, Permission.MANAGE_KEYS)
    running = ApiKey.objects.filter(organization=by.organization, pk=key.pk, revoked_at__isnull=True)
    if running.update(revoked_at=clock.now()):
        record_by(by, "key.ended", ended=key.beginning)


def end_of(membership: Membership) -> None:
    """End the keys that a member who goes has made."""
    for key in of_member(membership):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=clock.now())
        record_by(membership, "key.ended", ended=key.beginning)


def of_member(membership: Membership) -> list[ApiKey]:
    """The keys in use that this member made: what happens to them is asked when the member goes."""
    mine = ApiKey.objects.filter(organization=membership.organization, made_by=membership.user)
    return list(mine.usable(clock.now()))


def find(secret: str) -> Found | None:
    """What this secret names, whatever became of it. Asked before a tenant is known: ids and nothing else come."""
    if not secret.startswith(MARK):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, organization_id FROM accounts_key_of_secret(%s)", [_hash(secret)])
        row = cursor.fetchone()
    return Found(*row) if row else None


def use(found: Found) -> ApiKey:
    """The key with its organization and entitlement, in the organization's scope; notes that it is used, to the minute."""
    key = ApiKey.objects.select_related("organization__entitlement").get(pk=found.key_id)
    now = clock.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - NOTED_EVERY)
    if ends(key, now) == "":
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def ends(key: ApiKey, moment: datetime) -> str:
    """Why the key no longer works: "key_revoked", "key_expired" or "plan_without_keys"; empty while it does."""
    if key.revoked_at is not None:
        return "key_revoked"
    if key.expires_at is not None and key.expires_at <= moment:
        return "key_expired"
    if not key.organization.entitlement.plan_at(moment).keys_read:
        return "plan_without_keys"
    return ""


def allows(plan: Plan, scope: KeyScope) -> bool:
    """Does the plan have keys of this scope?"""
    return plan.keys_write if scope == KeyScope.WRITE else plan.keys_read


def may_write(key: ApiKey) -> bool:
    """By its own scope, and by the plan of this moment."""
    return key.scope == KeyScope.WRITE and key.organization.entitlement.plan.keys_write


def listed(organization: Organization) -> list[ApiKey]:
    """The organization's keys that still work or ended in the last 30 days, the newest first."""
    since = clock.now() - timedelta(days=30)
    recent = Q(revoked_at__isnull=True) | Q(revoked_at__gt=since)
    unexpired = Q(expires_at__isnull=True) | Q(expires_at__gt=since)
    of = ApiKey.objects.filter(recent, unexpired, organization=organization)
    return list(of.select_related("made_by").order_by("-pk"))


def _make(by: Membership, *, name: str, scope: KeyScope, expires_at: datetime | None) -> Made:
    secret = MARK + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organization=by.organization,
        name=name,
        scope=scope,
        beginning=secret[:SHOWN],
        secret_hash=_hash(secret),
        made_by=by.user,
        expires_at=expires_at,
    )
    return Made(key, secret)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
