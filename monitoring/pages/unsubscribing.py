"""The link in every mail by which a kind of mail is stopped, without signing in (RFC 8058)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import tenancy
from accounts.access import outside_scope
from monitoring.alerts import unsubscribing
from monitoring.alerts.errors import InvalidToken


@outside_scope
@csrf_exempt  # the token is the right to do it: mail programs post without a cookie
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, since mail scanners open every link: a button posts."""
    try:
        subscription = unsubscribing.read_token(token)
    except InvalidToken as error:
        raise Http404(str(error)) from error
    if request.method == "POST":
        with tenancy.scope(subscription.organization_id):
            unsubscribing.unsubscribe(subscription)
    return render(
        request, "pages/unsubscribe.html", {"kind": subscription.kind.label, "done": request.method == "POST"}
    )
