"""Signing in by way of another service, for those that the settings name.

An account is found by the service's own id of its user and by nothing else. An address that a service tells is proof of
nothing unless the service is one that checks it, and even then it links no account that is there: its owner signs in and
connects the service. What allauth asks of services leaves through the one door (atlas.kernel.egress).
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from allauth.socialaccount.models import SocialApp, SocialLogin
from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import render
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from atlas.kernel import egress

LIMITS = egress.Limits(seconds=15, connect_seconds=5, read_seconds=10, body_bytes=1024 * 1024, redirects=0)
SENT = ("accept", "authorization", "content-type")
CHECKING = {"google", "github"}
"""Services that tell of an address whether they have checked it. Microsoft's may be any that an administrator typed."""


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """What allauth asks of us about other services."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The registrations that the settings hold; allauth's table of them is not used, and not asked."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> SocialApp:
        """The registration that the settings hold; Http404 for a service that they don't name."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as missing:
            raise Http404(f"{provider} is not configured") from missing

    def get_requests_session(self) -> requests.Session:
        """A session that can only go through the door."""
        session = requests.Session()
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, Door(self.request))
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Believe no address that wasn't checked, and no answer that speaks of two users."""
        service, told = sociallogin.account.provider, sociallogin.account.extra_data
        if {"userinfo", "id_token"} <= told.keys() and told["userinfo"].get("sub") != told["id_token"].get("sub"):
            raise ImmediateHttpResponse(failure(request))
        if service not in CHECKING and not (service == "oidc" and settings.OIDC_TRUST_EMAIL):
            for address in sociallogin.email_addresses:
                address.verified = False


class Door(BaseAdapter):
    """The only transport of a session that allauth is given."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__()
        self._request = request

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Ask through egress. What goes wrong on the way is told to the person on a page of its own."""
        headers = {name: str(value) for name in SENT if (value := request.headers.get(name))}
        body = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            with egress.session() as door:
                if request.method == "POST":
                    found = door.post(
                        str(request.url),
                        content=body if isinstance(body, bytes) else b"",
                        headers=headers,
                        limits=LIMITS,
                    )
                else:
                    found = door.get(str(request.url), headers=headers, limits=LIMITS)
        except egress.EgressError as error:
            raise ImmediateHttpResponse(failure(self._request)) from error
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = found.status, found.final_url, request
        answer.headers, answer.encoding = CaseInsensitiveDict(found.headers), found.charset or "utf-8"
        answer.raw = BytesIO(found.body)
        return answer

    def close(self) -> None:
        """Each request has a door of its own."""


def failure(request: HttpRequest) -> Any:
    """The page that says that the other service couldn't be asked, or answered what can't be used."""
    return render(request, "socialaccount/authentication_error.html", status=502)
