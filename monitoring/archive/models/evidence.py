"""Evidence: what was read, when, and what it said. Snapshots, versions and ledger entries are never changed."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from accounts import staff
from accounts.models import Organization, User
from accounts.policies import AppendOnly, SharedPolicy, TenantForeignKey
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
from monitoring.catalogue.models import Declaration, Document, Source

UPLOADED = "uploaded"


class Payload(models.Model):
    """Bytes by their SHA-256, with their encoding named: small ones in the row, large ones in a file under `location`."""

    class Encoding(models.TextChoices):
        IDENTITY = "identity", "as they are"
        ZSTD = "zstd", "Zstandard (RFC 8878)"

    sha256 = models.CharField(max_length=64, primary_key=True)
    encoding = models.CharField(max_length=16, choices=Encoding.choices)
    size = models.PositiveBigIntegerField()  # of the bytes, before encoding
    data = models.BinaryField(null=True)
    location = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(data__isnull=False, location="")
                | (Q(data__isnull=True) & ~Q(location=""))
                | Q(withdrawn_at__isnull=False),
                name="payload_is_somewhere",
            )
        ]

    def __str__(self) -> str:
        return self.sha256


class Upload(models.Model):
    """What a person states about a capture that they uploaded, since the document could not be read: who took it and how, for
    everybody to read. `staff_id` is whose account it was; names stand elsewhere and can be erased."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="uploads")
    who = models.CharField(max_length=200)
    how = models.CharField(max_length=1000)
    staff_id = models.BigIntegerField()
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            TenantForeignKey(name="upload_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="upload_policy"),
            AppendOnly(name="upload_append_only"),
        ]

    def __str__(self) -> str:
        return f"capture of {self.observed_at:%Y-%m-%d} by {self.who}"


