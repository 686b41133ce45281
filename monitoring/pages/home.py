"""The home page."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import GatedRequest, public_page
from accounts.plans import PLANS
from atlas.kernel import clock
from monitoring.archive.models import Version
from monitoring.catalogue.models import Document, Platform
from monitoring.changes.models import Change, Significance
from monitoring.findings.models import Excerpt, FindingState
from monitoring.pages.attribution import attribution
from monitoring.pages.rows import change_row, provision_url, quotation
from monitoring.pages.statements import plan_line

NEWEST = 5
WEEK = timedelta(days=7)


@public_page
def home(request: GatedRequest) -> HttpResponse:
    shown = Change.objects.worth_showing()
    newest = (
        shown.filter(significance=Significance.SUBSTANTIVE).newest_first().select_related("document__platform")[:NEWEST]
    )
    context = {
        "figures": {
            "platforms": Platform.objects.listed().count(),
            "documents": Document.objects.public().listed().count(),
            "versions": Version.objects.released().count(),
            "changes_of_week": shown.filter(observed_at__gte=clock.now() - WEEK).count(),
        },
        "changes": [change_row(change) for change in newest],
        "attribution": attribution(change.document.provenance_source for change in newest),
        "example": _example(),
        "plans": [{"name": plan.name, "line": plan_line(plan)} for plan in PLANS.values()],
    }
    return render(request, "pages/home.html", context)


def _example() -> dict[str, object] | None:
    """The newest published finding, with its first excerpt."""
    excerpt = (
        Excerpt.objects.filter(
            revision__finding__state=FindingState.PUBLISHED, revision__finding__published=F("revision")
        )
        .select_related(
            "version", "revision__finding__provision__type", "revision__finding__provision__document__platform"
        )
        .order_by("-revision__finding__published_at", "position")
        .first()
    )
    if excerpt is None:
        return None
    provision = excerpt.revision.finding.provision
    return {
        "headline": excerpt.revision.headline,
        "quotation": quotation(excerpt, provision.document),
        "href": provision_url(provision),
    }
