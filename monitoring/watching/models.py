"""What an organization follows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from accounts.policies import TenantPolicy
from atlas.kernel import clock
from monitoring.catalogue.models import Platform


class WatchlistItemQuerySet(models.QuerySet["WatchlistItem"]):
    def of(self, organization: Organization) -> WatchlistItemQuerySet:
        return self.filter(organization=organization)

    def active(self) -> WatchlistItemQuerySet:
        """Those that count against the limit and are told about."""
        return self.filter(paused_at__isnull=True)


class WatchlistItem(models.Model):
    """A platform that an organization follows. What is over a lowered limit is paused, never deleted."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="watchlist")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by_plan = models.BooleanField(default=False)  # not by a member: resumed when the plan allows it again

    objects = WatchlistItemQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["platform", "organization"], name="watchers_of_platform")]
        constraints = [
            models.UniqueConstraint(fields=["organization", "platform"], name="watchlist_platform_once"),
            models.CheckConstraint(
                condition=Q(paused_by_plan=False) | Q(paused_at__isnull=False),
                name="watchlist_paused_by_plan_is_paused",
            ),
            TenantPolicy(name="watchlist_item_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} follows {self.platform}"
