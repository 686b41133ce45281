"""What an organization follows, and the platforms that its members miss."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Membership, Organization, User
from accounts.policies import TenantForeignKey, TenantPolicy
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
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


class RequestState(models.TextChoices):
    OPEN = "open", "asked for"
    READ = "read", "read now"
    DECLINED = "declined", "declined"
    MERGED = "merged", "asked for under another name"


class PlatformRequestQuerySet(models.QuerySet["PlatformRequest"]):
    def by_votes(self) -> PlatformRequestQuerySet:
        """The most wanted first."""
        return self.order_by("-votes", "created_at", "pk")

    def open(self) -> PlatformRequestQuerySet:
        return self.filter(state=RequestState.OPEN)


class PlatformRequest(WithPublicId):
    """A platform that is missing. It belongs to nobody: who asked for it, or wants it too, stands in the votes.

    `key` and `place` are name and homepage as they are compared (monitoring.watching.naming). `why` is for operators and isn't
    shown; `words` is the public reason of who declined it. A trigger counts the `votes`, so that nobody writes a number.
    """

    PREFIX = "req"

    name = models.CharField(max_length=120)
    key = models.CharField(max_length=240, unique=True)
    homepage = models.CharField(max_length=300)
    place = models.CharField(max_length=400, unique=True)
    why = models.CharField(max_length=500, blank=True)
    votes = models.PositiveIntegerField(default=0, editable=False)
    state = models.CharField(max_length=16, choices=RequestState.choices, default=RequestState.OPEN)
    words = models.CharField(max_length=500, blank=True)
    platform = models.ForeignKey(Platform, null=True, on_delete=models.PROTECT, related_name="requests")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = PlatformRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-votes"], name="request_by_votes")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", platform=None, merged_into=None, decided_at=None)
                | Q(state="read", platform__isnull=False, merged_into=None, decided_at__isnull=False)
                | Q(state="declined", platform=None, merged_into=None, decided_at__isnull=False) & ~Q(words="")
                | Q(state="merged", platform=None, merged_into__isnull=False, decided_at__isnull=False),
                name="request_state_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RequestVote(models.Model):
    """A person of an organization who misses a platform; `asked`: it was they who asked for it. Once per person, whatever
    organizations they are in."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    request = models.ForeignKey(PlatformRequest, on_delete=models.CASCADE, related_name="+")
    asked = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="request_vote_once"),
            TenantForeignKey(name="request_vote_membership_tenant", field="membership_id", to="accounts_membership"),
            TenantPolicy(name="request_vote_policy"),
        ]

    def __str__(self) -> str:
        return f"a vote for {self.request_id}"
