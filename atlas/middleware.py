"""The Content-Security-Policy by path, and the log of requests, which holds ids and no secrets."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """The site allows nothing inline, the admin's theme can't do without: django-csp, with more rights for the two
    surfaces that need them and only there."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path.startswith("/admin/"):
            self._extend(response, settings.ADMIN_CONTENT_SECURITY_POLICY)
        elif request.path.startswith("/api/docs/"):
            self._extend(response, settings.API_DOCS_CONTENT_SECURITY_POLICY)
        elif request.path.startswith("/accounts/") and settings.SOCIAL_ORIGINS:
            self._extend(response, {"form-action": [SELF, *settings.SOCIAL_ORIGINS]})
        return super().process_response(request, response)

    @staticmethod
    def _extend(response: Any, directives: dict[str, list[object]]) -> None:
        if getattr(response, "_csp_replace", None) is None:
            response._csp_replace = dict(directives)


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's lines, without what opens something (the keys in links of mails) and without queries."""

    SECRETS = frozenset({"token", "key", "uidb36"})  # names of parts of our addresses, and of allauth's

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        path = request.path
        try:
            parts = resolve(request.path_info).kwargs
        except Resolver404:
            first, rest = path.lstrip("/").partition("/")[::2]
            return f"{request.method} /{first}{'/…' if rest else ''}"
        for name in RequestLogMiddleware.SECRETS & parts.keys():
            path = path.replace(str(parts[name]), "…")
        return f"{request.method} {path}"
