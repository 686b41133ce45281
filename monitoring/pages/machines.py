"""What browsers and crawlers ask for without being told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.templatetags.static import static

from accounts.access import outside_scope

ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /accounts/
Disallow: /settings/
Disallow: /unsubscribe/
"""


@outside_scope
def robots(request: HttpRequest) -> HttpResponse:
    """RFC 9309: everything that is public may be read."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@outside_scope
def favicon(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect(static("atlas/mark.svg"))
