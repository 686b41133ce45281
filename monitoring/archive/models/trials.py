"""Dry runs: how a document would be read by a declaration that isn't one yet. Nothing in here is evidence."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Organization, User
from accounts.policies import SharedPolicy, TenantForeignKey
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
from monitoring.archive.models.evidence import Version
from monitoring.catalogue.models import Document


class TrialQuerySet(models.QuerySet["Trial"]):
    def waiting(self, moment: datetime) -> TrialQuerySet:
        """Those that nobody works on and that may be tried now, the longest waiting first."""
        free = Q(leased_until=None) | Q(leased_until__lte=moment)
        return self.filter(free, finished_at=None, next_try_at__lte=moment).order_by("asked_at", "pk")


class Trial(WithPublicId):
    """An operator's question: what would be read in this way? The worker answers it, since it holds the hosts' leases and the
    browser; the desk asks again until it has. Forgotten after some days (monitoring.retention).

    `sources` are the pages as a declaration would have them, `written_on` the number of the declaration that was in force.
    `found` is what monitoring.trying saw; `text` and `comparison` are `ExtractedText.dumps` and `Comparison.dumps` (with the
    version `against`), empty where nothing was read.

    A capture that a person has uploaded is tried in the same way: `statement` says who took it, how, when and where, and
    `uploaded` holds its pages, one for each source. With `keep` it becomes evidence, as the version `kept`.
    """

    PREFIX = "try"

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="trials")
    operator = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    sources = models.JSONField()
    written_on = models.PositiveIntegerField()
    asked_at = models.DateTimeField(default=clock.now)
    next_try_at = models.DateTimeField(default=clock.now)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    found = models.JSONField(null=True)
    text = models.TextField(blank=True)
    comparison = models.TextField(blank=True)
    against = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")

    statement = models.JSONField(null=True)
    uploaded = ArrayField(models.BinaryField(), default=list)
    keep = models.BooleanField(default=False)
    kept = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")

    objects = TrialQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="trial_waiting", condition=Q(finished_at=None))]
        constraints = [
            TenantForeignKey(name="trial_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="trial_policy"),
        ]

    def __str__(self) -> str:
        return f"trial of {self.document_id} at {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def was_read(self) -> bool:
        """Did it give a text that can be declared?"""
        return self.finished_at is not None and bool(self.text)

    @property
    def taken_at(self) -> datetime | None:
        """When an uploaded capture was taken, as its statement says."""
        return datetime.fromisoformat(self.statement["observed_at"]) if self.statement else None
