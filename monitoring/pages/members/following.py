"""Follow and unfollow, from the button on a platform's pages.

A visitor who presses Follow is sent to sign up with a signed address to come back to. The mark of it also stands in the
visitor's session, which survives sign-up: where both agree the platform is followed at once, otherwise a page asks.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts import permissions
from accounts.access import SECOND_STEP, GatedRequest, MemberRequest, member_page, public_page
from accounts.models import Membership
from accounts.permissions import Permission
from monitoring.catalogue.models import Platform
from monitoring.pages.following import follow_state
from monitoring.watching import services
from monitoring.watching.errors import WatchingError

CAME_FOR = "came_for"  # session: what the page of sign-up says that one wants
INTENT = "follow_intent"  # session: the mark of the last address that was signed for this visitor
SALT = "follow"
MAX_AGE = 24 * 3600


@public_page
@require_http_methods(["GET", "POST"])
def follow(request: GatedRequest, slug: str) -> HttpResponse:
    platform = find(slug)
    if request.membership is None and request.user.is_authenticated:
        return redirect(SECOND_STEP)
    if request.membership is None:
        return redirect(f"{reverse('account_signup')}?{urlencode({'next': _signed_address(request, platform)})}")
    if request.method == "POST" or _meant(request, platform):
        permissions.require(request.membership, Permission.WATCH)
        return _follow(request, request.membership, platform)
    return render(request, "members/follow.html", {"platform": platform, "follow": follow_state(request, platform)})


@member_page(Permission.WATCH)
@require_POST
def unfollow(request: MemberRequest, slug: str) -> HttpResponse:
    platform = get_object_or_404(Platform, slug=slug)  # one that is no longer read can still be let go
    if services.unfollow(by=request.membership, platform=platform):
        messages.success(request, f"You no longer follow {platform.name}.")
    return redirect(back(request, platform))


def find(slug: str) -> Platform:
    platform = Platform.objects.listed().filter(slug=slug).first()
    if platform is None:
        raise Http404("no such platform")
    return platform


def back(request: HttpRequest, platform: Platform) -> str:
    """Where the form was: an address of this site that it names, or the platform's page."""
    named = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(named, allowed_hosts=None) and named.startswith("/"):
        return named
    return reverse("pages:platform", args=[platform.slug])


def _follow(request: GatedRequest, membership: Membership, platform: Platform) -> HttpResponse:
    try:
        services.follow(by=membership, platform=platform)
    except WatchingError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"You follow {platform.name}. {_what_comes(membership)}")
    return redirect(back(request, platform))


def _what_comes(membership: Membership) -> str:
    if membership.organization.entitlement.plan.same_day_alerts:
        return "We write to you on the day on which its terms change."
    return "A digest tells you once a week what changed."


def _signed_address(request: HttpRequest, platform: Platform) -> str:
    request.session[CAME_FOR] = platform.name
    mark = request.session.setdefault(INTENT, secrets.token_urlsafe(12))
    intent = signing.dumps([platform.slug, mark], salt=SALT)
    return f"{reverse('follow', args=[platform.slug])}?{urlencode({'intent': intent})}"


def _meant(request: HttpRequest, platform: Platform) -> bool:
    """Did this very browser press Follow on this platform, less than a day ago? Asked once: the mark is used up."""
    mark = request.session.pop(INTENT, None)
    try:
        signed = signing.loads(request.GET.get("intent", ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return False
    return mark is not None and signed == [platform.slug, mark]
