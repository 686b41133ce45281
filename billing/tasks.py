"""Bells of this app: a message says "look", what is due stands in the tables."""

from __future__ import annotations

from celery import shared_task

from accounts import tenancy
from accounts.models import Entitlement
from atlas.kernel import clock
from billing import services

AT_ONCE = 500


@shared_task(name="billing.refresh_ended")
def refresh_ended() -> None:
    """Where a plan has ended, write what holds since: another grant, or Free and a watchlist that fits it.

    Nobody has more than their plan before this runs: the plan in force is a comparison with the clock.
    """
    with tenancy.system_scope("find the plans that ended"):
        ended = list(Entitlement.objects.ended(clock.now()).values_list("organization_id", flat=True)[:AT_ONCE])
    for organization_id in ended:
        with tenancy.system_scope("a plan ended"):
            entitlement = Entitlement.objects.select_related("organization").get(organization_id=organization_id)
            services.refresh_entitlement(organization=entitlement.organization)
