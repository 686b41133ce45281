"""Bells of this app: a message says "look", what is due stands in the tables."""

from __future__ import annotations

from celery import shared_task

from accounts import outgoing


@shared_task(name="accounts.send_mails")
def send_mails() -> None:
    """Send the mails of sign-in that are due."""
    outgoing.send_due()
    outgoing.forget_old()
