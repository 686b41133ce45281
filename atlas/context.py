"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """`membership` is None for visitors and outside of a gated page; `demo` says that this is the demo."""
    return {
        "membership": getattr(request, "membership", None),
        "organization": getattr(request, "organization", None),
        "demo": settings.DEMO,
        "staff_mfa": settings.STAFF_MFA,
        "base_url": settings.BASE_URL,
        "mailcatcher_url": settings.MAILCATCHER_URL,
        "policy_site_url": settings.POLICY_SITE_URL,
    }
