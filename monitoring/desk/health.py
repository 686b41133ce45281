"""How reading goes: what fails, since when and why, what comes next; read now, adopt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from atlas.kernel import clock, doorbells
from monitoring.archive import scheduling
from monitoring.archive.models import CheckSchedule, Incident
from monitoring.catalogue.models import Document
from monitoring.desk.access import EVERYBODY, OPERATORS, DeskRequest, desk_page, may
from monitoring.desk.showing import page, query, time_left
from monitoring.fetching.outcomes import Reason

PAGE = 50
READ_DUE = "monitoring.read_due"


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One document that is read. `since`, `reason` and `why` are of the failure that goes on, `failed` counts its checks."""

    document: Document
    last_read_at: datetime | None
    next_try: str
    quarantined_at: datetime | None
    since: datetime | None
    reason: str
    why: str
    failed: int
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
    open_incident = Exists(Incident.objects.filter(document=OuterRef("document"), closed_at=None))
    schedules = CheckSchedule.objects.filter(organization=None).annotate(fails=open_incident)
    broken = Q(fails=True) | Q(quarantined_at__isnull=False)
    counts = {"documents": schedules.count(), "failing_count": schedules.filter(broken).count()}
    if sought:
        schedules = schedules.filter(
            Q(document__title__icontains=sought) | Q(document__platform__name__icontains=sought)
        )
    if failing:
        schedules = schedules.filter(broken)
    incidents = Prefetch("document__incidents", Incident.objects.filter(closed_at=None).order_by("opened_at"), "open")
    ordered = (
        schedules.annotate(broken=Case(When(broken, then=0), default=1))
        .select_related("document__platform", "document__head")
        .prefetch_related(incidents)
        .order_by("broken", "document__platform__sort_key", "document__title", "pk")
    )
    rows = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    now = clock.now()
    return page(
        request,
        "desk/health.html",
        "Health",
        rows=rows,
        shown=[_row(schedule, now) for schedule in rows],
        sought=sought,
        query=query(q=sought, only="failing" if failing else ""),
        only_failing=failing,
        may_operate=may(request.user, OPERATORS),
        **counts,
    )


def _row(schedule: CheckSchedule, now: datetime) -> HealthRow:
    document = schedule.document
    incidents: list[Incident] = document.open  # type: ignore[attr-defined]  # from the Prefetch
    incident = incidents[0] if incidents else None
    head = getattr(document, "head", None)
    return HealthRow(
        document=document,
        last_read_at=head.last_read_at if head else None,
        next_try="due" if schedule.next_check_at <= now else f"in {time_left(schedule.next_check_at, now)}",
        quarantined_at=schedule.quarantined_at,
        since=incident.opened_at if incident else None,
        reason=incident.reason if incident else "",
        why=incident.why if incident else "",
        failed=incident.checks if incident else 0,
        checks_url=f"{reverse('admin:archive_check_changelist')}?document__id__exact={document.pk}",
    )


def _act(request: DeskRequest) -> HttpResponse:
    """Read one document now, or adopt it and read it, or say why robots.txt doesn't keep us from it."""
    wanted = request.POST.get("document", "")
    document = get_object_or_404(
        Document.objects.public().filter(schedule__isnull=False).select_related("platform"),
        pk=wanted if wanted.isdigit() else None,
    )
    if request.POST.get("action") == "adopt":
        scheduling.adopt(document=document)
        messages.success(request, f"Adopted: {document}. It is read now, and its first version is public.")
    elif request.POST.get("action") == "except":
        reason = request.POST.get("reason", "").strip()[:500]
        if not reason:
            messages.error(request, "Say why it may be read although robots.txt says no.")
            return redirect("admin:desk-health")
        scheduling.except_from_robots(document=document, operator=request.user, reason=reason, moment=clock.now())
        messages.success(request, f"{document} is read in spite of robots.txt; your reason is kept.")
    elif request.POST.get("action") == "obey":
        scheduling.except_from_robots(document=document, operator=request.user, reason="", moment=clock.now())
        messages.success(request, f"{document} is read only where robots.txt allows it.")
    else:
        scheduling.reschedule(document)
        messages.success(request, f"{document} is read as soon as its host is free.")
    doorbells.ring(READ_DUE)
    return redirect("admin:desk-health")
