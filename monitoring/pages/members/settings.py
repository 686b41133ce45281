"""A member's settings: the profile, what one is told, and the organization."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.access import MemberRequest, member_page
from accounts.models import AuditEntry, Membership, Role, User
from atlas.kernel import clock
from monitoring.alerts import digests, preferences
from monitoring.catalogue.models import Platform
from monitoring.pages.members import audit, watchlist
from monitoring.pages.members.forms import Notifications, OrganizationName, Profile
from monitoring.watching.models import WatchlistItem

PER_PAGE = 50


@member_page()
@require_http_methods(["GET", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    user = request.membership.user
    form = Profile(request.POST or None, initial={"name": user.name, "time_zone": user.time_zone})
    if request.method == "POST" and form.is_valid():
        services.update_profile(user=user, **form.cleaned_data)
        digests.reschedule(request.membership)
        messages.success(request, "Your profile is saved.")
        return redirect("settings")
    return render(request, "members/settings/profile.html", {"form": form})


@member_page()
@require_http_methods(["GET", "POST"])
def notifications(request: MemberRequest) -> HttpResponse:
    chosen = preferences.preferences_of(request.membership)
    initial = {name: getattr(chosen, name) for name in Notifications.base_fields}
    form = Notifications(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        preferences.choose(membership=request.membership, **form.cleaned_data)
        messages.success(request, "What you are told is saved.")
        return redirect("settings-notifications")
    zone = digests.zone_of(request.membership.user.time_zone)
    context = {
        "form": form,
        "plan": request.organization.entitlement.plan,
        "next_digest": timezone.localtime(digests.next_due(clock.now(), zone), zone),
        "zone": zone.key,
    }
    return render(request, "members/settings/notifications.html", context)


@member_page()
@require_http_methods(["GET", "POST"])
def organization(request: MemberRequest) -> HttpResponse:
    form = OrganizationName(request.POST or None, initial={"name": request.organization.name})
    if request.method == "POST":
        request.membership.require(Role.ADMIN)
        if form.is_valid():
            services.rename_organization(membership=request.membership, name=form.cleaned_data["name"])
            messages.success(request, "The organization has its new name.")
            return redirect("settings-organization")
    entitlement = request.organization.entitlement
    context = {
        "form": form,
        "members": Membership.objects.filter(organization=request.organization)
        .select_related("user")
        .order_by("created_at", "pk"),
        "mine": Membership.objects.of(request.membership.user),
        "entitlement": entitlement,
        "plan": entitlement.plan,
        "ended": entitlement.until is not None and entitlement.until <= clock.now(),
        "noun": watchlist.noun(entitlement.plan),
        "used": WatchlistItem.objects.of(request.organization).active().count(),
        "is_admin": request.membership.may(Role.ADMIN),
    }
    return render(request, "members/settings/organization.html", context)


@member_page(Role.ADMIN)
@require_safe
def audit_log(request: MemberRequest) -> HttpResponse:
    entries = AuditEntry.objects.filter(organization=request.organization).order_by("-recorded_at", "-pk")
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    people = User.objects.in_bulk({entry.actor_id for entry in page if entry.actor_id and not entry.by_staff})
    slugs = {str(entry.detail["platform"]) for entry in page if "platform" in entry.detail}
    names = dict(Platform.objects.filter(slug__in=slugs).values_list("slug", "name"))
    lines = [audit.line(entry, people, names) for entry in page]
    return render(request, "members/settings/audit.html", {"page": page, "lines": lines})
