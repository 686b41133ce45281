"""What we are and promise: pricing, methodology, about."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from accounts.access import GatedRequest, public_page
from accounts.plans import PLANS, Plan


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the table of plans: a row stands here only where code stands behind it."""

    name: str
    cells: list[str]


def plan_rows() -> list[PlanRow]:
    plans = list(PLANS.values())
    return [
        PlanRow("Platforms followed", [platforms_of(plan) for plan in plans]),
        PlanRow("Seats", [str(plan.seats) for plan in plans]),
        PlanRow("Weekly digest by mail", [_yes(plan.weekly_digest) for plan in plans]),
        PlanRow("Mail on the day of a change", [_yes(plan.same_day_alerts) for plan in plans]),
        PlanRow("Inbox", ["yes"] * len(plans)),
        PlanRow("Keys of the API", [keys_of(plan) for plan in plans]),
        PlanRow("Texts, history, comparisons, excerpts", ["yes"] * len(plans)),
    ]


def platforms_of(plan: Plan) -> str:
    return "no limit" if plan.platforms is None else str(plan.platforms)


def keys_of(plan: Plan) -> str:
    if not plan.keys_read:
        return "—"
    return "read and change" if plan.keys_write else "read"


def plan_line(plan: Plan) -> str:
    """A plan in one sentence."""
    if plan.platforms is None:
        followed = "Follow every platform"
    else:
        followed = f"Follow {plan.platforms} platform{'' if plan.platforms == 1 else 's'}"
    told = "mail on the day of a change, and a weekly digest" if plan.same_day_alerts else "a weekly digest"
    return f"{followed}; {told}."


def _yes(value: bool) -> str:
    return "yes" if value else "—"


@public_page
def pricing(request: GatedRequest) -> HttpResponse:
    return render(request, "pages/pricing.html", {"plans": list(PLANS.values()), "rows": plan_rows()})


@public_page
def methodology(request: GatedRequest) -> HttpResponse:
    return render(request, "pages/methodology.html")


@public_page
def about(request: GatedRequest) -> HttpResponse:
    return render(request, "pages/about.html")
