"""Small words and shapes that templates need: short hashes, relative times, navigation, the width of a drawn bar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from accounts import permissions
from accounts.models import Membership
from accounts.permissions import Permission
from atlas.kernel import clock

register = template.Library()

SHORT_HASH = 8
BAR_WIDTH = 100


@register.simple_tag(takes_context=True)
def nav_link(context: dict[str, Any], name: str, words: str) -> str | SafeString:
    """A link of the navigation, marked as current below its address; nothing where this surface has no such page."""
    try:
        href = reverse(name)
    except NoReverseMatch:
        return ""
    request = context.get("request")
    current = bool(request and request.path.startswith(href))
    return format_html(
        '<li><a href="{}"{}>{}</a></li>', href, SafeString(' aria-current="page"') if current else "", words
    )


@register.filter
def may(membership: Membership | None, permission: str) -> bool:
    """Does this member's role allow it? The words are those of accounts.permissions.Permission; another is an error."""
    return membership is not None and permissions.may(membership, Permission(permission))


@register.filter
def short_hash(digest: str | bytes | memoryview | None) -> str:
    """The first eight hex digits of a SHA-256, as it stands in evidence lines."""
    if not digest:
        return ""
    return (digest if isinstance(digest, str) else bytes(digest).hex())[:SHORT_HASH]


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago a moment is, in its largest unit: ``3 days ago``, ``in 2 hours``, ``just now``."""
    if moment is None:
        return ""
    now = clock.now()
    if abs((now - moment).total_seconds()) < 60:
        return "just now"
    if moment > now:
        return f"in {timesince(now, moment, depth=1)}"
    return f"{timesince(moment, now, depth=1)} ago"


@register.filter
def share_of(part: int | None, whole: int | None) -> int:
    """``part`` as a width between 0 and 100 of ``whole``; anything above nothing is at least visible."""
    if not part or not whole:
        return 0
    return max(2, min(BAR_WIDTH, round(BAR_WIDTH * part / whole)))
