import pytest
from django.test import Client

from accounts.models import Membership
from tests import factories


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


@pytest.fixture
def as_alice(client: Client, alice: Membership) -> Client:
    client.force_login(alice.user)
    return client
