"""The second step of signing in: who has one, who must, and what allauth asks of us about it."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import User

COUNTED = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are no second step: they stand in for one that is lost."""
REQUIRED, OFF = "required", "off"


def has_one(user: User) -> bool:
    """Is signing in as this user asked for more than the password?"""
    return bool(Authenticator.objects.filter(user=user, type__in=COUNTED).exists())


def keeps_out(user: User) -> bool:
    """Is this one of our staff who may not act as one yet, for want of a second step?"""
    return user.is_staff and settings.STAFF_MFA != OFF and not has_one(user)


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Names of passkeys, and the secrets of authenticator apps and recovery codes, which lie encrypted in the table: with a
    key made of SECRET_KEY, or of a former one that SECRET_KEY_FALLBACKS names."""

    def generate_authenticator_name(self, user: User, type: str) -> str:
        """A name for a new passkey that its owner may better."""
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [salted_hmac("accounts.second_step", "secrets", secret=key, algorithm="sha256").digest() for key in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
