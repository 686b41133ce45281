"""Giving and taking plans, and the only writer of the entitlement. In the scope of the caller: staff who look into the
organization with a reason, or the system."""

from __future__ import annotations

from datetime import datetime

from accounts import lifecycle
from accounts.models import Entitlement, Organization, User
from accounts.plans import PlanSlug
from accounts.services import record
from atlas.kernel import clock
from billing.effective import Effective, Fact, effective
from billing.errors import GrantOver, GrantRefused
from billing.models import Grant


def grant_plan(
    *, organization: Organization, plan: PlanSlug, until: datetime | None, reason: str, operator: User | None
) -> Grant:
    """Give the organization a plan from now until then (None: without an end). Raises GrantRefused."""
    now = clock.now()
    if plan == PlanSlug.FREE:
        raise GrantRefused("Everybody has the Free plan; it can't be granted.")
    if not reason.strip():
        raise GrantRefused("Say why: the organization can read it.")
    if until is not None and until <= now:
        raise GrantRefused("This end has passed already.")
    grant = Grant.objects.create(
        organization=organization,
        plan_slug=plan,
        starts_at=now,
        until=until,
        reason=reason.strip(),
        granted_by=operator,
    )
    record(
        organization=organization,
        actor=operator,
        action="plan.granted",
        by_staff=operator is not None,
        plan=str(plan),
        until=until.isoformat() if until else None,
        reason=grant.reason,
    )
    refresh_entitlement(organization=organization)
    return grant


def revoke_grant(*, grant: Grant, reason: str, operator: User) -> None:
    """End the grant now. Raises GrantOver where it was revoked before, GrantRefused without a reason."""
    if not reason.strip():
        raise GrantRefused("Say why: the organization can read it.")
    now = clock.now()
    if not Grant.objects.filter(pk=grant.pk, revoked_at__isnull=True).update(revoked_at=now):
        raise GrantOver("This grant has been revoked already.")
    record(
        organization=grant.organization,
        actor=operator,
        action="plan.revoked",
        by_staff=True,
        plan=grant.plan_slug,
        reason=reason.strip(),
    )
    refresh_entitlement(organization=grant.organization)


def refresh_entitlement(*, organization: Organization) -> Entitlement:
    """Make the one row say what the facts give now; a change of plan runs the steps of accounts.lifecycle."""
    entitlement = Entitlement.objects.lock(organization)
    grants = Grant.objects.filter(organization=organization, revoked_at__isnull=True)
    facts = [Fact(PlanSlug(grant.plan_slug), grant.starts_at, grant.until, grant.reason) for grant in grants]
    found = effective(facts, clock.now())
    if _says(entitlement) == found:
        return entitlement
    changed = entitlement.plan_slug != found.plan
    entitlement.plan_slug, entitlement.until = found.plan, found.until
    entitlement.source, entitlement.reason = found.source, found.reason
    entitlement.updated_at = clock.now()
    entitlement.save(update_fields=["plan_slug", "until", "source", "reason", "updated_at"])
    if changed:
        lifecycle.plan_changed(organization)
    return entitlement


def _says(entitlement: Entitlement) -> Effective:
    return Effective(PlanSlug(entitlement.plan_slug), entitlement.until, entitlement.source, entitlement.reason)
