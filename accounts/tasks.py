"""Bells of this app: a message says "look", what is due stands in the tables."""

from __future__ import annotations

from celery import shared_task

from accounts import erasure, lockout, organizations, outgoing


@shared_task(name="accounts.send_mails")
def send_mails() -> None:
    """Send the mails of sign-in that are due, and forget what is over."""
    outgoing.send_due()
    outgoing.forget_old()
    lockout.forget_old()
    organizations.forget_unconfirmed()


@shared_task(name="accounts.delete_closed")
def delete_closed() -> None:
    """Delete the organizations whose grace has ended."""
    organizations.delete_due()


@shared_task(name="accounts.erase_due")
def erase_due() -> None:
    """Erase the accounts whose grace has ended."""
    erasure.erase_due()
