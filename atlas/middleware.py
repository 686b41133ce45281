"""The Content-Security-Policy by path: the site allows nothing inline, the admin's theme can't do without."""

from __future__ import annotations

from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp, with more rights for the two surfaces that need them and only there."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            self._extend(response, settings.ADMIN_CONTENT_SECURITY_POLICY)
        elif request.path.startswith("/api/docs/"):
            self._extend(response, settings.API_DOCS_CONTENT_SECURITY_POLICY)
        return super().process_response(request, response)

    @staticmethod
    def _extend(response: Any, directives: dict[str, list[object]]) -> None:
        if getattr(response, "_csp_replace", None) is None:
            response._csp_replace = dict(directives)
