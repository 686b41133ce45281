"""The addresses of the public pages, and of the link in mails that needs no sign-in."""

from __future__ import annotations

from django.urls import path, register_converter

from atlas.kernel.ids import type_id_converter
from monitoring.pages import (
    changes,
    comparisons,
    documents,
    home,
    machines,
    platforms,
    provisions,
    requests,
    statements,
    unsubscribing,
    versions,
)

register_converter(type_id_converter("ver"), "ver")
register_converter(type_id_converter("chg"), "chg")
register_converter(type_id_converter("prv"), "prv")

app_name = "pages"

urlpatterns = [
    path("", home.home, name="home"),
    path("robots.txt", machines.robots, name="robots"),
    path("favicon.ico", machines.favicon, name="favicon"),
    path("platforms/", platforms.platforms, name="platforms"),
    path("platforms/<slug:slug>/", platforms.platform, name="platform"),
    path("platforms/<slug:platform>/<slug:slug>/", documents.document, name="document"),
    path("platforms/<slug:platform>/<slug:slug>/compare/", comparisons.comparison, name="compare"),
    path("v/<ver:public_id>/", versions.version, name="version"),
    path("v/<ver:public_id>/text", versions.version_text, name="version-text"),
    path("c/<chg:public_id>/", changes.change, name="change"),
    path("p/<prv:public_id>/", provisions.provision, name="provision-short"),
    path("p/<prv:public_id>/<slug:words>/", provisions.provision, name="provision"),
    path("requests/", requests.requests, name="requests"),
    path("changes/", changes.changes, name="changes"),
    path("pricing/", statements.pricing, name="pricing"),
    path("methodology/", statements.methodology, name="methodology"),
    path("about/", statements.about, name="about"),
    path("unsubscribe/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
]
