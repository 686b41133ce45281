"""What we hold about a person and an organization: to take along, and to have deleted."""

from __future__ import annotations

from datetime import datetime

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import erasure, services, takeout
from accounts.access import MemberRequest, member_page, signed_in_page
from accounts.errors import AccountsError
from accounts.models import User
from accounts.permissions import Permission
from atlas.kernel import clock


@member_page()
@require_safe
def data(request: MemberRequest) -> HttpResponse:
    return render(request, "members/settings/data.html", {"grace": settings.ACCOUNT_GRACE.days})


@signed_in_page
@require_POST
def export_mine(request: HttpRequest, user: User) -> HttpResponseBase:
    return _download(takeout.of_user(user), "mine")


@member_page(Permission.EXPORT)
@require_POST
def export_organization(request: MemberRequest) -> HttpResponseBase:
    """Exporting it stands in the audit log."""
    services.record(organization=request.organization, actor=request.membership.user, action="organization.exported")
    return _download(takeout.of_organization(request.organization), request.organization.typeid)


@signed_in_page
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest, user: User) -> HttpResponse:
    """Have the account erased after a grace, once the password was given again."""
    refusal = ""
    if request.method == "POST":
        try:
            at = erasure.ask(user=user, moment=clock.now())
        except AccountsError as refused:
            refusal = str(refused)
        else:
            messages.success(request, f"Your account is deleted on {_day(at)}. Until then you can keep it.")
            return redirect("settings-data")
    context = {"refusal": refusal, "grace": settings.ACCOUNT_GRACE.days}
    return render(request, "members/settings/delete_account.html", context)


@signed_in_page
@require_POST
def keep_account(request: HttpRequest, user: User) -> HttpResponse:
    erasure.take_back(user=user)
    messages.success(request, "Your account stays.")
    return redirect("settings-data")


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %B %Y}"


def _download(packed: object, name: str) -> FileResponse:
    today = f"{clock.now():%Y-%m-%d}"
    return FileResponse(packed, as_attachment=True, filename=f"conductatlas-{name}-{today}.zip")
