"""The second step of signing in: who has one, and what allauth asks of us about it."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from accounts.models import User

COUNTED = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are no second step: they stand in for one that is lost."""


def has_one(user: User) -> bool:
    """Is signing in as this user asked for more than the password?"""
    return bool(Authenticator.objects.filter(user=user, type__in=COUNTED).exists())


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The words of allauth's pages."""

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """A name for a new passkey that its owner may better."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"
