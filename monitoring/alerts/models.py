"""What people are told: events, deliveries (the outbox), the inbox, digests and preferences."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import Membership, Organization
from accounts.policies import SharedPolicy, TenantForeignKey, TenantPolicy
from atlas.kernel import clock
from atlas.kernel.ids import WithPublicId
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Finding
from monitoring.watching.models import PlatformRequest


class EventKind(models.TextChoices):
    CHANGE_RELEASED = "change_released", "a change was released"
    FINDING_PUBLISHED = "finding_published", "a finding was published"
    PLATFORM_READ = "platform_read", "a platform that was asked for is read"


class Event(WithPublicId):
    """Something that people are told about, once for each cause. `fanned_out_at`: its deliveries are written."""

    PREFIX = "evt"

    organization = models.ForeignKey(Organization, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32, choices=EventKind.choices)
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="+")
    change = models.OneToOneField(Change, null=True, on_delete=models.PROTECT, related_name="event")
    finding = models.OneToOneField(Finding, null=True, on_delete=models.PROTECT, related_name="event")
    request = models.OneToOneField(PlatformRequest, null=True, on_delete=models.PROTECT, related_name="event")
    occurred_at = models.DateTimeField()
    fanned_out_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["occurred_at"], name="event_to_fan_out", condition=Q(fanned_out_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="change_released", change__isnull=False, finding=None, request=None)
                | Q(kind="finding_published", change=None, finding__isnull=False, request=None)
                | Q(kind="platform_read", change=None, finding=None, request__isnull=False),
                name="event_has_its_cause",
            ),
            SharedPolicy(name="event_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.occurred_at:%Y-%m-%d %H:%M}"


class Channel(models.TextChoices):
    MAIL = "mail", "mail"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "waiting"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class Digest(WithPublicId):
    """A member's weekly summary for one period, from (excluded) to (included); periods tile without gap or overlap.

    `platform_ids`: what the organization followed when it was made. Period and platforms determine what it names.
    """

    PREFIX = "dig"

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="digests")
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    platform_ids = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["membership", "period_start"], name="digest_period_once"),
            models.CheckConstraint(condition=Q(period_end__gt=models.F("period_start")), name="digest_period_forward"),
            TenantForeignKey(name="digest_membership_tenant", field="membership_id", to="accounts_membership"),
            TenantPolicy(name="digest_policy"),
        ]

    def __str__(self) -> str:
        return f"digest to {self.period_end:%Y-%m-%d}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self, moment: datetime) -> DeliveryQuerySet:
        return self.filter(state=DeliveryState.WAITING, next_try_at__lte=moment)


class Delivery(models.Model):
    """One message to one recipient on one channel: the outbox row, written with its cause, once. Never lost; on the wire it
    may come twice only when a worker died after the receiver's yes, and then carries the same Message-ID."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.ForeignKey(Digest, null=True, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=16, choices=Channel.choices, default=Channel.MAIL)
    state = models.CharField(max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    message_key = models.UUIDField(default=uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now)
    next_try_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["next_try_at"], name="delivery_waiting", condition=Q(state="waiting"))]
        constraints = [
            models.UniqueConstraint(fields=["event", "membership", "channel"], name="delivery_of_event_once"),
            models.UniqueConstraint(fields=["digest", "channel"], name="delivery_of_digest_once"),
            models.CheckConstraint(
                condition=Q(event__isnull=True, digest__isnull=False) | Q(event__isnull=False, digest__isnull=True),
                name="delivery_has_one_cause",
            ),
            TenantForeignKey(name="delivery_membership_tenant", field="membership_id", to="accounts_membership"),
            TenantForeignKey(name="delivery_digest_tenant", field="digest_id", to="alerts_digest"),
            TenantPolicy(name="delivery_policy"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.channel} {self.pk}"


class InboxItem(models.Model):
    """What a member was told, kept to read in the application: an alert or a digest."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="inbox")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+")
    digest = models.ForeignKey(Digest, null=True, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["membership", "-created_at"], name="inbox_newest")]
        constraints = [
            models.UniqueConstraint(fields=["event", "membership"], name="inbox_event_once"),
            models.UniqueConstraint(fields=["digest"], name="inbox_digest_once"),
            models.CheckConstraint(
                condition=Q(event__isnull=True, digest__isnull=False) | Q(event__isnull=False, digest__isnull=True),
                name="inbox_item_has_one_cause",
            ),
            TenantForeignKey(name="inbox_membership_tenant", field="membership_id", to="accounts_membership"),
            TenantForeignKey(name="inbox_digest_tenant", field="digest_id", to="alerts_digest"),
            TenantPolicy(name="inbox_policy"),
        ]

    def __str__(self) -> str:
        return f"told at {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def typeid(self) -> str:
        """The id of what was told: an event's or a digest's."""
        told = self.event or self.digest
        assert told is not None, "the constraint inbox_item_has_one_cause"  # noqa: S101
        return told.typeid


class Preferences(models.Model):
    """What a member wants to be told, and up to when digests have been made for them."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="preferences")
    same_day = models.BooleanField(default=True)
    minor_same_day = models.BooleanField(default=False)
    weekly_digest = models.BooleanField(default=True)
    digested_until = models.DateTimeField(default=clock.now)
    next_digest_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "preferences"
        indexes = [models.Index(fields=["next_digest_at"], name="preferences_digest_due")]
        constraints = [
            TenantForeignKey(name="preferences_membership_tenant", field="membership_id", to="accounts_membership"),
            TenantPolicy(name="preferences_policy"),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.membership_id}"
