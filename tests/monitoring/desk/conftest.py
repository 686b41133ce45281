"""Staff, signed in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from tests import factories

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def staff(role: str, email: str = "") -> User:
    return factories.user(email, is_staff=True, staff_role=role)


@pytest.fixture
def analyst() -> User:
    return staff("analyst", "alice@example.org")


@pytest.fixture
def desk(analyst: User) -> Client:
    """The analyst's browser."""
    return signed_in(analyst)
