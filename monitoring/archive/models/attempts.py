"""What drives and notes the reading: hosts, schedules, what the last answers said, attempts and how they fail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Organization
from accounts.policies import SharedPolicy, TenantForeignKey
from atlas.kernel import clock
from monitoring.catalogue.models import Declaration, Document, Source
from monitoring.fetching.outcomes import REASONS, Outcome, Reason

OUTCOME_CHOICES = [(outcome.value, outcome.value.replace("_", " ")) for outcome in Outcome]


class Host(models.Model):
    """A host is claimed, not a document: whoever holds the lease reads its due documents over one connection.

    `robots_text` is its robots.txt as read at `robots_read_at` ("" allows everything); since `robots_silent_since` it could
    not be read. `failing_since`: it has answered nothing since, for one document or more (monitoring.outages).
    `asked_until`: it has asked us to stay away until then.
    """

    name = models.CharField(max_length=255, unique=True)  # host:port
    next_request_at = models.DateTimeField(default=clock.now)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    robots_text = models.TextField(blank=True, editable=False)
    robots_read_at = models.DateTimeField(null=True, editable=False)
    robots_silent_since = models.DateTimeField(null=True, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    asked_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["next_request_at"], name="host_next_request")]

    def __str__(self) -> str:
        return self.name


class CheckSchedule(models.Model):
    """When a document is read next. Narrow, since every check writes it.

    `attempts` counts claims without a result: a document whose reading killed its worker twice is quarantined.
    `rereads` counts readings of a suspicious text (`suspect_sha256`) that are equal so far. `pace`: how many readings a day
    its own changes are worth, before any bound (monitoring.archive.pacing).
    """

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="schedule")
    host = models.ForeignKey(Host, on_delete=models.PROTECT, related_name="schedules")
    next_check_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    quarantined_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)
    rereads = models.PositiveSmallIntegerField(default=0)
    suspect_sha256 = models.CharField(max_length=64, blank=True)
    pace = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["host", "next_check_at"], name="schedule_due", condition=Q(quarantined_at=None)),
            models.Index(fields=["next_check_at"], name="schedule_next", condition=Q(quarantined_at=None)),
        ]
        constraints = [
            TenantForeignKey(name="schedule_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="schedule_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} at {self.next_check_at:%Y-%m-%d %H:%M}"


class SourceState(models.Model):
    """What the last good answer of a source said, for conditional requests and the cheapest gates; and when its page was last
    looked through for links to other documents.

    `in_browser_since`: of a source that is read in either way, when a static reading last came to nothing and a browser's did;
    null while static ones suffice.
    """

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.OneToOneField(Source, on_delete=models.PROTECT, primary_key=True, related_name="state")
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    bytes_sha256 = models.CharField(max_length=64, blank=True)
    final_url = models.CharField(max_length=2000, blank=True)
    links_at = models.DateTimeField(null=True)
    snapshot = models.ForeignKey("Snapshot", null=True, on_delete=models.PROTECT, related_name="+")
    in_browser_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantForeignKey(name="source_state_source_tenant", field="source_id", to="catalogue_source"),
            SharedPolicy(name="source_state_policy"),
        ]

    def __str__(self) -> str:
        return f"state of {self.source_id}"


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> IncidentQuerySet:
        """Those that go on, the oldest first."""
        return self.filter(closed_at=None).order_by("opened_at", "pk")

    def hindering(self, documents: Iterable[Document]) -> dict[int, list[Incident]]:
        """For each document (by id, [] where none is) its open incidents and those of the host that it is read at, the oldest
        first. One query."""
        found: dict[int, list[Incident]] = {document.pk: [] for document in documents}
        of_one = Q(document__in=list(found)) | Q(host__schedules__document__in=list(found))
        hindered = Coalesce("document_id", "host__schedules__document_id")
        for incident in self.open().filter(of_one).annotate(hindered=hindered):
            found[incident.hindered].append(incident)  # type: ignore[attr-defined]  # annotated above
        return found

    def count_in(self, *, reason: Reason, why: str, seen: str, at: datetime) -> int:
        """One more failure in those of them that are open; how many are."""
        return self.filter(closed_at=None).update(
            reason=reason.value, why=why[:500], seen=seen, last_seen_at=at, checks=F("checks") + 1
        )


class Incident(models.Model):
    """A document, or a host as a whole, that fails in one way: opened by the first failure, closed by what ends it. `seen` is
    the visible text of the last failed answer, cut; empty where none came."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="incidents")
    host = models.ForeignKey(Host, null=True, on_delete=models.PROTECT, related_name="incidents")
    outcome = models.CharField(max_length=16, choices=OUTCOME_CHOICES)
    reason = models.CharField(max_length=32)
    why = models.CharField(max_length=500, blank=True)
    seen = models.TextField(blank=True)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    checks = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "outcome"], condition=Q(closed_at=None), name="incident_open_once"
            ),
            models.UniqueConstraint(fields=["host"], condition=Q(closed_at=None), name="incident_of_host_open_once"),
            models.CheckConstraint(
                condition=Q(document__isnull=False, host=None) | Q(document=None, host__isnull=False),
                name="incident_of_one",
            ),
            TenantForeignKey(name="incident_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="incident_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome}/{self.reason} since {self.opened_at:%Y-%m-%d}"


class Picture(models.Model):
    """What stood in the browser's window when a document failed the last time: a JPEG, for whoever has to understand it. No
    evidence; forgotten after its retention."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="picture")
    jpeg = models.BinaryField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            TenantForeignKey(name="picture_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="picture_policy"),
        ]

    def __str__(self) -> str:
        return f"window at {self.taken_at:%Y-%m-%d %H:%M}"


class Check(models.Model):
    """One attempt to read a document. Nothing points at it; deleted in batches after its retention."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="checks")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey("Version", null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=16, choices=OUTCOME_CHOICES)
    reason = models.CharField(max_length=32, blank=True)
    why = models.CharField(max_length=500, blank=True)
    gate = models.CharField(max_length=16, blank=True)  # what sufficed to find it unchanged: not_modified, bytes, text
    sources = models.JSONField(default=list)  # per source: url, final_url, status, sha256, bytes, address, milliseconds
    milliseconds = models.PositiveIntegerField(default=0)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["document", "-observed_at"], name="check_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    *[
                        Q(
                            outcome=outcome.value,
                            reason__in=[reason.value for reason in REASONS.get(outcome, ())] or [""],
                        )
                        for outcome in Outcome
                    ],
                    _connector=Q.OR,
                ),
                name="check_reason_of_outcome",
            ),
            TenantForeignKey(name="check_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="check_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.observed_at:%Y-%m-%d %H:%M}"
