"""The page behind the link of an invitation: for whoever holds it, signed in or not."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import invitations, lockout
from accounts.access import SESSION_KEY, outside_scope
from accounts.errors import AccountsError, AlreadyMember, OtherAddress
from accounts.invitations import Found
from accounts.lockout import Kind
from accounts.models import Invitation, User
from atlas.kernel import clock


@outside_scope
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, since mail scanners open every link: a button posts."""
    found = invitations.find(token)
    if found is None:
        if not lockout.take(Kind.INVITATION_FROM, lockout.network_of(request)):
            return render(request, "429.html", status=HTTPStatus.TOO_MANY_REQUESTS)
        raise Http404("no such invitation")
    user = request.user if request.user.is_authenticated else None
    if request.method == "POST" and user is not None:
        return _use(request, found, user)
    with invitations.opened(found, user) as offered:
        return render(request, "members/invitation.html", _context(request, offered, user))


def _use(request: HttpRequest, found: Found, user: User) -> HttpResponse:
    try:
        with invitations.opened(found, user) as offered:
            name = offered.organization.name
            if "ask" in request.POST:
                invitations.ask(invitation=offered, user=user)
                messages.success(request, f"{offered.invited_by.get_short_name()} is asked, and sees your address.")
                return redirect(request.path)
            invitations.accept(invitation=offered, user=user)
    except AlreadyMember:
        pass
    except OtherAddress:
        return redirect(request.path)  # the page says what can be done
    except AccountsError as refused:
        messages.error(request, str(refused))
        return redirect(request.path)
    request.session[SESSION_KEY] = found.organization_id
    messages.success(request, f"You speak for {name} now.")
    return redirect("dashboard")


def _context(request: HttpRequest, offered: Invitation, user: User | None) -> dict[str, object]:
    void = ""
    try:
        invitations.require_open(offered, clock.now())
    except AccountsError as refused:
        void = str(refused)
    return {
        "offered": offered,
        "void": void,
        "for_user": user is not None and invitations.is_for(offered, user),
        "asked": user is not None and offered.asked_by_id == user.pk,
        "here": request.path,
    }
