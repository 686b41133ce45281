"""The catalogue, and one platform."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.access import GatedRequest, public_page
from atlas.kernel import clock
from monitoring.archive.models import Incident, Version
from monitoring.catalogue.models import Document, FormerSlug, Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Finding
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.following import follow_state
from monitoring.pages.health import Health, confirmed, head_of, health, no_longer_read
from monitoring.pages.pulse import Pulse, first_month, pulse
from monitoring.pages.rows import FindingRow, change_row, document_url, finding_row, platform_url

NEWEST = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A platform in the catalogue. `read`: documents of which a version is public."""

    platform: Platform
    href: str
    documents: int
    read: int
    changes: int
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document in its platform's list."""

    name: str
    href: str
    kind: str
    audience: str
    versions: int
    changed_at: datetime | None
    health: Health


@public_page
def platforms(request: GatedRequest) -> HttpResponse:
    cards = _cards()
    context = {
        "total": len(cards),
        "read": [card for card in cards if card.read],
        "unread": [card for card in cards if not card.read],
        "attribution": attribution(card.platform.provenance_source for card in cards),
    }
    return render(request, "pages/platforms.html", context)


def _cards() -> list[Card]:
    listed = Document.objects.public().listed().order_by().values("platform")
    documents = {
        row["platform"]: (row["all"], row["read"])
        for row in listed.annotate(all=Count("pk"), read=Count("pk", filter=Q(head__released__isnull=False)))
    }
    shown = Change.objects.worth_showing().values("document__platform")
    changes = {
        row["document__platform"]: (row["all"], row["last"])
        for row in shown.annotate(all=Count("pk"), last=Max("observed_at"))
    }
    cards = []
    for platform in Platform.objects.listed():
        count, read = documents.get(platform.pk, (0, 0))
        changed, last = changes.get(platform.pk, (0, None))
        cards.append(Card(platform, platform_url(platform), count, read, changed, last))
    return cards


@public_page
def platform(request: GatedRequest, slug: str) -> HttpResponse:
    found = Platform.objects.filter(slug=slug).first()
    if found is None:
        return moved_platform(slug, "pages:platform")
    documents = _documents(found)
    changes = Change.objects.worth_showing().of_platform(found).newest_first().select_related("document__platform")
    context = {
        "platform": found,
        "crumbs": [("Platforms", reverse("pages:platforms"))],
        "facts": [fact for fact in (found.company, found.jurisdiction, found.category, _retired(found)) if fact],
        "follow": follow_state(request, found),
        "changes": [change_row(change) for change in changes[:NEWEST]],
        "changes_url": f"{reverse('pages:changes')}?platform={found.slug}",
        "documents": documents,
        "pulse": _pulse(found),
        "topics": _topics(found),
        "attribution": attribution([found.provenance_source]),
    }
    return render(request, "pages/platform.html", context)


def _retired(platform: Platform) -> str:
    """Its pages stay where they are: what links to them is evidence."""
    since = platform.retired_at
    return f"no longer read since {since.day} {since:%B %Y}" if since else ""


def moved_platform(slug: str, name: str, *more: str) -> HttpResponse:
    """To where a platform stands now that had this slug once; Http404 where none had."""
    former = FormerSlug.objects.filter(slug=slug).select_related("platform").first()
    if former is None:
        raise Http404("no such platform")
    return HttpResponsePermanentRedirect(reverse(name, args=[former.platform.slug, *more]))


def _documents(platform: Platform) -> list[DocumentRow]:
    documents = list(
        Document.objects.public().shown().filter(platform=platform).select_related("platform", "head__released")
    )
    incidents = Incident.objects.hindering(documents)
    versions = dict(
        Version.objects.released()
        .filter(document__in=documents)
        .values_list("document")
        .annotate(Count("pk"))
        .values_list("document", "pk__count")
    )
    changed = dict(
        Change.objects.worth_showing()
        .filter(document__in=documents)
        .values_list("document")
        .annotate(Max("observed_at"))
        .values_list("document", "observed_at__max")
    )
    heads = {document.pk: head_of(document) for document in documents}
    seen = confirmed(head.released_id for head in heads.values() if head)
    return [
        DocumentRow(
            name=document.title,
            href=document_url(document),
            kind=crumbs.kind_words(document.kind),
            audience=f"for {document.get_audience_display()}" if document.audience else "",
            versions=versions.get(document.pk, 0),
            changed_at=changed.get(document.pk),
            health=no_longer_read(document)
            or health(head, incidents[document.pk], seen.get(head.released_id) if head and head.released_id else None),
        )
        for document in documents
        for head in [heads[document.pk]]
    ]


def _pulse(platform: Platform) -> Pulse | None:
    today = clock.now().date()
    recent = Change.objects.worth_showing().of_platform(platform).filter(observed_at__date__gte=first_month(today))
    return pulse(recent.values_list("observed_at", "significance"), today)


def _topics(platform: Platform) -> list[dict[str, object]]:
    """Published findings by topic, in the taxonomy's order."""
    findings = (
        Finding.objects.published()
        .filter(provision__document__platform=platform)
        .select_related("published", "provision__type__topic", "provision__document__platform")
        .order_by("provision__type__topic__position", "provision__type__position", "pk")
    )
    topics: dict[str, list[FindingRow]] = defaultdict(list)
    for finding in findings:
        topics[finding.provision.type.topic.name].append(finding_row(finding))
    return [{"name": name, "findings": rows} for name, rows in topics.items()]
