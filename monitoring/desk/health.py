"""How reading goes: what fails, since when and why, what comes next; read now, adopt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from atlas.kernel import clock, doorbells
from monitoring.archive import pacing, scheduling
from monitoring.archive.models import CheckSchedule, Incident, Picture
from monitoring.catalogue.models import Document
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.failures import WORDS, failing_by_outcome
from monitoring.desk.hosts import READ_DUE, failing_hosts, try_host
from monitoring.desk.showing import page, query, time_left
from monitoring.fetching.outcomes import Reason

PAGE = 50
#: How often a document may be read by an operator's word: what the form sends → interval, and what it is called.
PINS = {
    str(hours): (timedelta(hours=hours), words)
    for hours, words in [
        (1, "every hour"),
        (2, "every 2 hours"),
        (4, "every 4 hours"),
        (8, "every 8 hours"),
        (12, "twice a day"),
        (24, "once a day"),
        (48, "every 2 days"),
        (168, "once a week"),
    ]
}


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One document that is read. `since`, `reason` and `why` are of the failure that goes on, `failed` counts its checks.

    `pace` says how often it is read; `pin` is the key of PINS that an operator chose, "" where it follows its changes.
    `waits_for`: its host, which fails whole.
    """

    document: Document
    last_read_at: datetime | None
    next_try: str
    pace: str
    pin: str
    waits_for: str
    quarantined_at: datetime | None
    since: datetime | None
    reason: str
    why: str
    seen: str
    failed: int
    pictured_at: datetime | None
    checks_url: str

    @property
    def fails(self) -> bool:
        return self.since is not None or self.quarantined_at is not None

    @property
    def to_adopt(self) -> bool:
        return self.reason == Reason.NOT_ADOPTED.value

    @property
    def disallowed(self) -> bool:
        return self.reason == Reason.ROBOTS.value