class Snapshot(WithPublicId):
    """What one source gave, exactly as received; immutable, content-addressed. A page that was read in a browser is kept after
    its scripts, and names the `response` that it was made of, which is kept beside it. One with an `upload` came by hand; its
    `status` is 0, and its `final_url` is where that person says that it stood."""

    PREFIX = "snp"

    class Kind(models.TextChoices):
        RESPONSE = "response", "the response"
        RENDERED = "rendered", "the page after its scripts"
        UPLOADED = "uploaded", "what a person uploaded"

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="snapshots")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="snapshots")
    payload = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.RESPONSE)
    response = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    url = models.CharField(max_length=2000)
    final_url = models.CharField(max_length=2000)
    status = models.PositiveSmallIntegerField()
    upload = models.ForeignKey(Upload, null=True, on_delete=models.PROTECT, related_name="snapshots")
    headers = models.JSONField(default=dict)
    media_type = models.CharField(max_length=120)
    charset = models.CharField(max_length=40, blank=True)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["source", "-observed_at"], name="snapshot_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="uploaded", upload__isnull=False) | (~Q(kind="uploaded") & Q(upload=None)),
                name="snapshot_uploaded_has_statement",
            ),
            TenantForeignKey(name="snapshot_document_tenant", field="document_id", to="catalogue_document"),
            TenantForeignKey(name="snapshot_response_tenant", field="response_id", to="archive_snapshot"),
            models.CheckConstraint(
                condition=Q(kind="rendered", response__isnull=False) | (~Q(kind="rendered") & Q(response=None)),
                name="snapshot_response_of_rendered",
            ),
            SharedPolicy(name="snapshot_policy"),
            AppendOnly(name="snapshot_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.payload_id[:12]} of {self.url}"


class Cause(models.TextChoices):
    """Why a version exists. Only `platform` may tell anyone."""

    FIRST = "first", "first reading"
    PLATFORM = "platform", "the platform changed it"
    DECLARATION = "declaration", "we read another part of the page"
    EXTRACTOR = "extractor", "we read the page in a new way"
    IMPORT = "import", "imported history"


class VersionQuerySet(models.QuerySet["Version"]):
    def of(self, document: Document) -> VersionQuerySet:
        """A document's versions, the newest first."""
        return self.filter(document=document).order_by("-observed_at", "-pk")

    def latest_of(self, document: Document) -> Version | None:
        return self.of(document).first()

    def released(self) -> VersionQuerySet:
        """What public surfaces may show: up to the newest version before which nothing is undecided."""
        return self.filter(
            document__organization__isnull=True, observed_at__lte=F("document__head__released__observed_at")
        )

    def viewable_by(self, user: User | AnonymousUser) -> VersionQuerySet:
        """Staff see every version of public documents, everybody else the released ones."""
        return self.filter(document__organization__isnull=True) if staff.sees_all(user) else self.released()

    def in_force_on(self, day: date) -> VersionQuerySet:
        """Those that had been observed by the end of that day (UTC), the newest first."""
        return self.filter(observed_at__date__lte=day).order_by("-observed_at", "-pk")


class Version(WithPublicId):
    """The canonical text of a document, read from one snapshot per source. `extracted` holds ExtractedText.dumps."""

    PREFIX = "ver"

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="+")
    extracted = models.ForeignKey(Payload, on_delete=models.PROTECT, related_name="+")
    text_sha256 = models.CharField(max_length=64)
    cause = models.CharField(max_length=16, choices=Cause.choices)
    form = models.PositiveSmallIntegerField()
    extractor = models.CharField(max_length=32)
    language = models.CharField(max_length=16, blank=True)
    title = models.CharField(max_length=300, blank=True)
    words = models.PositiveIntegerField()
    warnings = models.JSONField(default=list)
    # `accepted_after_rereads`: three equal readings of a suspicious text; `uploaded`: made of a capture that a person uploaded
    marks = models.JSONField(default=list)
    published_on = models.DateField(null=True)
    published_words = models.CharField(max_length=300, blank=True)
    effective_on = models.DateField(null=True)
    effective_words = models.CharField(max_length=300, blank=True)
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=clock.now)
    snapshots = models.ManyToManyField(Snapshot, through="VersionSnapshot", related_name="versions")

    objects = VersionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["document", "-observed_at"], name="version_newest")]
        constraints = [
            models.UniqueConstraint(fields=["document", "observed_at"], name="version_once_at_a_time"),
            TenantForeignKey(name="version_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="version_policy"),
            AppendOnly(name="version_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.document} of {self.observed_at:%Y-%m-%d}"

    @property
    def short_hash(self) -> str:
        return self.text_sha256[:12]

    @property
    def uploaded(self) -> bool:
        """Was it made of a capture that a person uploaded?"""
        return UPLOADED in self.marks

    @property
    def known_at(self) -> datetime:
        """Since when we have it: a capture that was uploaded had been taken before."""
        return self.recorded_at if self.uploaded else self.observed_at

    @property
    def origin(self) -> str:
        return self.extractor.partition("-")[0]


class VersionSnapshot(models.Model):
    """Which snapshots, in which order, a version was read from."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="readings")
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="version_snapshot_position_once"),
            TenantForeignKey(name="version_snapshot_version_tenant", field="version_id", to="archive_version"),
            TenantForeignKey(name="version_snapshot_snapshot_tenant", field="snapshot_id", to="archive_snapshot"),
            SharedPolicy(name="version_snapshot_policy"),
            AppendOnly(name="version_snapshot_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.position} of {self.version_id}"


class Sighting(models.Model):
    """An unbroken run of checks that found the same version: proof that the document stood unchanged."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="sightings")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    checks = models.PositiveIntegerField(default=1)
    open = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["version", "-last_at"], name="sighting_newest")]
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(open=True), name="sighting_open_once"),
            models.CheckConstraint(condition=Q(last_at__gte=F("first_at")), name="sighting_runs_forward"),
            TenantForeignKey(name="sighting_version_tenant", field="version_id", to="archive_version"),
            SharedPolicy(name="sighting_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.checks} checks to {self.last_at:%Y-%m-%d}"


class DocumentHead(models.Model):
    """Where a document stands: its newest version, and the newest that public surfaces may show."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, primary_key=True, related_name="head")
    latest = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    released = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    last_read_at = models.DateTimeField()
    last_changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            TenantForeignKey(name="head_document_tenant", field="document_id", to="catalogue_document"),
            TenantForeignKey(name="head_latest_tenant", field="latest_id", to="archive_version"),
            SharedPolicy(name="head_policy"),
        ]

    def __str__(self) -> str:
        return f"head of {self.document_id}"


class LedgerEntry(models.Model):
    """The append-only log of all evidence, in the order of recording; how it is hashed stands in ledger.py."""

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    subject = models.CharField(max_length=40)  # the TypeID of what is logged
    body = models.JSONField()
    leaf_sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["subject"], name="ledger_subject")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject"], name="ledger_entry_once"),
            SharedPolicy(name="ledger_policy"),
            AppendOnly(name="ledger_append_only"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Checkpoint(models.Model):
    """A signed head of the ledger's Merkle tree (RFC 6962): its size, its root, the signature over both."""

    size = models.PositiveBigIntegerField(unique=True)
    root_sha256 = models.CharField(max_length=64)
    signature = models.BinaryField()
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [AppendOnly(name="checkpoint_append_only")]

    def __str__(self) -> str:
        return f"{self.size}: {self.root_sha256[:12]}"
