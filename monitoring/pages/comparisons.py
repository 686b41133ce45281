"""Any two versions of one document, compared."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import GatedRequest, public_page
from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document
from monitoring.diffing import DIFFER, Comparison, compare
from monitoring.extraction import ExtractedText
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.documents import document_of
from monitoring.pages.platforms import moved_platform
from monitoring.pages.rows import version_url
from monitoring.showing.reading import read
from monitoring.showing.sides import view_of

BUDGET = 2_000_000  # steps: a visitor's page may not take seconds; past it whole blocks are compared
KEPT = 7 * 24 * 3600  # seconds


@public_page
def comparison(request: GatedRequest, platform: str, slug: str) -> HttpResponse:
    document = document_of(platform, slug)
    if document is None:
        return moved_platform(platform, "pages:compare", slug)
    versions = list(Version.objects.released().of(document).only("pk", "public_id", "observed_at"))
    by_ref = {version.typeid: version for version in versions}
    from_ref = request.GET.get("from") or (versions[1].typeid if len(versions) > 1 else "")
    to_ref = request.GET.get("to") or (versions[0].typeid if versions else "")
    pair = (by_ref.get(from_ref), by_ref.get(to_ref))
    context: dict[str, object] = {
        "document": document,
        "crumbs": crumbs.to_document(document, itself=True),
        "choices": [{"ref": version.typeid, "at": version.observed_at} for version in versions],
        "from_ref": from_ref,
        "to_ref": to_ref,
        "attribution": attribution([document.provenance_source]),
        "view": view_of(request),
    }
    if pair[0] is None or pair[1] is None:
        context["problem"] = "This document has no such version, or it isn’t public. Pick two of the list."
        return render(request, "pages/compare.html", context, status=404)
    return render(request, "pages/compare.html", context | _compared(document, pair[0], pair[1]))


def _compared(document: Document, old: Version, new: Version) -> dict[str, object]:
    texts = {
        version.pk: text_of(version)
        for version in Version.objects.filter(document=document, pk__in=[old.pk, new.pk]).select_related("extracted")
    }
    before, after = texts[old.pk], texts[new.pk]
    found = _comparison(before, after)
    return {
        "comparison": {
            "significance": str(found.significance),
            "from_url": version_url(old),
            "to_url": version_url(new),
            "from_at": old.observed_at,
            "to_at": new.observed_at,
            "words_added": found.words_added,
            "words_removed": found.words_removed,
        },
        "reading": read(before, after, found),
    }


def _comparison(old: ExtractedText, new: ExtractedText) -> Comparison:
    """Computed once in a while; without the cache each time."""
    key = f"comparison:{DIFFER}:{BUDGET}:{old.sha256}:{new.sha256}"
    kept = cache.get(key)
    if kept is not None:
        return Comparison.loads(kept)
    found = compare(old, new, budget=BUDGET)
    cache.set(key, found.dumps(), KEPT)
    return found
