"""The addresses of the API and of its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import path, register_converter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from accounts.access import outside_scope
from atlas.kernel.ids import type_id_converter
from monitoring.api import views

register_converter(type_id_converter("doc"), "doc")

app_name = "api"


def public(view: type[Any], **options: Any) -> Callable[..., Any]:
    """As a view behind the gate's "outside": no session, no tenant."""
    return outside_scope(view.as_view(**options))


urlpatterns = [
    path("v1/platforms/", public(views.PlatformList), name="platforms"),
    path("v1/platforms/<slug:slug>/", public(views.PlatformDetail), name="platform"),
    path("v1/documents/", public(views.DocumentList), name="documents"),
    path("v1/documents/<doc:public_id>/", public(views.DocumentDetail), name="document"),
    path("v1/documents/<doc:public_id>/versions/", public(views.DocumentVersions), name="document-versions"),
    path("v1/versions/<ver:public_id>/", public(views.VersionDetail), name="version"),
    path("v1/changes/", public(views.ChangeList), name="changes"),
    path("v1/changes/<chg:public_id>/", public(views.ChangeDetail), name="change"),
    path("schema/", public(SpectacularAPIView), name="schema"),
    path("docs/", public(SpectacularSwaggerView, url_name="api:schema"), name="docs"),
]
