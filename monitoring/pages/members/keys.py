"""The organization's keys of the API. A secret is shown on the answer that made it, and never again."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import keys as services
from accounts.access import MemberRequest, member_page
from accounts.errors import AccountsError
from accounts.keys import Made
from accounts.models import ApiKey, KeyScope
from accounts.permissions import Permission
from atlas.kernel import clock
from monitoring.pages.members.forms import NewKey


@member_page(Permission.MANAGE_KEYS)
@require_http_methods(["GET", "POST"])
def keys(request: MemberRequest) -> HttpResponse:
    form = NewKey(request.POST if request.method == "POST" else None, scopes=_scopes(request))
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        try:
            made = services.make(
                by=request.membership,
                name=form.cleaned_data["name"],
                scope=form.cleaned_data["scope"],
                expires_at=clock.now() + timedelta(days=days) if days else None,
            )
        except AccountsError as refused:
            form.add_error(None, str(refused))
        else:
            return _page(request, NewKey(scopes=_scopes(request)), made)
    return _page(request, form)


@member_page(Permission.MANAGE_KEYS)
@require_POST
def renew(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        made = services.renew(by=request.membership, key=_key(request, public_id))
    except AccountsError as refused:
        messages.error(request, str(refused))
        return redirect("settings-keys")
    return _page(request, NewKey(scopes=_scopes(request)), made)


@member_page(Permission.MANAGE_KEYS)
@require_POST
def revoke(request: MemberRequest, public_id: UUID) -> HttpResponse:
    key = _key(request, public_id)
    services.revoke(by=request.membership, key=key)
    messages.success(request, f"{key.name} no longer works.")
    return redirect("settings-keys")


def _page(request: MemberRequest, form: NewKey, made: Made | None = None) -> HttpResponse:
    moment = clock.now()
    plan = request.organization.entitlement.plan
    listed = [(key, services.ends(key, moment)) for key in services.listed(request.organization)]
    context = {"form": form, "made": made, "listed": listed, "plan": plan}
    return render(request, "members/settings/keys.html", context)


def _scopes(request: MemberRequest) -> list[KeyScope]:
    plan = request.organization.entitlement.plan
    return [scope for scope in KeyScope if services.allows(plan, scope)]


def _key(request: MemberRequest, public_id: UUID) -> ApiKey:
    mine = ApiKey.objects.filter(organization=request.organization).usable(clock.now())
    return get_object_or_404(mine.select_related("organization__entitlement"), public_id=public_id)