@desk_page(*EVERYBODY, acting=OPERATORS)
def health(request: DeskRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    sought, failing = request.GET.get("q", "").strip(), request.GET.get("only") == "failing"
    open_incident = Exists(_failing())
    schedules = CheckSchedule.objects.filter(organization=None).annotate(fails=open_incident)
    broken = Q(fails=True) | Q(quarantined_at__isnull=False)
    counts = {"documents": schedules.count(), "failing_count": schedules.filter(broken).count()}
    if sought:
        schedules = schedules.filter(
            Q(document__title__icontains=sought) | Q(document__platform__name__icontains=sought)
        )
    outcome = request.GET.get("outcome", "")
    if outcome in WORDS:
        schedules = schedules.filter(Exists(_failing().filter(outcome=outcome)))
    if failing:
        schedules = schedules.filter(broken)
    ordered = (
        schedules.annotate(broken=Case(When(broken, then=0), default=1))
        .select_related("document__platform", "document__head", "document__picture", "host")
        .defer("document__picture__jpeg")
        .order_by("broken", "document__platform__sort_key", "document__title", "pk")
    )
    rows = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    incidents = Incident.objects.hindering([schedule.document for schedule in rows])
    return page(
        request,
        "desk/health.html",
        "Health",
        rows=rows,
        shown=[_row(schedule, incidents[schedule.document_id], now) for schedule in rows],
        hosts=failing_hosts(now),
        sought=sought,
        query=query(q=sought, only="failing" if failing else "", outcome=outcome if outcome in WORDS else ""),
        by_outcome=failing_by_outcome(),
        outcome=outcome,
        only_failing=failing,
        may_operate=may(request.user, OPERATORS),
        pins=[(key, words) for key, (_, words) in PINS.items()],
        **counts,
    )


def _failing() -> QuerySet[Incident]:
    """What keeps the document of a schedule from being read: its own incidents, and those of its host."""
    return Incident.objects.open().filter(Q(document=OuterRef("document")) | Q(host=OuterRef("host")))


def _row(schedule: CheckSchedule, incidents: list[Incident], now: datetime) -> HealthRow:
    document = schedule.document
    incident = next((incident for incident in incidents if incident.document_id), None)
    head, picture = getattr(document, "head", None), getattr(document, "picture", None)
    return HealthRow(
        document=document,
        last_read_at=head.last_read_at if head else None,
        next_try="due" if schedule.next_check_at <= now else f"in {time_left(schedule.next_check_at, now)}",
        pace=_pace(schedule),
        pin=next((key for key, (pinned, _) in PINS.items() if pinned == document.pinned_interval), ""),
        waits_for=next((schedule.host.name for incident in incidents if incident.host_id), ""),
        quarantined_at=schedule.quarantined_at,
        since=incident.opened_at if incident else None,
        reason=incident.reason if incident else "",
        why=incident.why if incident else "",
        seen=incident.seen if incident else "",
        failed=incident.checks if incident else 0,
        pictured_at=picture.taken_at if incident and picture and picture.taken_at >= incident.opened_at else None,
        checks_url=f"{reverse('admin:archive_check_changelist')}?document__id__exact={document.pk}",
    )


def _pace(schedule: CheckSchedule) -> str:
    """`once a day`; `4 times a day: it changes often`; `every 2 hours, by an operator's word`."""
    pinned = schedule.document.pinned_interval
    if pinned is not None:
        called = next((words for interval, words in PINS.values() if interval == pinned), f"every {pinned}")
        return f"{called}, by an operator’s word"
    if schedule.document.platform.demo:
        return f"every {settings.DEMO_CHECK_INTERVAL.total_seconds():g} seconds, for the demo"
    times = round(timedelta(days=1) / pacing.interval(schedule.pace))
    often = "once a day" if times == 1 else f"{times} times a day"
    return f"{often}: it changes often" if schedule.pace > 1 else often


@desk_page(*EVERYBODY)
def window(request: DeskRequest, public_id: UUID) -> HttpResponse:
    """What stood in the browser's window when the document failed the last time."""
    picture = get_object_or_404(Picture, document__public_id=public_id, organization=None)
    return HttpResponse(bytes(picture.jpeg), content_type="image/jpeg")


def _act(request: DeskRequest) -> HttpResponse:
    """Try a host now; read one document now, or adopt it and read it; say why robots.txt doesn't keep us from it, or how often
    it is read."""
    if "host" in request.POST:
        return try_host(request)
    wanted = request.POST.get("document", "")
    document = get_object_or_404(
        Document.objects.public().filter(schedule__isnull=False).select_related("platform"),
        pk=wanted if wanted.isdigit() else None,
    )
    action, moment = request.POST.get("action"), clock.now()
    if action == "adopt":
        scheduling.adopt(document=document)
        messages.success(request, f"Adopted: {document}. It is read now, and its first version is public.")
    elif action == "except":
        reason = request.POST.get("reason", "").strip()[:500]
        if not reason:
            messages.error(request, "Say why it may be read although robots.txt says no.")
            return redirect("admin:desk-health")
        scheduling.except_from_robots(document=document, operator=request.user, reason=reason, moment=moment)
        messages.success(request, f"{document} is read in spite of robots.txt; your reason is kept.")
    elif action == "obey":
        scheduling.except_from_robots(document=document, operator=request.user, reason="", moment=moment)
        messages.success(request, f"{document} is read only where robots.txt allows it.")
    elif action == "pin":
        chosen = request.POST.get("interval", "")
        if chosen and chosen not in PINS:
            messages.error(request, "Choose one of the intervals of the list. Nothing was changed.")
            return redirect("admin:desk-health")
        interval, words = PINS.get(chosen, (None, "as often as it changes"))
        scheduling.pin_interval(document=document, operator=request.user, interval=interval, moment=moment)
        messages.success(request, f"{document} is read {words} from now on.")
    else:
        scheduling.reschedule(document)
        messages.success(request, f"{document} is read as soon as its host is free.")
    doorbells.ring(READ_DUE)
    return redirect("admin:desk-health")
