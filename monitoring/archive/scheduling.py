"""What is due, and who may read it: hosts are claimed by lease, their due documents read one after another.

A claim is a conditional UPDATE that sets a lease and a fresh token; a result is written only while the token still stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Greatest, Least

from accounts import staff
from accounts.models import User
from atlas.kernel import clock
from monitoring.archive import pacing
from monitoring.archive.models import Check, CheckSchedule, Host
from monitoring.catalogue.models import Declaration, Document, Platform

LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 2  # a document whose reading killed its worker this often is quarantined


class LeaseLost(RuntimeError):
    """Another worker holds the host by now: whatever was read is thrown away."""


class Overtaken(RuntimeError):
    """The catalogue has changed since the reading began: the document is read in another way by now, elsewhere, or not at
    all. Whatever was read is thrown away; what is due stays due."""


@dataclass(slots=True)
class Lease:
    """The right to read a host's documents, as long as its token stands. `troubled`: the host has answered nothing lately, as
    far as its holder knows."""

    host_id: int
    host: str
    token: UUID
    troubled: bool = False

    @property
    def delay(self) -> timedelta:
        """Between two requests to this host; none to the demo's own policy site."""
        own = settings.POLICY_SITE_URL and self.host == host_of(settings.POLICY_SITE_URL)
        return timedelta(0) if own else settings.HOST_DELAY


def host_of(url: str) -> str:
    """`example.org:443`."""
    parts = urlsplit(url)
    return f"{(parts.hostname or '').lower()}:{parts.port or (443 if parts.scheme == 'https' else 80)}"


def sync_schedules() -> int:
    """Give every readable document (its platform enabled, neither retired) a schedule with the host of its first source, take
    it from the others, and make those due that were never asked for by their newest declaration. Returns how many were added.
    Nothing is read here."""
    readable = Document.objects.filter(
        platform__enabled=True, retired_at__isnull=True, platform__retired_at__isnull=True, declarations__isnull=False
    ).distinct()
    CheckSchedule.objects.exclude(document__in=readable).delete()
    added = 0
    for document in readable.filter(schedule__isnull=True):
        CheckSchedule.objects.create(
            document=document, organization_id=document.organization_id, host=_host_for(document)
        )
        added += 1
    newest = Declaration.objects.filter(document=OuterRef("document")).order_by("-number").values("pk")[:1]
    asked = Check.objects.filter(document=OuterRef("document"), declaration=OuterRef("newest"))
    anew = CheckSchedule.objects.annotate(newest=Subquery(newest)).filter(~Exists(asked), document__in=readable)
    for schedule in anew.select_related("document"):
        reschedule(schedule.document)
    return added


def reschedule(document: Document) -> None:
    """Read it as soon as possible: after a new declaration, or by hand. Ends a quarantine."""
    CheckSchedule.objects.filter(document=document).update(
        next_check_at=clock.now(), host=_host_for(document), attempts=0, quarantined_at=None
    )


def set_reading(*, platform: Platform, enabled: bool) -> None:
    """Read a platform's documents from now on, or leave them alone. What was read stays."""
    platform.enabled = enabled
    platform.save(update_fields=["enabled"])
    sync_schedules()


def adopt(*, document: Document) -> None:
    """A person has looked: what stands at this address is the document. It is read as soon as possible, and its first version
    is public at once."""
    Document.objects.filter(pk=document.pk, adopted_at__isnull=True).update(adopted_at=clock.now())
    reschedule(document)


def except_from_robots(*, document: Document, operator: User, reason: str, moment: datetime) -> None:
    """An operator records why a document is read although its host's robots.txt says no; without a reason the exception ends.
    Who did it, and when, is kept in the admin's log. The document is read as soon as possible."""
    reason = reason.strip()
    document.robots_exception = reason
    document.save(update_fields=["robots_exception"])
    words = f"Read in spite of robots.txt: {reason}" if reason else "Robots.txt is obeyed again."
    staff.log(document, by=operator, words=words, at=moment)
    reschedule(document)


