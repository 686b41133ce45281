"""The organization: its plan and name, its audit log, closing it; and opening another one."""

from __future__ import annotations

import csv

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import organizations, permissions, services, takeout
from accounts.access import SESSION_KEY, MemberRequest, member_page, signed_in_page
from accounts.errors import AccountsError
from accounts.models import AuditEntry, Membership, Organization, User
from accounts.permissions import Permission
from atlas.kernel import clock
from monitoring.pages.members import audit, watchlist
from monitoring.pages.members.forms import ClosingName, OrganizationName
from monitoring.watching.models import WatchlistItem

PER_PAGE = 50


@member_page()
@require_http_methods(["GET", "POST"])
def organization(request: MemberRequest) -> HttpResponse:
    form = OrganizationName(request.POST or None, initial={"name": request.organization.name})
    if request.method == "POST":
        permissions.require(request.membership, Permission.RENAME)
        if form.is_valid():
            organizations.rename(membership=request.membership, name=form.cleaned_data["name"])
            messages.success(request, "The organization has its new name.")
            return redirect("settings-organization")
    entitlement = request.organization.entitlement
    context = {
        "form": form,
        "mine": Membership.objects.of(request.membership.user),
        "entitlement": entitlement,
        "plan": entitlement.plan,
        "ended": entitlement.until is not None and entitlement.until <= clock.now(),
        "noun": watchlist.noun(entitlement.plan),
        "used": WatchlistItem.objects.of(request.organization).active().count(),
        "grace": settings.ORGANIZATION_GRACE.days,
    }
    return render(request, "members/settings/organization.html", context)


@signed_in_page
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, user: User) -> HttpResponse:
    """Open another organization, and speak for it from then on."""
    form = OrganizationName(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            opened = organizations.open_another(user=user, name=form.cleaned_data["name"])
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            request.session[SESSION_KEY] = opened.organization_id
            messages.success(request, f"{opened.organization.name} is open. Its plan is Free.")
            return redirect("settings-organization")
    return render(request, "members/settings/new_organization.html", {"form": form})


@member_page(Permission.CLOSE)
@require_http_methods(["GET", "POST"])
def close(request: MemberRequest) -> HttpResponse:
    """Have the organization deleted, once its name was typed."""
    form = ClosingName(request.POST if request.method == "POST" else None, organization=request.organization)
    if request.method == "POST" and form.is_valid():
        at = organizations.close(membership=request.membership, moment=clock.now())
        messages.success(request, f"{request.organization.name} is deleted on {timezone.localtime(at):%-d %B %Y}.")
        return redirect("settings-organization")
    return render(request, "members/settings/close.html", {"form": form, "grace": settings.ORGANIZATION_GRACE.days})


@member_page(Permission.CLOSE)
@require_POST
def reopen(request: MemberRequest) -> HttpResponse:
    organizations.reopen(membership=request.membership)
    messages.success(request, f"{request.organization.name} stays.")
    return redirect("settings-organization")


@member_page(Permission.READ_AUDIT)
@require_safe
def audit_log(request: MemberRequest) -> HttpResponse:
    page = Paginator(_entries(request.organization), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "members/settings/audit.html", {"page": page, "lines": audit.lines(page)})


@member_page(Permission.READ_AUDIT)
@never_cache
@require_safe
def audit_export(request: MemberRequest) -> HttpResponse:
    """The whole log as CSV (RFC 4180), the newest first; times in UTC. Exporting it stands in it."""
    services.record(organization=request.organization, actor=request.membership.user, action="audit.exported")
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{request.organization.typeid}.csv"'
    rows = csv.writer(response)
    rows.writerow(["time", "action", "who", "what", "why"])
    entries = list(_entries(request.organization))
    for entry, line in zip(entries, audit.lines(entries), strict=True):
        rows.writerow(
            [entry.recorded_at.isoformat(), entry.action, *map(takeout.inert, (line.who, line.what, line.why))]
        )
    return response


def _entries(of: Organization) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(organization=of).order_by("-recorded_at", "-pk")
