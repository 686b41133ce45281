"""What people are told about: one event for each cause, written with it. Runs in the caller's scope."""

from __future__ import annotations

from datetime import datetime

from atlas.kernel import doorbells
from monitoring.alerts.models import Event, EventKind
from monitoring.archive.models import Cause
from monitoring.changes.models import TOLD, Change, Significance
from monitoring.findings.models import Finding, FindingState
from monitoring.watching.models import PlatformRequest

FAN_OUT = "monitoring.fan_out"
SIGNIFICANT = (Significance.MINOR, Significance.SUBSTANTIVE)


def announce_change(*, change: Change, moment: datetime) -> Event | None:
    """The event of a released change, written once however often it is asked for; None for what tells nobody: a change
    that is undecided or suppressed, no more than form, or of our own making (another declaration or extractor)."""
    release = change.release
    if release.state not in TOLD or change.significance not in SIGNIFICANT or change.new.cause != Cause.PLATFORM:
        return None
    event, _ = Event.objects.get_or_create(
        change=change,
        defaults={
            "kind": EventKind.CHANGE_RELEASED,
            "organization_id": change.organization_id,
            "platform_id": change.document.platform_id,
            "occurred_at": moment,
        },
    )
    doorbells.ring(FAN_OUT)
    return event


def announce_finding(*, finding: Finding, moment: datetime) -> Event | None:
    """The event of a published finding, written once: a later revision of it tells nobody again. None for a draft."""
    if finding.state != FindingState.PUBLISHED:
        return None
    document = finding.provision.document
    event, _ = Event.objects.get_or_create(
        finding=finding,
        defaults={
            "kind": EventKind.FINDING_PUBLISHED,
            "organization_id": document.organization_id,
            "platform_id": document.platform_id,
            "occurred_at": moment,
        },
    )
    doorbells.ring(FAN_OUT)
    return event


def announce_platform(*, request: PlatformRequest, moment: datetime) -> Event:
    """The event of a platform that was asked for and is read now, written once: whoever asked or voted is told."""
    assert request.platform is not None, "the constraint request_state_is_whole"  # noqa: S101
    event, _ = Event.objects.get_or_create(
        request=request,
        defaults={"kind": EventKind.PLATFORM_READ, "platform": request.platform, "occurred_at": moment},
    )
    doorbells.ring(FAN_OUT)
    return event
