"""Doorbells: a Celery message says "look" once the transaction has committed. Losing one does no harm: beat rings too."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = structlog.get_logger(__name__)


def ring(task: str, *ids: int) -> None:
    """Ring for `task` (its registered name) after the commit; a bell that can't be rung is logged, never raised."""
    transaction.on_commit(lambda: ring_now(task, *ids))


def ring_now(task: str, *ids: int) -> None:
    try:
        current_app.send_task(task, args=ids, retry=False, ignore_result=True)
    except (OperationalError, OSError) as error:
        logger.warning("doorbell_not_rung", task=task, error=str(error))
