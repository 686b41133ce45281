"""The list of sessions, and the desk's scope: every page of the admin runs as `atlas_staff`, rendering included."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts import looking, second_step, sessions, tenancy
from accounts.models import User


class SessionSeenMiddleware:
    """Keep the list of a person's sessions true, for a request that looked at its session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        sessions.note_use(request)
        return response


class StaffScopeMiddleware:
    """Let staff without a second step no further than to its setting up; open `staff_scope` around /admin/ for the others,
    with the organization that an operator looks into, and the reason."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith("/admin/") or not getattr(request.user, "is_staff", False):
            return self.get_response(request)
        if second_step.keeps_out(cast(User, request.user)):
            messages.warning(request, "Our staff sign in with a second step. Set one up, then go on to the desk.")
            return redirect("mfa_index")
        if request.path == looking.PATH:
            return self.get_response(request)
        found = looking.current(request)
        organization, reason = (found.organization_id, found.reason) if found else (None, "")
        with tenancy.staff_scope(cast(User, request.user), organization=organization, reason=reason):
            response = self.get_response(request)  # Django renders template responses inside of get_response
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                # Django makes an answer of every error before it gets here: what it interrupted must not be half written.
                transaction.set_rollback(True)
            return response
