"""The first steps of somebody new: a short list on the dashboard that ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts import permissions, second_step, services
from accounts.access import MemberRequest, member_page
from accounts.permissions import Permission
from atlas.kernel import clock

LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do once; `href` leads to where it is done."""

    words: str
    href: str
    done: bool


def steps(request: MemberRequest, *, follows: bool) -> list[Step]:
    """What there is to do, done or not; none once all is done, it was put away, or two weeks have passed."""
    user = request.membership.user
    if user.first_hour_ended_at is not None or clock.now() - user.date_joined > LASTS:
        return []
    found = [Step(f"Confirm {user.email}", reverse("settings"), True)]
    if permissions.may(request.membership, Permission.WATCH):
        found.append(Step("Follow your first platform", reverse("pages:platforms"), follows))
    zone = f"Say when Monday morning is for you: your time zone is {user.time_zone}"
    found.append(Step(zone, reverse("settings"), user.time_zone != "UTC" or bool(user.name)))
    found.append(Step("Add a second step to signing in", reverse("mfa_index"), second_step.has_one(user)))
    return [] if all(step.done for step in found) else found


@member_page()
@require_POST
def put_away(request: MemberRequest) -> HttpResponse:
    services.end_first_hour(user=request.membership.user)
    return redirect("dashboard")
