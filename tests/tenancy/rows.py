"""One row of every tenant and shared model for an organization, as its room would leave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.db import models

from accounts import tenancy
from accounts.models import Membership, Organization
from accounts.services import record
from atlas.kernel import clock
from billing.models import Grant
from monitoring.alerts.models import Delivery, Digest, Event, EventKind, InboxItem, Preferences
from monitoring.archive import incidents, ledger, recording, scheduling, trials
from monitoring.archive.models import SourceState
from monitoring.catalogue.models import Declaration, Document, Source
from monitoring.changes.models import Change
from monitoring.fetching.outcomes import Outcome, Reason
from monitoring.watching.models import PlatformRequest, RequestVote
from tests import factories


@dataclass(frozen=True)
class Tenant:
    """An organization with everything that an organization can have."""

    organization: Organization
    membership: Membership
    document: Document
    change: Change


def tenant(name: str) -> Tenant:
    """All rows of one tenant, its private document among them."""
    membership = factories.member(f"{name}@example.org", plan="professional")
    organization = membership.organization
    document = factories.document(title=f"Agreement of {name}", organization=organization)
    change = factories.change(document)
    factories.release(change)
    factories.watch(membership, document.platform)
    with tenancy.system_scope("everything that a tenant can have"):
        _fill(Tenant(organization, membership, document, change))
    return Tenant(organization, membership, document, change)


def _fill(made: Tenant) -> None:
    organization, membership, document, version = made.organization, made.membership, made.document, made.change.new
    now = clock.now()
    factories.invitation(membership)
    factories.key(membership)
    mine: dict[str, Any] = {"organization": organization, "membership": membership}
    record(organization=organization, actor=membership.user, action="test.done")
    Grant.objects.create(organization=organization, plan_slug="professional", reason="test")
    Preferences.objects.get_or_create(**mine)
    digest = Digest.objects.create(**mine, period_start=now - timedelta(days=7), period_end=now)
    event = Event.objects.create(
        organization=organization,
        kind=EventKind.CHANGE_RELEASED,
        platform=document.platform,
        change=made.change,
        occurred_at=now,
    )
    Delivery.objects.create(**mine, event=event, message_key=uuid4())
    InboxItem.objects.create(**mine, digest=digest)
    scheduling.sync_schedules()
    recording.see_again(version, at=now)
    incidents.open_of_document(document, reason=Reason.HTTP_404, why="gone", at=now)
    recording.keep_picture(document, jpeg=b"a picture", at=now)
    declaration = Declaration.objects.filter(document=document)[0]
    recording.record_check(
        document=document,
        declaration=declaration,
        outcome=Outcome.UNCHANGED,
        reason=None,
        why="",
        gate="bytes",
        sources=[],
        milliseconds=1,
        version=version,
        observed_at=now,
    )
    SourceState.objects.create(organization=organization, source=Source.objects.filter(declaration=declaration)[0])
    ledger.log_version(version, [])
    wanted = PlatformRequest.objects.create(
        name="Obscura",
        key=f"obscura{organization.pk}",
        homepage="https://o.example",
        place=f"o.example/{organization.pk}",
    )
    RequestVote.objects.create(**mine, user=membership.user, request=wanted)
    recording.keep_statement(
        document=document, who="us", how="by hand", operator=membership.user, observed_at=now, moment=now
    )
    trials.ask(document=document, sources=[], written_on=1, operator=membership.user)


def guarded_models() -> list[type[models.Model]]:
    """Every model of the tenant and of the shared list, as Django knows them."""
    return [model for model in apps.get_models() if tenancy.list_of(model) in {"tenant", "shared"}]


def own_rows(model: type[models.Model], organization: Organization) -> models.QuerySet[models.Model]:
    """A model's rows of this organization, without any scoping of ours."""
    column = "pk" if model is Organization else "organization_id"
    return model._base_manager.filter(**{column: organization.pk})
