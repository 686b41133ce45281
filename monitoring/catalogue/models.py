"""What is read: platforms, their documents, how each is read; and the taxonomy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery

from accounts.models import Organization, User
from accounts.policies import AppendOnly, SharedPolicy, TenantForeignKey
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId


class Reading(models.TextChoices):
    """How a source is read."""

    STATIC = "static", "static"
    BROWSER = "browser", "in a browser"
    AUTO = "auto", "static, in a browser where that is needed"


class Audience(models.TextChoices):
    CONSUMERS = "consumers", "consumers"
    BUSINESSES = "businesses", "businesses"


class PlatformQuerySet(models.QuerySet["Platform"]):
    def listed(self) -> PlatformQuerySet:
        """Those that pages show, by name (sorted by a stored key: PostgreSQL sorts by code point)."""
        return self.filter(retired_at__isnull=True).order_by("sort_key")


class Platform(WithPublicId):
    """An AI service whose documents are read. `enabled`: an operator lets us read it. `from_files`: the catalogue's
    files name it, and its absence from them retires it."""

    PREFIX = "plt"

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    sort_key = models.CharField(max_length=120, db_index=True, editable=False)
    company = models.CharField(max_length=300, blank=True)
    jurisdiction = models.CharField(max_length=80, blank=True)
    category = models.CharField(max_length=80, blank=True)
    languages = ArrayField(models.CharField(max_length=16), default=list, blank=True)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    note = models.TextField(blank=True)
    enabled = models.BooleanField(default=False)
    demo = models.BooleanField(default=False)
    from_files = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)
    provenance_source = models.CharField(max_length=500)
    provenance_on = models.DateField()
    created_at = models.DateTimeField(default=clock.now)

    objects = PlatformQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class FormerSlug(models.Model):
    """A slug that a platform had: it redirects, and is never given to another."""

    slug = models.SlugField(max_length=80, unique=True)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="former_slugs")

    def __str__(self) -> str:
        return self.slug


class DocumentQuerySet(models.QuerySet["Document"]):
    def listed(self) -> DocumentQuerySet:
        return self.filter(retired_at__isnull=True, platform__retired_at__isnull=True).order_by("title", "pk")

    def public(self) -> DocumentQuerySet:
        return self.filter(organization__isnull=True)

    def shown(self) -> DocumentQuerySet:
        """What a platform's page lists: those that are read, and retired ones whose history we have."""
        return self.filter(Q(retired_at__isnull=True) | Q(head__released__isnull=False)).order_by("title", "pk")


class Document(WithPublicId):
    """One text for one audience, region and language. The first version counts once a person has adopted it. `from_desk`: an
    operator added it, so that its absence from the catalogue's files doesn't retire it."""

    PREFIX = "doc"

    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="documents")
    slug = models.SlugField(max_length=120)
    kind = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    audience = models.CharField(max_length=16, choices=Audience.choices, blank=True)
    region = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=16, default="en")
    adopted_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    from_desk = models.BooleanField(default=False)
    robots_exception = models.CharField(max_length=500, blank=True)  # why it is read although robots.txt says no
    pinned_interval = models.DurationField(
        null=True, blank=True
    )  # an operator's word on how often; null: as it changes
    provenance_source = models.CharField(max_length=500)
    provenance_on = models.DateField()
    created_at = models.DateTimeField(default=clock.now)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "slug"], condition=Q(organization=None), name="document_slug_once"
            ),
            SharedPolicy(name="document_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.platform}: {self.title}"


class DeclarationQuerySet(models.QuerySet["Declaration"]):
    def in_force(self, document: Document) -> Declaration | None:
        """The newest declaration of a document."""
        return self.filter(document=document).order_by("-number").first()

    def newest_of(self, document_ids: Sequence[int]) -> DeclarationQuerySet:
        """The newest declaration of each of these documents."""
        newest = self.filter(document=OuterRef("document")).order_by("-number").values("number")[:1]
        return self.filter(document__in=document_ids, number=Subquery(newest))


class Declaration(models.Model):
    """How a document is read from now on: immutable and numbered; a new URL or selector is a new declaration. `from_desk`:
    an operator made it, and the catalogue's files don't overrule it while they say what they said before."""

    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="declarations")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    from_desk = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="declaration_number_once"),
            TenantForeignKey(name="declaration_document_tenant", field="document_id", to="catalogue_document"),
            SharedPolicy(name="declaration_policy"),
            AppendOnly(name="declaration_append_only"),
        ]

    def __str__(self) -> str:
        return f"declaration {self.number} of {self.document}"


