"""The second step of signing in: an organization demands it, and who has none is led to set it up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import organizations, second_step, tenancy
from accounts.access import MemberRequest, member_page, signed_in_page
from accounts.errors import SecondStepMissing
from accounts.models import Membership, User
from accounts.permissions import Permission


@signed_in_page
@require_safe
def needed(request: HttpRequest, user: User) -> HttpResponse:
    """Which of the person's organizations demand it, how it is set up, and which are open meanwhile."""
    with tenancy.scope(None, user):
        memberships = list(Membership.objects.of(user))
    context = {
        "has_one": second_step.has_one(user),
        "demanding": [one.organization for one in memberships if one.organization.demands_second_step],
        "open": [one.organization for one in memberships if not one.organization.demands_second_step],
    }
    return render(request, "members/second_step.html", context)


@member_page(Permission.DEMAND_SECOND_STEP)
@require_POST
def demand(request: MemberRequest) -> HttpResponse:
    """Demand it from every member, or leave it to each."""
    demanded = "demanded" in request.POST
    try:
        organizations.demand_second_step(membership=request.membership, demanded=demanded)
    except SecondStepMissing as refused:
        messages.error(request, str(refused))
        return redirect("mfa_index")
    said = "Every member now needs a second step to sign in." if demanded else "The second step is left to each member."
    messages.success(request, said)
    return redirect("settings-organization")
