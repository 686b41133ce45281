"""How many requests a minute: few for everybody together at one address, more for a key, by its organization's plan.

Counted in the cache, which may be lost: then nobody is turned away. Every answer says where one stands, in the fields of
draft-ietf-httpapi-ratelimit-headers-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import ApiKey
from accounts.plans import FREE

if TYPE_CHECKING:  # DRF's views ask the settings for this module
    from rest_framework.views import APIView

MINUTE = 60


class PerMinute(SimpleRateThrottle):
    """`public` by address without a key; `key` by key."""

    scope = "public"
    rate = f"{FREE.requests_per_minute}/min"

    def allow_request(self, request: Request, view: APIView) -> bool:
        if isinstance(request.auth, ApiKey):
            self.scope = "key"
            self.num_requests = request.auth.organization.entitlement.plan.requests_per_minute
        allowed = super().allow_request(request, view)
        history: list[float] = self.history
        reset = math.ceil(history[-1] + MINUTE - self.now) if history else MINUTE
        request._request.rate = (self.scope, self.num_requests, max(0, self.num_requests - len(history)), reset)  # type: ignore[attr-defined]
        return bool(allowed)

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = str(request.auth.pk) if isinstance(request.auth, ApiKey) else self.get_ident(request)
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


def says_the_rate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Add RateLimit-Policy (q requests in w seconds) and RateLimit (r left, the window ends in t seconds)."""

    @wraps(view)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if hasattr(request, "rate"):
            name, quota, left, reset = request.rate
            response.headers["RateLimit-Policy"] = f'"{name}";q={quota};w={MINUTE}'
            response.headers["RateLimit"] = f'"{name}";r={left};t={reset}'
        return response

    return telling
