"""Platforms that people miss: who wants one too says so, and is told when it comes. Public are the name and the count."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions
from accounts.access import GatedRequest, public_page
from accounts.permissions import Permission
from monitoring.pages.rows import platform_url
from monitoring.watching.models import PlatformRequest, RequestState
from monitoring.watching.requests import voted_by

PAGE = 50
ANSWERED = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A request; `href` leads to the platform that came of it. `voted`: by this reader."""

    request: PlatformRequest
    href: str
    voted: bool


@public_page
@require_safe
def requests(request: GatedRequest) -> HttpResponse:
    member = request.membership
    voted = voted_by(member.user) if member else set()
    page = Paginator(PlatformRequest.objects.open().by_votes(), PAGE).get_page(request.GET.get("page"))
    answered = (
        PlatformRequest.objects.filter(state__in=[RequestState.READ, RequestState.DECLINED])
        .select_related("platform")
        .order_by("-decided_at", "pk")[:ANSWERED]
    )
    context = {
        "crumbs": [("Platforms", reverse("pages:platforms"))],
        "page": page,
        "rows": [_row(each, voted) for each in page],
        "answered": [_row(each, voted) for each in answered],
        "member": member is not None,
        "can_vote": member is not None and permissions.may(member, Permission.WATCH),
    }
    return render(request, "pages/requests.html", context)


def _row(request: PlatformRequest, voted: set[int]) -> Row:
    return Row(request, platform_url(request.platform) if request.platform else "", request.pk in voted)
