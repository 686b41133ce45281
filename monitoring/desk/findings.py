"""Findings by what is to be done with them, and one finding with its revisions."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document
from monitoring.desk.access import ANALYSTS, EVERYBODY, DeskRequest, desk_page, may
from monitoring.desk.showing import page, public_address, query
from monitoring.findings import services
from monitoring.findings.errors import FindingRefused
from monitoring.findings.models import ENDED, Excerpt, Finding, FindingRevision, FindingState

PAGE = 40
ENDED_SHOWN = 10
OF = ("finding__provision__type", "finding__provision__document__platform", "author")
ACTIONS = ("submit", "publish", "send_back", "retract")
SAID = {
    "submit": "Submitted: a second person publishes it.",
    "publish": "Published: its page is public, and those who follow the platform are told.",
    "send_back": "Sent back with your note.",
    "retract": "Retracted: its page is taken down, the reason is kept.",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quotation, whether it stands in its version character for character, and whether that is public."""

    excerpt: Excerpt
    stands: bool
    public: bool


@desk_page(*EVERYBODY)
def findings(request: DeskRequest) -> HttpResponse:
    revisions = FindingRevision.objects.select_related(*OF)
    about = ("published__author", "published__reviewer", "provision__type", "provision__document__platform")
    published = Finding.objects.published().select_related(*about).order_by("-published_at", "-pk")
    ended = Finding.objects.filter(state__in=ENDED, published__isnull=False).select_related(*about).order_by("-pk")
    return page(
        request,
        "desk/findings.html",
        "Findings",
        in_review=revisions.in_review(),
        drafts=revisions.drafts(),
        published=Paginator(published, PAGE).get_page(request.GET.get("page")),
        ended=ended[:ENDED_SHOWN],
        may_write=may(request.user, ANALYSTS),
    )


@desk_page(*ANALYSTS)
def documents(request: DeskRequest) -> HttpResponse:
    """Where a new finding begins: the documents that were read."""
    sought = request.GET.get("q", "").strip()
    found = Document.objects.public().listed().filter(head__isnull=False).select_related("platform", "head__latest")
    if sought:
        found = found.filter(Q(title__icontains=sought) | Q(platform__name__icontains=sought))
    rows = Paginator(found.order_by("platform__sort_key", "title", "pk"), PAGE).get_page(request.GET.get("page"))
    return page(request, "desk/documents.html", "Documents", rows=rows, sought=sought, query=query(q=sought))


@desk_page(*EVERYBODY, acting=ANALYSTS)
def finding(request: DeskRequest, public_id: UUID) -> HttpResponse:
    found = (
        Finding.objects.filter(public_id=public_id, provision__document__organization=None)
        .select_related("provision__type__topic", "provision__document__platform", "retracted_by")
        .first()
    )
    if found is None:
        raise Http404("no such finding")
    if request.method != "POST":
        return _show(request, found)
    action = request.POST.get("action", "")
    if action not in ACTIONS:
        return _show(request, found, status=400)
    try:
        with transaction.atomic():
            _act(request, found, action)
    except FindingRefused as error:
        return _show(request, found, refusal=str(error), status=409)
    messages.success(request, SAID[action])
    return redirect("admin:desk-finding", found.typeid)


def _act(request: DeskRequest, found: Finding, action: str) -> None:
    sent = request.POST
    read = int(sent["read"]) if sent.get("read", "").isdigit() else None
    if action == "submit":
        services.submit_for_review(finding=found)
    elif action == "publish":
        pipeline.publish_finding(finding=found, reviewer=request.user, moment=clock.now(), read=read)
    elif action == "send_back":
        services.send_back(finding=found, note=sent.get("note", ""), read=read)
    else:
        services.retract(finding=found, by=request.user, because=sent.get("because", ""), moment=clock.now())


def _show(request: DeskRequest, found: Finding, *, refusal: str = "", status: int = 200) -> HttpResponse:
    revisions = list(found.revisions.select_related("author", "reviewer").order_by("-number"))
    newest = revisions[0]
    waits = newest.published_at is None and found.state not in ENDED
    writes, own = may(request.user, ANALYSTS), newest.author_id == request.user.pk
    in_review = waits and newest.submitted_at is not None
    return page(
        request,
        "desk/finding.html",
        f"{found.provision.document.platform.name}: {found.provision.type.name}",
        status=status,
        finding=found,
        revision=newest,
        evidence=_evidence(newest),
        earlier=revisions[1:],
        in_review=in_review,
        may_revise=writes and found.state not in ENDED,
        may_submit=writes and waits and newest.submitted_at is None,
        may_publish=writes and in_review and not own,
        waits_for_another=in_review and own,
        may_retract=writes and found.state == FindingState.PUBLISHED,
        public_url=public_address("provision-short", found.provision.typeid)
        if found.state == FindingState.PUBLISHED
        else "",
        refusal=refusal,
        note=request.POST.get("note", ""),
        because=request.POST.get("because", ""),
    )


def _evidence(revision: FindingRevision) -> list[Evidence]:
    excerpts = list(revision.excerpts.select_related("version__extracted"))
    public = set(Version.objects.released().filter(excerpts__in=excerpts).values_list("pk", flat=True))
    return [
        Evidence(
            excerpt,
            text_of(excerpt.version).text[excerpt.start : excerpt.end] == excerpt.exact,
            excerpt.version_id in public,
        )
        for excerpt in excerpts
    ]
