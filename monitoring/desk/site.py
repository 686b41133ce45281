"""The admin's site: who gets in, where they arrive, and which pages of ours stand beside the registered models."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from unfold.sites import UnfoldAdminSite

from monitoring.desk.access import ANALYSTS, is_staff, may


class DeskSite(UnfoldAdminSite):  # type: ignore[misc]
    """Staff with a role sign in where everybody does, and begin with their own work."""

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The site's own sign-in, with its limits, in place of the admin's form."""
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise PermissionDenied("The desk is for our staff.")
            return redirect(self._next(request))
        return redirect_to_login(self._next(request))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("admin:desk-queue" if may(request.user, ANALYSTS) else "admin:desk-health")

    def extra_urls(self) -> list[URLPattern]:
        from monitoring.desk.urls import urlpatterns

        return urlpatterns

    def _next(self, request: HttpRequest) -> str:
        wanted = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
        return wanted if safe else reverse("admin:index")
