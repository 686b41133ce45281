"""Hosts that fail whole: what was seen, since when, what comes next; try one now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from atlas.kernel import clock, doorbells
from monitoring.archive import scheduling
from monitoring.archive.models import Host, Incident
from monitoring.desk.access import DeskRequest
from monitoring.desk.showing import time_left

READ_DUE = "monitoring.read_due"


@dataclass(frozen=True, slots=True)
class HostRow:
    """One host with an open incident of its own. `documents`: how many are read there; `asked`: the host itself has named the
    time of the next try."""

    pk: int
    name: str
    documents: int
    reason: str
    why: str
    failures: int
    since: datetime
    last_seen_at: datetime
    next_try: str
    asked: bool


def failing_hosts(now: datetime) -> list[HostRow]:
    """The longest failing first. One query."""
    incidents = Incident.objects.open().filter(host__isnull=False).select_related("host")
    return [
        _row(incident, incident.host, now)
        for incident in incidents.annotate(read=Count("host__schedules"))
        if incident.host
    ]


def _row(incident: Incident, host: Host, now: datetime) -> HostRow:
    return HostRow(
        pk=host.pk,
        name=host.name,
        documents=incident.read,  # type: ignore[attr-defined]  # annotated above
        reason=incident.reason,
        why=incident.why,
        failures=incident.checks,
        since=incident.opened_at,
        last_seen_at=incident.last_seen_at,
        next_try="due" if host.next_request_at <= now else f"in {time_left(host.next_request_at, now)}",
        asked=host.asked_until is not None and host.asked_until >= host.next_request_at > now,
    )


def try_host(request: DeskRequest) -> HttpResponse:
    """Ask a host that fails whole for one document now."""
    wanted = request.POST["host"]
    failing = Host.objects.filter(incidents__closed_at=None, incidents__isnull=False)
    host = get_object_or_404(failing, pk=wanted if wanted.isdigit() else None)
    now = clock.now()
    at = scheduling.try_host(host, moment=now)
    if at > now:
        messages.warning(request, f"{host} has asked us to stay away: it is tried in {time_left(at, now)}, not sooner.")
    else:
        messages.success(request, f"{host} is asked for one document now; if it answers, all that wait are read.")
    doorbells.ring(READ_DUE)
    return redirect("admin:desk-health")
