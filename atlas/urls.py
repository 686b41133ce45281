"""All addresses. Each room names its own; a test lists every route with its gate."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from accounts import desk
from atlas import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("accounts/", include("allauth.urls")),  # staff sign in where everybody does: the same limits hold for them
]
if settings.SURFACE in {"all", "staff"}:
    urlpatterns += [path("admin/look-into/", desk.view, name="look-into"), path("admin/", admin.site.urls)]
if settings.SURFACE in {"all", "site"}:
    urlpatterns += [
        path("", include("monitoring.pages.urls_members")),
        path("", include("monitoring.pages.urls")),
        path("api/", include("monitoring.api.urls")),
    ]
