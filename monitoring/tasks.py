"""Doorbells: each task looks for what is due and does it. It is given no facts, and doubled or missing ones do no harm."""

from __future__ import annotations

from celery import shared_task

from atlas.kernel import doorbells
from monitoring import pipeline


@shared_task(name="monitoring.read_due")
def read_due() -> None:
    """Read one due host; ring for the next one first, so that other workers share the work."""
    if pipeline.read_due_host() is not None:
        doorbells.ring_now("monitoring.read_due")


@shared_task(name="monitoring.release_due")
def release_due() -> None:
    pipeline.release_due()
