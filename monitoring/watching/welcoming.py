"""The mail after a platform was followed for the first time: what its documents say today, and when they last changed.

So that nobody on a weekly digest hears nothing for weeks. Written with the following, in its transaction; once for an
organization and a platform, whoever unfollows and follows again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Min

from accounts import outgoing
from accounts.models import AuditEntry, Membership
from monitoring.catalogue.models import Document, Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Finding

MOST_FINDINGS = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """A document as it stands: since when we read it, its newest change that people were told of, and what that was."""

    title: str
    url: str
    words: int
    since: datetime
    changed_at: datetime | None
    headline: str


def is_first(by: Membership, platform: Platform) -> bool:
    """Has this organization never followed the platform before? The log knows, which forgets nothing."""
    before = AuditEntry.objects.filter(organization=by.organization, action="platform.followed")
    return not before.filter(detail__platform=platform.slug).exists()


def welcome(*, membership: Membership, platform: Platform) -> None:
    """Write the mail to the member who follows, in the caller's transaction."""
    standing = standings(platform)
    findings = (
        Finding.objects.published()
        .filter(provision__document__platform=platform, provision__document__organization=None)
        .select_related("published", "provision")
        .order_by("-published_at")[:MOST_FINDINGS]
    )
    origin = settings.BASE_URL
    outgoing.write(
        recipient=membership.user.email,
        name="following",
        context={
            "platform": platform,
            "standing": standing,
            "findings": [
                (one.published.headline, f"{origin}/p/{one.provision.typeid}/") for one in findings if one.published
            ],
            "plan": membership.organization.entitlement.plan,
            "url": f"{origin}/platforms/{platform.slug}/",
            "settings_url": f"{origin}/settings/notifications/?org={membership.organization.typeid}",
        },
    )


def standings(platform: Platform) -> list[Standing]:
    """The platform's public documents that were read, by title."""
    documents = (
        Document.objects.listed()
        .public()
        .filter(platform=platform, head__released__isnull=False)
        .select_related("head__released", "platform")
    )
    newest = Change.objects.worth_showing().of_platform(platform).order_by("document_id", "-observed_at", "-pk")
    changes = {change.document_id: change for change in newest.distinct("document_id")}
    firsts = dict(documents.annotate(first=Min("versions__observed_at")).values_list("pk", "first"))
    return [_standing(document, changes.get(document.pk), firsts[document.pk]) for document in documents]


def _standing(document: Document, change: Change | None, since: datetime) -> Standing:
    released = document.head.released
    return Standing(
        title=document.title,
        url=f"{settings.BASE_URL}/platforms/{document.platform.slug}/{document.slug}/",
        words=released.words if released else 0,
        since=since,
        changed_at=change.observed_at if change else None,
        headline=change.headline if change else "",
    )
