"""One provision: what a document says on one subject, and what that means."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from accounts.access import GatedRequest, public_page
from atlas.kernel import clock
from monitoring.alerts import inbox
from monitoring.archive.models import Version
from monitoring.changes.models import Change
from monitoring.findings.models import Excerpt, Finding, FindingRevision
from monitoring.findings.standing import standing
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.following import follow_state
from monitoring.pages.rows import change_row, finding_row, provision_url, provision_words, quotation, worse

NEWEST = 10
OTHERS = 5


@public_page
def provision(request: GatedRequest, public_id: UUID, words: str = "") -> HttpResponse:
    finding = (
        Finding.objects.published()
        .filter(provision__public_id=public_id, provision__document__organization=None)
        .select_related(
            "published",
            "provision__type__topic",
            "provision__document__platform",
            "provision__document__head__released__extracted",
        )
        .first()
    )
    if finding is None or finding.published is None:
        raise Http404("no such provision")
    about = finding.provision
    if words != provision_words(about):
        return HttpResponsePermanentRedirect(provision_url(about))
    if request.membership:
        inbox.mark_finding_read(membership=request.membership, finding=finding, moment=clock.now())
    document, revision = about.document, finding.published
    excerpts = list(revision.excerpts.select_related("version"))
    changes = Change.objects.worth_showing().filter(document=document).newest_first()
    context = {
        "finding": revision,
        "platform": document.platform,
        "severity": worse(revision.severity_person, revision.severity_organization),
        "crumbs": [*crumbs.to_document(document, itself=True)],
        "topic": about.type,
        "excerpts": [quotation(excerpt, document) for excerpt in excerpts],
        "changes": [change_row(change) for change in changes.select_related("document__platform")[:NEWEST]],
        "follow": follow_state(request, document.platform),
        "revisions": _revisions(finding),
        "others": _others(finding),
        "citation": _citation(finding, revision),
        "attribution": attribution([document.provenance_source]),
        **_confirmation(document.head.released, excerpts),
    }
    return render(request, "pages/provision.html", context)


def _confirmation(released: Version | None, excerpts: list[Excerpt]) -> dict[str, object]:
    """When the quoted words were last seen in the document, and since when they no longer stand there."""
    if released is None or not excerpts:
        return {}
    found = standing(excerpts, released)
    return {"confirmed_at": found.confirmed_at, "gone_at": found.gone_at}


def _revisions(finding: Finding) -> list[FindingRevision]:
    return list(finding.revisions.filter(published_at__isnull=False).order_by("-number"))


def _others(finding: Finding) -> list[dict[str, str]]:
    """Other published findings on the same document."""
    found = (
        Finding.objects.published()
        .filter(provision__document=finding.provision.document)
        .exclude(pk=finding.pk)
        .select_related("published", "provision__type", "provision__document__platform")
        .order_by("provision__type__position", "pk")[:OTHERS]
    )
    return [{"href": row.href, "headline": row.headline} for row in map(finding_row, found)]


def _citation(finding: Finding, revision: FindingRevision) -> str:
    document = finding.provision.document
    moment = revision.published_at or finding.created_at
    return (
        f"ConductAtlas, “{revision.headline}”, finding of {moment.day} {moment:%B %Y} on {document.platform.name}, "
        f"{document.title}, revision {revision.number}, {settings.BASE_URL}{provision_url(finding.provision)}"
    )
