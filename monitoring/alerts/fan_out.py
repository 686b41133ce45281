"""From one event to everybody who is told: deliveries and inbox items, written by the database, a chunk a transaction.

Each chunk is a transaction of the pipeline, between which a worker may die: the event stays claimable until it is finished,
and a chunk that is written again writes nothing twice. Who is told is decided as of `Event.occurred_at`: members of the
organizations that followed the platform then, on a plan with same-day alerts that hadn't ended then; of a platform that was
asked for, whoever asked or voted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Q

from accounts import plans
from atlas.kernel import doorbells
from monitoring.alerts.errors import LeaseLost
from monitoring.alerts.models import Channel, DeliveryState, Event
from monitoring.changes.models import Significance

DELIVER = "monitoring.deliver"
LEASE = timedelta(minutes=5)
CHUNK = 1000  # organizations


@dataclass(frozen=True, slots=True)
class Claim:
    """An event that this worker fans out, as long as the token stands. `minor`: only who asked for it is told."""

    event_id: int
    organization_id: int | None
    platform_id: int
    minor: bool
    request_id: int | None
    occurred_at: datetime
    token: UUID


def claim(*, moment: datetime) -> Claim | None:
    """The oldest event that waits to be fanned out, leased to the caller; None when none does.

    An event is written when its change becomes public; one whose change isn't (any more) waits until it is.
    """
    visible = Q(change=None) | Q(change__observed_at__lte=F("change__document__head__released__observed_at"))
    free = Q(leased_until=None) | Q(leased_until__lte=moment)
    event = (
        Event.objects.filter(visible, free, fanned_out_at=None)
        .select_related("change")
        .order_by("occurred_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if event is None:
        return None
    token = uuid4()
    Event.objects.filter(pk=event.pk).update(lease_token=token, leased_until=moment + LEASE)
    change = event.change
    return Claim(
        event_id=event.pk,
        organization_id=event.organization_id,
        platform_id=event.platform_id,
        minor=change is not None and change.significance == Significance.MINOR,
        request_id=event.request_id,
        occurred_at=event.occurred_at,
        token=token,
    )


# Organizations come by the index (platform, organization), so that a chunk costs the same at the end as at the start.
_FOLLOWERS = """
WITH followers AS MATERIALIZED (
  SELECT w.organization_id
  FROM watching_watchlistitem w
  WHERE w.platform_id = %(platform)s AND w.organization_id > %(after)s
    AND w.paused_at IS NULL AND w.created_at <= %(occurred)s
    AND (%(organization)s::bigint IS NULL OR w.organization_id = %(organization)s::bigint)
  ORDER BY w.organization_id
  LIMIT %(chunk)s
), told AS MATERIALIZED (
  SELECT m.organization_id, m.id, COALESCE(p.same_day, true) AS by_mail
  FROM followers f
  JOIN accounts_entitlement e ON e.organization_id = f.organization_id
  JOIN accounts_membership m ON m.organization_id = f.organization_id
  LEFT JOIN alerts_preferences p ON p.membership_id = m.id
  WHERE e.plan_slug = ANY(%(plans)s) AND (e.until IS NULL OR e.until > %(occurred)s)
    AND m.created_at <= %(occurred)s
    AND (NOT %(minor)s OR COALESCE(p.minor_same_day, false))
), """
# Whoever asked for a platform or voted for it is told on any plan, unless they want no mails of the same day.
_VOTERS = """
WITH followers AS MATERIALIZED (
  SELECT DISTINCT v.organization_id
  FROM watching_requestvote v
  WHERE v.request_id = %(request)s AND v.organization_id > %(after)s AND v.created_at <= %(occurred)s
  ORDER BY v.organization_id
  LIMIT %(chunk)s
), told AS MATERIALIZED (
  SELECT m.organization_id, m.id, COALESCE(p.same_day, true) AS by_mail
  FROM followers f
  JOIN watching_requestvote v ON v.organization_id = f.organization_id AND v.request_id = %(request)s
  JOIN accounts_membership m ON m.id = v.membership_id
  LEFT JOIN alerts_preferences p ON p.membership_id = m.id
), """
_WRITE = """deliveries AS (
  INSERT INTO alerts_delivery
    (organization_id, membership_id, event_id, channel, state, message_key, created_at, next_try_at, attempts, last_error)
  SELECT organization_id, id, %(event)s, %(mail)s, %(waiting)s, gen_random_uuid(), %(moment)s, %(moment)s, 0, ''
  FROM told WHERE by_mail
  ON CONFLICT (event_id, membership_id, channel) DO NOTHING
), inbox AS (
  INSERT INTO alerts_inboxitem (organization_id, membership_id, event_id, created_at)
  SELECT organization_id, id, %(event)s, %(moment)s
  FROM told
  ON CONFLICT (event_id, membership_id) DO NOTHING
)
SELECT max(organization_id), count(*) FROM followers
"""


def write_chunk(claim: Claim, *, after: int, moment: datetime, chunk: int = CHUNK) -> int | None:
    """Write what the next `chunk` following organizations (with an id above `after`, in its order) are told: an inbox item
    for each member, and a mail for who wants one. Returns where the next chunk begins, or None after the last.

    Raises LeaseLost when another worker has taken the event over.
    """
    _extend(claim, moment)
    values = {
        "platform": claim.platform_id,
        "organization": claim.organization_id,
        "after": after,
        "chunk": chunk,
        "event": claim.event_id,
        "request": claim.request_id,
        "occurred": claim.occurred_at,
        "minor": claim.minor,
        "plans": [plan.slug.value for plan in plans.PLANS.values() if plan.same_day_alerts],
        "mail": Channel.MAIL.value,
        "waiting": DeliveryState.WAITING.value,
        "moment": moment,
    }
    with connection.cursor() as cursor:
        cursor.execute((_FOLLOWERS if claim.request_id is None else _VOTERS) + _WRITE, values)
        [last, count] = cursor.fetchone()
    doorbells.ring(DELIVER)
    return last if count == chunk else None


def finish(claim: Claim, *, moment: datetime) -> None:
    """Note that everybody's deliveries are written. Raises LeaseLost when another worker has taken the event over."""
    finished = Event.objects.filter(pk=claim.event_id, lease_token=claim.token, fanned_out_at=None).update(
        fanned_out_at=moment, lease_token=None, leased_until=None
    )
    if not finished:
        raise LeaseLost(f"event {claim.event_id}")


def _extend(claim: Claim, moment: datetime) -> None:
    ours = Event.objects.filter(pk=claim.event_id, lease_token=claim.token, fanned_out_at=None)
    if not ours.update(leased_until=moment + LEASE):
        raise LeaseLost(f"event {claim.event_id}")
