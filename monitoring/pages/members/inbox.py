"""Every alert and digest that a member was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.access import MemberRequest, member_page
from atlas.kernel import clock, ids
from monitoring.alerts import digests, inbox
from monitoring.alerts.models import Digest, InboxItem
from monitoring.pages.rows import change_line, change_row, change_url, platform_url, provision_url

PER_PAGE = 25
KINDS = ("alerts", "digests")
CHANGE, FINDING, PLATFORM, DIGEST = "Change", "Finding", "Platform", "Digest"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was told. `significance` is empty for findings and digests."""

    typeid: str
    title: str
    href: str
    kind: str
    where: str
    significance: str
    at: datetime
    unread: bool


def entry(item: InboxItem) -> Entry:
    """`item` as inbox.items_of selects it: no further query."""
    if item.digest is not None:
        title = f"Weekly digest to {item.digest.period_end:%-d %B %Y}"
        href = reverse("inbox-digest", args=[item.digest.typeid])
        return Entry(item.digest.typeid, title, href, DIGEST, "", "", item.created_at, item.read_at is None)
    event = item.event
    assert event is not None, "an item tells of an event or of a digest"  # noqa: S101
    told = (item.created_at, item.read_at is None)
    if event.change is not None:
        where = f"{event.platform.name} · {event.change.document.title}"
        change = event.change
        return Entry(event.typeid, change_line(change), change_url(change), CHANGE, where, change.significance, *told)
    if event.request is not None:
        title = f"{event.platform.name}, which you asked for, is read now"
        return Entry(event.typeid, title, platform_url(event.platform), PLATFORM, event.platform.name, "", *told)
    finding = event.finding
    assert finding is not None, "the constraint event_has_its_cause"  # noqa: S101
    assert finding.published is not None, "told when it was published"  # noqa: S101
    where = f"{event.platform.name} · {finding.provision.document.title}"
    return Entry(event.typeid, finding.published.headline, provision_url(finding.provision), FINDING, where, "", *told)


@member_page()
@require_safe
def items(request: MemberRequest) -> HttpResponse:
    chosen = {name: request.GET.get(name, "") for name in ("show", "kind")}
    show, kind = chosen["show"], chosen["kind"]
    told = inbox.items_of(request.membership)
    if show == "unread":
        told = told.filter(read_at=None)
    if kind in KINDS:
        told = told.filter(digest__isnull=kind == "alerts")
    page = Paginator(told, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": [entry(item) for item in page],
        "unread_count": inbox.unread_count(request.membership),
        "show": show,
        "kind": kind,
        "filtered": show == "unread" or kind in KINDS,
        "query": "&".join(
            f"{name}={value}" for name, value in (("show", show), ("kind", kind)) if value in {"unread", *KINDS}
        ),
    }
    return render(request, "members/inbox.html", context)


@member_page()
@require_POST
def read(request: MemberRequest) -> HttpResponse:
    """Mark one item, or all, as read."""
    if "all" in request.POST:
        count = inbox.mark_all_read(membership=request.membership, moment=clock.now())
        messages.success(request, f"{count} marked as read.")
        return redirect("inbox")
    try:
        inbox.mark_read(membership=request.membership, typeid=request.POST.get("id", ""), moment=clock.now())
    except ids.InvalidId as error:
        raise Http404("no such item") from error
    return redirect("dashboard" if request.POST.get("from") == "dashboard" else "inbox")


@member_page()
@require_safe
def digest(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A digest as it was sent; opening it marks it as read."""
    found = Digest.objects.filter(membership=request.membership, public_id=public_id).first()
    if found is None:
        raise Http404("no such digest")
    inbox.mark_read(membership=request.membership, typeid=found.typeid, moment=clock.now())
    contents = digests.contents_of(found)
    context = {
        "digest": found,
        "platforms": contents.platforms,
        "substantive": [change_row(change) for change in contents.substantive],
        "minor": [change_row(change) for change in contents.minor],
        "findings": [
            (finding.published.headline, provision_url(finding.provision))
            for finding in contents.findings
            if finding.published
        ],
    }
    return render(request, "members/digest.html", context)
