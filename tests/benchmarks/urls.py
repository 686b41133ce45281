"""Our addresses and an empty page, which goes through the same middleware and does nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.access import outside_scope
from atlas.urls import urlpatterns as ours


@outside_scope
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"")


urlpatterns = [path("empty/", empty), *ours]
