"""Which platforms are read. Their facts come from the catalogue's files; whether we read them is an operator's word."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from atlas.kernel import doorbells
from monitoring.archive import scheduling
from monitoring.catalogue.models import Platform
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.hosts import READ_DUE
from monitoring.desk.showing import page, public_address, query

PAGE = 60


@desk_page(*EVERYBODY, acting=OPERATORS)
def platforms(request: DeskRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    sought = request.GET.get("q", "").strip()
    standing = Q(documents__retired_at__isnull=True, documents__organization__isnull=True)
    found = Platform.objects.listed().annotate(
        texts=Count("documents", filter=standing),
        read=Count("documents", filter=standing & Q(documents__head__isnull=False)),
    )
    if sought:
        found = found.filter(Q(name__icontains=sought) | Q(company__icontains=sought))
    rows = Paginator(found.order_by("-enabled", "sort_key"), PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "desk/platforms.html",
        "Platforms",
        rows=rows,
        shown=[(platform, public_address("platform", platform.slug)) for platform in rows],
        sought=sought,
        query=query(q=sought),
        may_operate=may(request.user, OPERATORS),
    )


@desk_page(*EVERYBODY)
def documents(request: DeskRequest, slug: str) -> HttpResponse:
    """The documents of one platform, each with the page on which its reading is written and tried."""
    platform = get_object_or_404(Platform.objects.listed(), slug=slug)
    found = platform.documents.public().listed().select_related("head").filter(declarations__isnull=False)
    return page(
        request,
        "desk/platform.html",
        platform.name,
        platform=platform,
        documents=found.annotate(number=Max("declarations__number")),
        address=public_address("platform", platform.slug),
    )


def _act(request: DeskRequest) -> HttpResponse:
    """Begin or end to read a platform."""
    platform = get_object_or_404(Platform.objects.listed(), slug=request.POST.get("platform", ""))
    enabled = request.POST.get("action") == "enable"
    scheduling.set_reading(platform=platform, enabled=enabled)
    if enabled:
        doorbells.ring(READ_DUE)
        messages.success(request, f"{platform.name} is read from now on, one request at a time.")
    else:
        messages.success(request, f"{platform.name} is no longer read; what was read stays.")
    return redirect("admin:desk-platforms")
