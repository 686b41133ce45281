"""Facts from which an entitlement is made. Until payment is set up these are grants alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts import plans
from accounts.models import Organization, User
from accounts.policies import TenantPolicy
from atlas.kernel import clock


class Grant(models.Model):
    """A plan that an operator gives, with an end and a reason."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="grants")
    plan_slug = models.CharField(
        "plan", max_length=16, choices=[(p, plans.plan(p).name) for p in plans.PLANS if p != plans.PlanSlug.FREE]
    )
    starts_at = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    granted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="grant_has_reason"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=models.F("starts_at")), name="grant_ends_later"
            ),
            TenantPolicy(name="grant_policy"),
        ]

    def __str__(self) -> str:
        return (
            f"grant {self.pk} of {self.plan_slug}"  # without the tenant's name: the admin's history keeps these words
        )
