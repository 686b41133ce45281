"""What is kept for a time only: checks, pictures of failures, deliveries, what stands in inboxes, and dry runs.
Nothing points at these rows; the evidence (snapshots, versions, sightings, ledger) isn't among them.

The rows of each table were written in the order of their ids, so the oldest are looked at first: a call costs the same
whether the table holds a thousand rows or a hundred million.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db.models import QuerySet

from accounts import tenancy
from atlas.kernel import clock
from monitoring.alerts.models import Delivery, DeliveryState, InboxItem
from monitoring.archive.models import Check, Picture, Trial

logger = structlog.get_logger(__name__)

BATCH = 2_000
#: Dry runs are nobody's record: an operator declares what was tried, or tries again.
TRIALS_STAY = timedelta(days=7)


def forget_old(batch: int = BATCH) -> int:
    """Delete, of each kind, what is past its retention among the ``batch`` oldest rows; returns how many rows went.

    Each kind is a transaction of its own. A delivery that still waits is never deleted, however old it is.
    """
    now = clock.now()
    return (
        _forget(Check.objects.all(), now - settings.CHECK_RETENTION, written="recorded_at", batch=batch)
        + _forget(
            Delivery.objects.exclude(state=DeliveryState.WAITING),
            now - settings.DELIVERY_RETENTION,
            written="created_at",
            batch=batch,
        )
        + _forget(InboxItem.objects.all(), now - settings.INBOX_RETENTION, written="created_at", batch=batch)
        + _forget(Picture.objects.all(), now - settings.PICTURE_RETENTION, written="taken_at", batch=batch)
        + _forget(Trial.objects.all(), now - TRIALS_STAY, written="asked_at", batch=batch)
    )


def _forget(rows: QuerySet[Any], before: datetime, *, written: str, batch: int) -> int:
    with tenancy.system_scope("delete what is past its retention"):
        oldest = rows.order_by("pk").values("pk")[:batch]
        deleted, _ = rows.filter(pk__in=oldest, **{f"{written}__lt": before}).delete()
    if deleted:
        logger.info("retention_ended", table=rows.model._meta.db_table, rows=deleted)
    return deleted
