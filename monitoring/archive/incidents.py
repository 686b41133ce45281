"""Incidents: opened by the first failure of a kind, counted in, closed by what ends them. All in the caller's transaction."""

from __future__ import annotations

from datetime import datetime

from monitoring.archive.models import Incident
from monitoring.catalogue.models import Document
from monitoring.fetching.outcomes import Reason


def open_of_document(document: Document, *, reason: Reason, why: str, at: datetime, seen: str = "") -> None:
    """The first failure of a kind opens an incident, the next ones are counted in it."""
    mine = Incident.objects.filter(document=document, outcome=reason.outcome.value)
    if not mine.count_in(reason=reason, why=why, seen=seen, at=at):
        Incident.objects.create(
            organization_id=document.organization_id,
            document=document,
            outcome=reason.outcome.value,
            reason=reason.value,
            why=why[:500],
            seen=seen,
            opened_at=at,
            last_seen_at=at,
        )


def close_of_document(document: Document, *, at: datetime) -> None:
    Incident.objects.filter(document=document, closed_at=None).update(closed_at=at)


def count_in_open_of_host(host_id: int, *, reason: Reason, why: str, at: datetime, seen: str = "") -> int:
    """One more failure of a host that fails whole; how many there are by now, 0 where no such incident is open."""
    if not Incident.objects.filter(host=host_id).count_in(reason=reason, why=why, seen=seen, at=at):
        return 0
    return Incident.objects.get(host=host_id, closed_at=None).checks


def become_of_host(host_id: int, *, since: datetime, reason: Reason, why: str, at: datetime, seen: str = "") -> int:
    """The incident that a document of this host opened then is the host's from now on, with one more failure; how many it has
    seen."""
    told = Incident.objects.open().filter(
        document__schedule__host=host_id, outcome=reason.outcome.value, opened_at__gte=since
    )
    incident = told.first() or Incident(outcome=reason.outcome.value, opened_at=since, checks=0)
    incident.organization, incident.document, incident.host_id = None, None, host_id
    incident.reason, incident.why, incident.seen = reason.value, why[:500], seen
    incident.last_seen_at, incident.checks = at, incident.checks + 1
    incident.save()
    return incident.checks


def close_of_host(host_id: int, *, at: datetime) -> None:
    Incident.objects.filter(host=host_id, closed_at=None).update(closed_at=at)
