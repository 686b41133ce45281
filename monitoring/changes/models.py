"""What differs between two consecutive versions, and the decision about telling it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from accounts import staff
from accounts.models import Organization, User
from accounts.policies import AppendOnly, SharedPolicy, TenantForeignKey
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
from monitoring.archive.models import Payload, Version
from monitoring.catalogue.models import Document, Platform


class Significance(models.TextChoices):
    NONE = "none", "none"
    COSMETIC = "cosmetic", "cosmetic"
    MINOR = "minor", "minor"
    SUBSTANTIVE = "substantive", "substantive"


class ReleaseState(models.TextChoices):
    PENDING = "pending", "pending"
    HELD = "held", "held"
    APPROVED = "approved", "approved"
    AUTOMATIC = "automatic", "automatic"
    SUPPRESSED = "suppressed", "suppressed"


UNDECIDED = (ReleaseState.PENDING, ReleaseState.HELD)
TOLD = (ReleaseState.APPROVED, ReleaseState.AUTOMATIC)


class ChangeQuerySet(models.QuerySet["Change"]):
    def released(self) -> ChangeQuerySet:
        """What public surfaces may show: decided, of public documents, and nothing before it is undecided."""
        return self.filter(
            organization__isnull=True,
            release__decided_at__isnull=False,
            new__observed_at__lte=models.F("document__head__released__observed_at"),
        )

    def viewable_by(self, user: User | AnonymousUser) -> ChangeQuerySet:
        """Staff see every change of public documents, everybody else the released ones."""
        return self.of_public_documents() if staff.sees_all(user) else self.released()

    def of_public_documents(self) -> ChangeQuerySet:
        """Released or not; those of an organization's own documents left out."""
        return self.filter(organization__isnull=True)

    def by_the_platform(self) -> ChangeQuerySet:
        """Without our own technical re-reads."""
        return self.filter(new__cause="platform")

    def worth_showing(self) -> ChangeQuerySet:
        """Released changes of the platforms that are more than white space, noise left out."""
        return (
            self.released()
            .by_the_platform()
            .exclude(significance=Significance.NONE)
            .exclude(release__state=ReleaseState.SUPPRESSED)
        )

    def of_words(self, documents: Sequence[Document], *, since: datetime) -> ChangeQuerySet:
        """The platform's own changes of these documents' words since then, what turned out to be noise left out."""
        return (
            self.by_the_platform()
            .filter(document__in=documents, observed_at__gt=since)
            .filter(significance__in=[Significance.MINOR, Significance.SUBSTANTIVE])
            .exclude(release__state=ReleaseState.SUPPRESSED)
        )

    def of_platform(self, platform: Platform) -> ChangeQuerySet:
        return self.filter(document__platform=platform)

    def newest_first(self) -> ChangeQuerySet:
        return self.order_by("-observed_at", "-pk")


class Change(WithPublicId):
    """The comparison of two consecutive versions. `comparison` is the payload with all operations (Comparison.dumps)."""

    PREFIX = "chg"

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="changes")
    old = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="changes_from")
    new = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="change")
    comparison = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="+")
    significance = models.CharField(max_length=16, choices=Significance.choices)
    reasons = models.JSONField(default=list)  # [{"rule": …, "words": …}]
    headline = models.CharField(max_length=300, blank=True)
    summary = models.JSONField(default=list)  # the automatic summary, a sentence an item
    words_added = models.PositiveIntegerField(default=0)
    words_removed = models.PositiveIntegerField(default=0)
    coarse = models.BooleanField(default=False)
    differ = models.CharField(max_length=32)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-observed_at", "-id"], name="change_newest"),
            models.Index(fields=["document", "-observed_at"], name="change_of_document"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(old=models.F("new")), name="change_between_two"),
            TenantForeignKey(name="change_document_tenant", field="document_id", to="catalogue_document"),
            TenantForeignKey(name="change_old_tenant", field="old_id", to="archive_version"),
            TenantForeignKey(name="change_new_tenant", field="new_id", to="archive_version"),
            SharedPolicy(name="change_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.significance} change of {self.document} on {self.observed_at:%Y-%m-%d}"


class ReleaseQuerySet(models.QuerySet["Release"]):
    def undecided(self) -> ReleaseQuerySet:
        return self.filter(state__in=UNDECIDED)

    def decided(self) -> ReleaseQuerySet:
        return self.exclude(state__in=UNDECIDED)

    def due(self, moment: datetime) -> ReleaseQuerySet:
        """Undecided ones whose deadline has passed, the oldest first."""
        return self.undecided().filter(deadline__lte=moment).order_by("deadline", "pk")


class Release(models.Model):
    """The decision about a change. Once decided it is never altered."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    change = models.OneToOneField(Change, on_delete=models.PROTECT, related_name="release")
    state = models.CharField(max_length=16, choices=ReleaseState.choices, default=ReleaseState.PENDING)
    deadline = models.DateTimeField()
    words = models.TextField(blank=True)  # the analyst's
    note = models.CharField(max_length=300, blank=True)  # why it is held or suppressed
    decided_by = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    decided_at = models.DateTimeField(null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["deadline"], name="release_due", condition=Q(state__in=UNDECIDED))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UNDECIDED, decided_at=None)
                | (~Q(state__in=UNDECIDED) & Q(decided_at__isnull=False)),
                name="release_decided_has_time",
            ),
            TenantForeignKey(name="release_change_tenant", field="change_id", to="changes_change"),
            SharedPolicy(name="release_policy"),
            AppendOnly(name="release_decided_append_only", when="OLD.decided_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.change_id}"

    @property
    def decided(self) -> bool:
        return self.state not in UNDECIDED
