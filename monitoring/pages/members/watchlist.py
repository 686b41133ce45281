"""What the organization follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import permissions
from accounts.access import MemberRequest, member_page
from accounts.permissions import Permission
from accounts.plans import Plan
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from monitoring.pages.members.forms import AddPlatform, Note
from monitoring.pages.rows import ChangeRow, change_row, platform_url
from monitoring.watching import services
from monitoring.watching.errors import WatchingError
from monitoring.watching.models import WatchlistItem


@dataclass(frozen=True, slots=True)
class Row:
    """A followed platform with the newest change of its documents."""

    item: WatchlistItem
    href: str
    change: ChangeRow | None


@member_page()
@require_http_methods(["GET", "POST"])
def watchlist(request: MemberRequest) -> HttpResponse:
    platforms = list(Platform.objects.listed())
    form = AddPlatform(request.POST if request.method == "POST" else None, platforms=platforms)
    if request.method == "POST" and form.is_valid():
        return add(request, form.cleaned_data["platform"])
    return render(request, "members/watchlist.html", _context(request, form, platforms))


@member_page(Permission.WATCH)
@require_POST
def pause(request: MemberRequest, slug: str) -> HttpResponse:
    item = _item(request, slug)
    services.pause(by=request.membership, item=item)
    messages.success(request, f"{item.platform.name} is paused: it stays on the list, and nothing is told about it.")
    return redirect("watchlist")


@member_page(Permission.WATCH)
@require_POST
def resume(request: MemberRequest, slug: str) -> HttpResponse:
    item = _item(request, slug)
    try:
        services.resume(by=request.membership, item=item)
    except WatchingError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You follow {item.platform.name} again.")
    return redirect("watchlist")


@member_page(Permission.WATCH)
@require_POST
def note(request: MemberRequest, slug: str) -> HttpResponse:
    item, form = _item(request, slug), Note(request.POST)
    if form.is_valid():
        services.set_note(by=request.membership, item=item, note=form.cleaned_data["note"])
        messages.success(request, f"The note on {item.platform.name} is saved.")
    else:
        messages.error(request, "A note has at most 300 characters. It was left as it was.")
    return redirect("watchlist")


def add(request: MemberRequest, platform: Platform) -> HttpResponse:
    """Follow what was typed. The page is open to viewers, what it changes isn't."""
    permissions.require(request.membership, Permission.WATCH)
    try:
        services.follow(by=request.membership, platform=platform)
    except WatchingError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You follow {platform.name}.")
    return redirect("watchlist")


def noun(plan: Plan) -> str:
    """What the plan's limit counts."""
    return "platform" if plan.platforms == 1 else "platforms"


def rows_of(request: MemberRequest) -> list[Row]:
    """By name, each with its newest change: two queries for any number of platforms."""
    items = list(
        WatchlistItem.objects.of(request.organization).select_related("platform").order_by("platform__sort_key")
    )
    newest = (
        Change.objects.worth_showing()
        .filter(document__platform__in=[item.platform_id for item in items])
        .select_related("document__platform")
        .order_by("document__platform", "-observed_at", "-pk")
        .distinct("document__platform")
    )
    changes = {change.document.platform_id: change_row(change) for change in newest}
    return [Row(item, platform_url(item.platform), changes.get(item.platform_id)) for item in items]


def _context(request: MemberRequest, form: AddPlatform, platforms: list[Platform]) -> dict[str, Any]:
    rows = rows_of(request)
    listed = {row.item.platform_id for row in rows}
    plan = request.organization.entitlement.plan
    used = sum(row.item.paused_at is None for row in rows)
    return {
        "form": form,
        "rows": rows,
        "plan": plan,
        "used": used,
        "noun": noun(plan),
        "full": not plan.allows_platforms(used + 1),
        "surplus": any(row.item.paused_by_plan for row in rows),
        "can_change": permissions.may(request.membership, Permission.WATCH),
        "names": [platform.name for platform in platforms if platform.pk not in listed],
    }


def _item(request: MemberRequest, slug: str) -> WatchlistItem:
    item = WatchlistItem.objects.of(request.organization).select_related("platform").filter(platform__slug=slug).first()
    if item is None:
        raise Http404("not on the watchlist")
    return item
