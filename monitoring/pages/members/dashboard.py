"""The first page after signing in: what is unread, what changed lately, what is followed."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import MemberRequest, member_page
from monitoring.alerts import inbox
from monitoring.changes.models import Change, Significance
from monitoring.pages.members import first_hour
from monitoring.pages.members.inbox import FINDING, Entry, entry
from monitoring.pages.members.watchlist import noun, rows_of
from monitoring.pages.rows import change_row

LATELY = 8
UNREAD = 12
_ORDER = (Significance.SUBSTANTIVE.value, FINDING, Significance.MINOR.value)


@member_page()
@require_safe
def dashboard(request: MemberRequest) -> HttpResponse:
    rows = rows_of(request)
    followed = [row.item.platform_id for row in rows if row.item.paused_at is None]
    lately = (
        Change.objects.worth_showing()
        .filter(document__platform__in=followed)
        .select_related("document__platform")
        .newest_first()[:LATELY]
    )
    unread = _unread(request)
    plan = request.organization.entitlement.plan
    context = {
        "steps": first_hour.steps(request, follows=bool(rows)),
        "unread": unread[:UNREAD],
        "unread_count": inbox.unread_count(request.membership),
        "lately": [change_row(change) for change in lately],
        "rows": rows,
        "used": len(followed),
        "plan": plan,
        "noun": noun(plan),
    }
    return render(request, "members/dashboard.html", context)


def _unread(request: MemberRequest) -> list[Entry]:
    """The newest unread ones, the substantive first."""
    newest = inbox.items_of(request.membership).filter(read_at=None)[: 4 * UNREAD]
    return sorted((entry(item) for item in newest), key=_order)


def _order(one: Entry) -> int:
    """Substantive changes, findings, minor changes, digests."""
    weight = one.significance or one.kind
    return _ORDER.index(weight) if weight in _ORDER else len(_ORDER)