class Source(models.Model):
    """One page of a declaration, in order: where it is, what to select and to remove (CSS selectors or ranges)."""

    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declaration = models.ForeignKey(Declaration, on_delete=models.PROTECT, related_name="sources")
    position = models.PositiveSmallIntegerField()
    url = models.URLField(max_length=2000)
    select = models.JSONField(default=list, blank=True)
    remove = models.JSONField(default=list, blank=True)
    reading = models.CharField(max_length=16, choices=Reading.choices, default=Reading.STATIC)
    media_type = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["declaration", "position"], name="source_position_once"),
            TenantForeignKey(name="source_declaration_tenant", field="declaration_id", to="catalogue_declaration"),
            SharedPolicy(name="source_policy"),
            AppendOnly(name="source_append_only"),
        ]

    def __str__(self) -> str:
        return self.url


class HubQuerySet(models.QuerySet["Hub"]):
    def due(self, moment: datetime) -> HubQuerySet:
        """Those of platforms that are read, the longest waiting first."""
        return self.filter(
            next_read_at__lte=moment, platform__enabled=True, platform__retired_at__isnull=True
        ).order_by("next_read_at", "pk")


class Hub(models.Model):
    """The page on which a platform lists its legal documents: looked at for new ones, never a document itself. `said` is
    why it could not be read, "" where it was."""

    platform = models.OneToOneField(Platform, on_delete=models.CASCADE, primary_key=True, related_name="hub")
    url = models.URLField(max_length=2000)
    provenance_source = models.CharField(max_length=500)
    provenance_on = models.DateField()
    next_read_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=500, blank=True)

    objects = HubQuerySet.as_manager()

    def __str__(self) -> str:
        return self.url


class ProposalKind(models.TextChoices):
    """What the reader has noticed and an operator may put into the catalogue."""

    MOVED = "moved", "address moved"
    DOCUMENT = "document", "new document"
    SELECTOR = "selector", "selectors match nothing"


class ProposalState(models.TextChoices):
    NOTICED = "noticed", "not seen often enough"
    OPEN = "open", "waits for a decision"
    ACCEPTED = "accepted", "accepted"
    REFUSED = "refused", "refused"
    GONE = "gone", "no longer seen"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def waiting(self) -> ProposalQuerySet:
        """Those that an operator may decide, the latest first."""
        return self.filter(state=ProposalState.OPEN, platform__retired_at__isnull=True).order_by(
            "-first_seen_at", "-pk"
        )

    def decided(self) -> ProposalQuerySet:
        return self.filter(state__in=[ProposalState.ACCEPTED, ProposalState.REFUSED]).order_by("-decided_at", "-pk")

    def standing(self) -> ProposalQuerySet:
        """Those that nobody has decided and that are still seen."""
        return self.filter(state__in=[ProposalState.NOTICED, ProposalState.OPEN])


class Proposal(WithPublicId):
    """Something that was noticed while reading and that would change the catalogue: proposed once, decided once.

    `key` names what is proposed: the same thing is the same row, and once refused it stays so; another target, text or
    selector is another proposal. `seen` holds what was seen last (monitoring.proposing writes it); `times` counts how often:
    of a moved address, in a row. `declaration` is what accepting it made. Of public documents alone.
    """

    PREFIX = "prp"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="proposals")
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=16, choices=ProposalKind.choices)
    state = models.CharField(max_length=16, choices=ProposalState.choices)
    key = models.CharField(max_length=64)
    seen = models.JSONField()
    times = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)
    declaration = models.ForeignKey(Declaration, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ProposalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "-first_seen_at"], name="proposal_waiting")]
        constraints = [
            models.UniqueConstraint(fields=["platform", "kind", "key"], name="proposal_once"),
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "refused"], decided_at__isnull=False)
                | Q(state__in=["noticed", "open", "gone"], decided_at__isnull=True),
                name="proposal_decided_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(kind="document") | Q(document__isnull=False), name="proposal_is_about_a_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.platform_id}: {self.state}"

    @property
    def subject(self) -> str:
        """The new address, the new document, or the page whose selectors find nothing."""
        return str(self.seen.get("target") or self.seen.get("title") or self.seen["url"])


class Topic(models.Model):
    """The upper level of the taxonomy."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    definition = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name


class Type(models.Model):
    """The lower level: what one provision is about."""

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="types")
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    definition = models.TextField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name
