"""One version: the text, its outline, and the evidence behind it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import GatedRequest, public_page
from atlas.kernel import ids
from monitoring.archive.models import LedgerEntry, Sighting, Version
from monitoring.archive.texts import text_of
from monitoring.changes.models import Change
from monitoring.findings.models import Excerpt, FindingState
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.rows import change_url, version_url
from monitoring.showing.blocks import ShownBlock, shown_blocks

OUTLINE_DEPTH = 3


@public_page
def version(request: GatedRequest, public_id: UUID) -> HttpResponse:
    return version_page(request, public_id)


@public_page
def version_text(request: GatedRequest, public_id: UUID) -> HttpResponse:
    """The canonical text alone, in UTF-8: its SHA-256 is the one on the evidence card."""
    found = _version(request, public_id)
    response = HttpResponse(text_of(found).text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{found.typeid}.txt"'
    return response


def version_page(request: GatedRequest, public_id: UUID, asked_day: date | None = None) -> HttpResponse:
    """The page of one version; `asked_day` when it is shown as the text of that day."""
    found = _version(request, public_id)
    document = found.document
    text = text_of(found)
    marked = _marked(request.GET.get("mark", ""), found)
    blocks = shown_blocks(text, (marked.start, marked.end) if marked else None)
    followers = Version.objects.viewable_by(request.user).filter(document=document, observed_at__gt=found.observed_at)
    newer = followers.order_by("-observed_at").first()
    change = Change.objects.viewable_by(request.user).filter(new=found).first()
    context = {
        "document": document,
        "version": found,
        "crumbs": crumbs.to_document(document, itself=True),
        "facts": crumbs.facts(document),
        "blocks": blocks,
        "outline": _outline(blocks),
        "evidence": _evidence(found),
        "marked": marked,
        "asked_day": asked_day,
        "address": version_url(found),
        "newer": {"href": version_url(newer), "at": newer.observed_at} if newer else None,
        "change": {"href": change_url(change)} if change else None,
        "attribution": attribution([document.provenance_source]),
    }
    return render(request, "pages/version.html", context)


def _version(request: GatedRequest, public_id: UUID) -> Version:
    found = (
        Version.objects.viewable_by(request.user)
        .filter(public_id=public_id)
        .select_related("document__platform", "extracted")
        .first()
    )
    if found is None:
        raise Http404("no such version")
    return found


def _marked(name: str, version: Version) -> Excerpt | None:
    """The quotation of a published finding that the reader came from."""
    try:
        public_id = ids.decode(Excerpt.PREFIX, name)
    except ids.InvalidId:
        return None
    published = Excerpt.objects.filter(revision__finding__state=FindingState.PUBLISHED)
    return published.filter(public_id=public_id, version=version).first()


def _outline(blocks: list[ShownBlock]) -> list[ShownBlock]:
    return [block for block in blocks if block.kind == "heading" and block.level <= OUTLINE_DEPTH]


def _evidence(version: Version) -> dict[str, object]:
    readings = version.readings.select_related("snapshot__upload").order_by("position")
    sightings = list(Sighting.objects.filter(version=version))
    entry = LedgerEntry.objects.filter(kind="version", subject=version.typeid).only("pk").first()
    return {
        "sources": [
            {
                "url": reading.snapshot.url,
                "final_url": reading.snapshot.final_url,
                "status": reading.snapshot.status,
                "captured_at": reading.snapshot.observed_at,
                "sha256": reading.snapshot.payload_id,
                "upload": reading.snapshot.upload,
            }
            for reading in readings
        ],
        "text_sha256": version.text_sha256,
        "stood_from": min((sighting.first_at for sighting in sightings), default=None),
        "stood_until": max((sighting.last_at for sighting in sightings), default=None),
        "checks": sum(sighting.checks for sighting in sightings),
        "ledger": entry.pk if entry else None,
        "cause": version.get_cause_display(),
        "extractor": version.extractor,
        "form": version.form,
        "text_url": reverse("pages:version-text", args=[version.typeid]),
    }