def pin_interval(*, document: Document, operator: User, interval: timedelta | None, moment: datetime) -> None:
    """An operator says how often a document is read; without an interval its own changes say so again. Who did it, and when,
    is kept in the admin's log. A reading that was planned for later than the new interval asks for comes sooner."""
    document.pinned_interval = interval
    document.save(update_fields=["pinned_interval"])
    words = f"Read every {interval.total_seconds() / 3600:g} hours." if interval else "Read as often as it changes."
    staff.log(document, by=operator, words=words, at=moment)
    for schedule in CheckSchedule.objects.select_related("host").filter(document=document):
        slot = pacing.next_slot(schedule.host.name, interval or pacing.interval(schedule.pace), after=moment)
        CheckSchedule.objects.filter(pk=schedule.pk).update(next_check_at=Least("next_check_at", Value(slot)))


def _host_for(document: Document) -> Host:
    declaration = Declaration.objects.in_force(document)
    if declaration is None:
        raise LookupError(f"{document} has no declaration")
    return Host.objects.get_or_create(name=host_of(declaration.sources.all()[0].url))[0]


# From what is due to its hosts, not the other way: nearly all hosts have nothing due, and none of them is looked at.
CLAIM = """
WITH due AS MATERIALIZED (
    SELECT DISTINCT host_id FROM archive_checkschedule WHERE next_check_at <= %(now)s AND quarantined_at IS NULL
)
UPDATE archive_host SET lease_token = %(token)s, leased_until = %(until)s, next_request_at = %(now)s
WHERE id = (
    SELECT h.id FROM due JOIN archive_host h ON h.id = due.host_id
    WHERE (h.leased_until IS NULL OR h.leased_until < %(now)s) AND h.next_request_at <= %(now)s
    ORDER BY h.next_request_at LIMIT 1 FOR UPDATE OF h SKIP LOCKED
)
RETURNING id, name, failing_since IS NOT NULL
"""


def claiming(now: datetime) -> dict[str, Any]:
    """What CLAIM is asked with: a fresh token, and a lease from now."""
    return {"token": uuid4(), "until": now + LEASE, "now": now}


def claim_host() -> Lease | None:
    """A host that nobody holds and that has due documents, or None. Two claims at once never get the same host. Where the
    clocks of two machines differ by more than a lease, the token decides: the slower one writes nothing."""
    asked = claiming(clock.now())
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, asked)
        row = cursor.fetchone()
    return Lease(row[0], row[1], asked["token"], row[2]) if row else None


def take_host(host: Host) -> Lease | None:
    """This host, due or not, for reading in the foreground; None while another holds it."""
    now, token = clock.now(), uuid4()
    free = Host.objects.filter(pk=host.pk, leased_until__isnull=True) | Host.objects.filter(
        pk=host.pk, leased_until__lt=now
    )
    taken = free.update(lease_token=token, leased_until=now + LEASE, next_request_at=now)
    return Lease(host.pk, host.name, token, host.failing_since is not None) if taken else None


#: A host whose delay ends this soon is taken; whoever takes it waits for the rest.
SOON = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Taken:
    """A host that is ours, and the moment before which it mustn't be asked for anything."""

    lease: Lease
    free_from: datetime


def take_politely(names: Sequence[str]) -> dict[str, Taken] | None:
    """All of these hosts, due or not, for whoever can wait: their delays and what they asked for (Retry-After) stand. None
    while another holds one of them, or one wants to be left alone."""
    now = clock.now()
    taken: dict[str, Taken] = {}
    for name in sorted(names):
        host = Host.objects.get_or_create(name=name)[0]
        token = uuid4()
        free = Host.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=host.pk)
        if not free.filter(next_request_at__lte=now + SOON).update(lease_token=token, leased_until=now + LEASE):
            for other in taken.values():
                give_back(other.lease, next_request_at=other.free_from)
            return None
        taken[name] = Taken(Lease(host.pk, host.name, token), host.next_request_at)
    return taken


def hold(lease: Lease) -> None:
    """Prolong the lease and lock its row for this transaction; raises LeaseLost when the token no longer stands."""
    now = clock.now()
    held = Host.objects.filter(pk=lease.host_id, lease_token=lease.token, leased_until__gt=now).update(
        leased_until=now + LEASE
    )
    if not held:
        raise LeaseLost(f"the lease of host {lease.host_id} is no longer ours")


