"""Platforms that members miss, the most wanted first: read now, declined, or the same as another."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from atlas.kernel import clock
from monitoring import pipeline
from monitoring.catalogue.models import Platform
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.showing import page
from monitoring.watching import requests as services
from monitoring.watching.errors import WatchingError
from monitoring.watching.models import PlatformRequest

PAGE = 50


class Unanswered(ValueError):
    """What was posted is no answer; its words say what is missing."""


@desk_page(*EVERYBODY, acting=OPERATORS)
def requests(request: DeskRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    rows = Paginator(PlatformRequest.objects.open().by_votes(), PAGE).get_page(request.GET.get("page"))
    return page(
        request,
        "desk/requests.html",
        "Requests",
        rows=rows,
        platforms=Platform.objects.listed().filter(enabled=True),
        others=PlatformRequest.objects.open().order_by("name", "pk")[:500],
        answered=PlatformRequest.objects.exclude(decided_at=None)
        .select_related("platform", "merged_into")
        .order_by("-decided_at", "pk")[:20],
        may_operate=may(request.user, OPERATORS),
    )


def _act(request: DeskRequest) -> HttpResponse:
    wanted = request.POST.get("request", "")
    asked = get_object_or_404(PlatformRequest.objects.open(), pk=wanted if wanted.isdigit() else None)
    try:
        with transaction.atomic():
            said = _answer(request, asked)
    except (WatchingError, Unanswered) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("admin:desk-requests")


def _answer(request: DeskRequest, asked: PlatformRequest) -> str:
    answer, moment = request.POST.get("answer"), clock.now()
    if answer == "read":
        platform = Platform.objects.listed().filter(slug=request.POST.get("platform", "")).first()
        if platform is None:
            raise Unanswered("Choose the platform that it is read as. Nothing was changed.")
        pipeline.bring_platform(request=asked, platform=platform, operator=request.user, moment=moment)
        return f"{asked.name} is answered: whoever asked for it or voted is told that {platform.name} is read."
    if answer == "merge":
        named = request.POST.get("into", "")
        others = PlatformRequest.objects.open().exclude(pk=asked.pk)
        into = others.filter(pk=named).first() if named.isdigit() else None
        if into is None:
            raise Unanswered("Choose the request that is the same platform. Nothing was changed.")
        services.merge(request=asked, into=into, operator=request.user, moment=moment)
        return f"{asked.name} is the same as {into.name}: its votes went along."
    words = request.POST.get("words", "").strip()[:500]
    if not words:
        raise Unanswered("Say why it is declined: everybody can read it. Nothing was changed.")
    services.decline(request=asked, words=words, operator=request.user, moment=moment)
    return f"{asked.name} is declined, with your reason."
