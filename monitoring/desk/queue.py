"""What waits for a decision, by deadline, and what was decided last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse

from atlas.kernel import clock
from monitoring.changes.models import Release, ReleaseState, Significance
from monitoring.desk.access import EVERYBODY, DeskRequest, desk_page
from monitoring.desk.showing import page, time_left

MOST = 200
DECIDED = 10
REASONS = 3


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One change that waits, or was decided: what, where, why, until when."""

    href: str
    platform: str
    document: str
    headline: str
    significance: str
    reasons: list[str]
    more_reasons: int
    words_added: int
    words_removed: int
    observed_at: datetime
    deadline: datetime
    left: str
    state: str
    note: str
    by: str
    decided_at: datetime | None

    @property
    def urgent(self) -> bool:
        return self.left == "overdue" or "h" not in self.left

    @property
    def held(self) -> bool:
        return self.state == ReleaseState.HELD


@desk_page(*EVERYBODY)
def queue(request: DeskRequest) -> HttpResponse:
    now = clock.now()
    releases = Release.objects.filter(change__organization=None).select_related(
        "change__document__platform", "decided_by"
    )
    waiting = list(releases.undecided().order_by("deadline", "pk")[: MOST + 1])
    decided = releases.decided().filter(change__significance=Significance.SUBSTANTIVE)
    return page(
        request,
        "desk/queue.html",
        "Queue",
        waiting=[row(release, now) for release in waiting[:MOST]],
        more=len(waiting) > MOST,
        decided=[row(release, now) for release in decided.order_by("-decided_at", "-pk")[:DECIDED]],
    )


def row(release: Release, now: datetime) -> QueueRow:
    """Change, document, platform and the person were selected along."""
    change = release.change
    reasons = [reason["words"] for reason in change.reasons]
    return QueueRow(
        href=reverse("admin:desk-decision", args=[change.typeid]),
        platform=change.document.platform.name,
        document=change.document.title,
        headline=change.headline or "Words differ",
        significance=change.significance,
        reasons=reasons[:REASONS],
        more_reasons=max(len(reasons) - REASONS, 0),
        words_added=change.words_added,
        words_removed=change.words_removed,
        observed_at=change.observed_at,
        deadline=release.deadline,
        left=time_left(release.deadline, now),
        state=release.state,
        note=release.note,
        by=release.decided_by.get_short_name() if release.decided_by else "",
        decided_at=release.decided_at,
    )
