"""What one document says on one type, and what our analysts state about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.models import User
from accounts.policies import AppendOnly
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
from monitoring.archive.models import Version
from monitoring.catalogue.models import Document, Type


class Provision(WithPublicId):
    """What one document says on one type, followed through the versions."""

    PREFIX = "prv"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="provisions")
    type = models.ForeignKey(Type, on_delete=models.PROTECT, related_name="provisions")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "type"], name="provision_once")]

    def __str__(self) -> str:
        return f"{self.type} in {self.document}"


class FindingState(models.TextChoices):
    DRAFT = "draft", "draft"
    IN_REVIEW = "in_review", "in review"
    PUBLISHED = "published", "published"
    SUPERSEDED = "superseded", "superseded"
    RETRACTED = "retracted", "retracted"


ENDED = (FindingState.SUPERSEDED, FindingState.RETRACTED)


class Severity(models.TextChoices):
    """By written criteria: how much a provision takes from, or asks of, its reader."""

    LOW = "low", "low"
    MEDIUM = "medium", "medium"
    HIGH = "high", "high"


class FindingQuerySet(models.QuerySet["Finding"]):
    def published(self) -> FindingQuerySet:
        return self.filter(state=FindingState.PUBLISHED, published__isnull=False)


class Finding(WithPublicId):
    """What an analyst states about a provision. The words stand in revisions; `published` is the one that pages show."""

    PREFIX = "fnd"

    provision = models.ForeignKey(Provision, on_delete=models.PROTECT, related_name="findings")
    state = models.CharField(max_length=16, choices=FindingState.choices, default=FindingState.DRAFT)
    published = models.ForeignKey("FindingRevision", null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    retracted_at = models.DateTimeField(null=True)
    retracted_by = models.ForeignKey(
        User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    retracted_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provision"], condition=Q(state="published"), name="finding_published_once_a_provision"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published__isnull=False, published_at__isnull=False),
                name="finding_published_has_revision",
            ),
            models.CheckConstraint(
                condition=(Q(state="retracted", retracted_at__isnull=False) & ~Q(retracted_because=""))
                | (~Q(state="retracted") & Q(retracted_at=None, retracted_because="")),
                name="finding_retracted_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} finding on {self.provision_id}"


class FindingRevisionQuerySet(models.QuerySet["FindingRevision"]):
    def newest(self) -> FindingRevisionQuerySet:
        """Of each finding the last revision."""
        later = FindingRevision.objects.filter(finding=OuterRef("finding"), number__gt=OuterRef("number"))
        return self.filter(~Exists(later))

    def in_review(self) -> FindingRevisionQuerySet:
        """Those that wait for a second person, the longest waiting first."""
        return (
            self.newest()
            .filter(submitted_at__isnull=False, published_at__isnull=True)
            .exclude(finding__state__in=ENDED)
            .order_by("submitted_at", "pk")
        )

    def drafts(self) -> FindingRevisionQuerySet:
        """Those whose author hasn't submitted them, the newest first."""
        return (
            self.newest()
            .filter(submitted_at__isnull=True, published_at__isnull=True)
            .exclude(finding__state__in=ENDED)
            .order_by("-created_at", "-pk")
        )


class FindingRevision(models.Model):
    """One state of a finding's words. Immutable once it was published; a second person publishes. While `submitted_at` stands
    it is in review; `review_note` says why a reviewer sent it back."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    headline = models.CharField(max_length=300)
    description = models.TextField()
    why_person = models.TextField()
    why_organization = models.TextField()
    severity_person = models.CharField(max_length=16, choices=Severity.choices)
    severity_organization = models.CharField(max_length=16, choices=Severity.choices)
    severity_person_words = models.CharField(max_length=300, blank=True)  # the criterion that was met
    severity_organization_words = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    reviewer = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    created_at = models.DateTimeField(default=clock.now)
    submitted_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, blank=True)
    published_at = models.DateTimeField(null=True)

    objects = FindingRevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["finding", "number"], name="finding_revision_number_once"),
            models.CheckConstraint(
                condition=Q(published_at=None)
                | (Q(author__isnull=False, reviewer__isnull=False) & ~Q(author=F("reviewer"))),
                name="finding_published_by_second_person",
            ),
            AppendOnly(name="finding_revision_append_only", when="OLD.published_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}: {self.headline}"


class Excerpt(WithPublicId):
    """A verbatim quotation of one version, anchored as W3C Web Annotation selectors
    (https://www.w3.org/TR/annotation-model/#text-quote-selector). Offsets count code points of the version's text."""

    PREFIX = "exc"

    revision = models.ForeignKey(FindingRevision, on_delete=models.PROTECT, related_name="excerpts")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="excerpts")
    exact = models.TextField()
    prefix = models.TextField(blank=True)
    suffix = models.TextField(blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="excerpt_position_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="excerpt_not_empty"),
            AppendOnly(name="excerpt_append_only"),
        ]

    def __str__(self) -> str:
        return self.exact[:60]
