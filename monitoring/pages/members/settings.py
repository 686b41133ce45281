"""A member's own settings: the profile, and what one is told."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.access import MemberRequest, member_page
from atlas.kernel import clock
from monitoring.alerts import digests, preferences
from monitoring.pages.members.forms import Notifications, Profile


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