def give_back(lease: Lease, *, next_request_at: datetime) -> None:
    """Let others claim the host, not before then; later where the host has asked us to stay away."""
    Host.objects.filter(pk=lease.host_id, lease_token=lease.token).update(
        lease_token=None, leased_until=None, next_request_at=Greatest("next_request_at", Value(next_request_at))
    )


def stay_away(lease: Lease, *, until: datetime) -> None:
    """The host has asked for it (Retry-After), whatever document was read when it did."""
    Host.objects.filter(pk=lease.host_id, lease_token=lease.token).update(next_request_at=until, asked_until=until)


def leave_alone(lease: Lease, *, until: datetime) -> None:
    """The host fails whole: none of its documents is asked for before then."""
    Host.objects.filter(pk=lease.host_id, lease_token=lease.token).update(next_request_at=until)


def try_host(host: Host, *, moment: datetime) -> datetime:
    """Ask a host that fails whole for a document now, or when it asked us to come back; returns when that is."""
    CheckSchedule.objects.filter(host=host, failures__gt=0).update(next_check_at=moment)
    at = max(moment, host.asked_until or moment)
    Host.objects.filter(pk=host.pk).update(next_request_at=at)
    return at


def failing_since(lease: Lease) -> datetime | None:
    """Since when the host has answered nothing; None where it answered the last time that it was asked."""
    return Host.objects.values_list("failing_since", flat=True).get(pk=lease.host_id)


def note_failing(lease: Lease, *, since: datetime | None) -> None:
    Host.objects.filter(pk=lease.host_id, lease_token=lease.token).update(failing_since=since)


def is_away(lease: Lease) -> bool:
    """Is the host to be left alone longer than until now?"""
    return Host.objects.filter(pk=lease.host_id, next_request_at__gt=clock.now()).exists()


def robots_of(name: str) -> Host:
    """The host with what it said in its robots.txt, whoever holds it."""
    return Host.objects.get_or_create(name=name)[0]


def keep_robots(host: Host, *, text: str, at: datetime) -> None:
    """The host has answered for its robots.txt."""
    Host.objects.filter(pk=host.pk).update(robots_text=text, robots_read_at=at, robots_silent_since=None)


def note_silent_robots(host: Host, *, at: datetime) -> None:
    """Its robots.txt can't be read from now on; since when stays as it was."""
    Host.objects.filter(pk=host.pk, robots_silent_since=None).update(robots_silent_since=at)


def due_documents(lease: Lease, *, most: int = 100) -> list[int]:
    """Ids of the host's due documents, the longest waiting first."""
    return list(
        CheckSchedule.objects.filter(host_id=lease.host_id, next_check_at__lte=clock.now(), quarantined_at__isnull=True)
        .order_by("next_check_at")
        .values_list("document_id", flat=True)[:most]
    )


def count_attempts(document_ids: Sequence[int], lease: Lease) -> None:
    """Note in the documents' schedules that a reading begins."""
    CheckSchedule.objects.filter(document__in=document_ids, host_id=lease.host_id).update(attempts=F("attempts") + 1)


def take_attempts_back(document_ids: Sequence[int], lease: Lease) -> None:
    """They were never begun; who holds the host by now knows better."""
    held = Host.objects.filter(pk=lease.host_id, lease_token=lease.token)
    CheckSchedule.objects.filter(document__in=document_ids, host__in=held, attempts__gt=0).update(
        attempts=F("attempts") - 1
    )


def require_unchanged(document: Document, declaration: Declaration, lease: Lease) -> None:
    """Raises Overtaken unless the document is still read by this declaration, under this lease; locks its schedule, so that
    it isn't given to another host before this transaction ends."""
    scheduled = CheckSchedule.objects.select_for_update().filter(document=document, host_id=lease.host_id)
    if not scheduled.first() or Declaration.objects.in_force(document) != declaration:
        raise Overtaken(f"document {document.pk} is no longer read by declaration {declaration.pk}")
