"""Signing in by way of another service, for those that the settings name."""

from __future__ import annotations

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.http import Http404, HttpRequest


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks of us about other services."""

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The registration that the settings hold; Http404 for a service that they don't name."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as missing:
            raise Http404(f"{provider} is not configured") from missing
