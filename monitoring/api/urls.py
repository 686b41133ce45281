"""The addresses of the API and of its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.access import machine_page
from atlas.kernel.ids import type_id_converter
from monitoring.api import openapi, views, watchlist
from monitoring.api.throttling import says_the_rate

register_converter(type_id_converter("doc"), "doc")

app_name = "api"
__all__ = ["app_name", "openapi", "urlpatterns"]  # the schema knows an extension once its module is imported


def api(view: type[Any], **options: Any) -> Callable[..., Any]:
    """As a view behind the gate of machines: no session; with a key in its organization's scope, else with no tenant."""
    return machine_page(says_the_rate(view.as_view(**options)))


urlpatterns = [
    path("v1/platforms/", api(views.PlatformList), name="platforms"),
    path("v1/platforms/<slug:slug>/", api(views.PlatformDetail), name="platform"),
    path("v1/documents/", api(views.DocumentList), name="documents"),
    path("v1/documents/<doc:public_id>/", api(views.DocumentDetail), name="document"),
    path("v1/documents/<doc:public_id>/versions/", api(views.DocumentVersions), name="document-versions"),
    path("v1/versions/<ver:public_id>/", api(views.VersionDetail), name="version"),
    path("v1/changes/", api(views.ChangeList), name="changes"),
    path("v1/changes/<chg:public_id>/", api(views.ChangeDetail), name="change"),
    path("v1/watchlist/", api(watchlist.Watchlist), name="watchlist"),
    path("v1/watchlist/<slug:slug>/", api(watchlist.WatchlistEntry), name="watchlist-entry"),
    path("schema/", api(SpectacularAPIView), name="schema"),
    path("docs/", api(SpectacularSwaggerView, url_name="api:schema"), name="docs"),
]
