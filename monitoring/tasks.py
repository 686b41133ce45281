"""Doorbells: each task looks for what is due and does it. It is given no facts, and doubled or missing ones do no harm."""

from __future__ import annotations

from celery import shared_task

from atlas.kernel import doorbells
from monitoring import hubs, pipeline, retention, trying

DELIVERIES = 200


@shared_task(name="monitoring.read_due")
def read_due() -> None:
    """Read one due host; ring for the next one first, so that other workers share the work."""
    pipeline.read_due_host(claimed=lambda: doorbells.ring_now("monitoring.read_due"))


@shared_task(name="monitoring.read_hubs")
def read_hubs() -> None:
    """Look at a few lists of legal documents that are due."""
    hubs.read_due_hubs()


@shared_task(name="monitoring.release_due")
def release_due() -> None:
    pipeline.release_due()


@shared_task(name="monitoring.fan_out")
def fan_out() -> None:
    pipeline.fan_out()


@shared_task(name="monitoring.deliver")
def deliver() -> None:
    """Send a few hundred mails, and ring for the next ones, so that no task runs into its time limit."""
    if pipeline.deliver(DELIVERIES) == DELIVERIES:
        doorbells.ring_now("monitoring.deliver")


@shared_task(name="monitoring.make_digests")
def make_digests() -> None:
    pipeline.make_digests()


@shared_task(name="monitoring.forget_old")
def forget_old() -> None:
    """Delete what is past its retention, and ring for the next batch while there is more."""
    if retention.forget_old():
        doorbells.ring_now("monitoring.forget_old")


@shared_task(name="monitoring.try_out")
def try_out() -> None:
    """Answer one dry run, and ring for the next one."""
    if trying.try_next():
        doorbells.ring_now("monitoring.try_out")
