"""Two real processes that send at once."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.catalogue.models import Platform
from tests import factories
from tests.conftest import OwnDatabase
from tests.wire.smtp import Mailbox, smtp_server

pytestmark = pytest.mark.servers

FOLLOWERS = 3


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as box:
        yield box


@pytest.fixture
def followers(own_database: OwnDatabase) -> list[Membership]:
    """Members who follow a platform of which a change was released."""
    lumen = factories.platform("Lumen")
    joined = clock.now() - timedelta(days=30)
    everybody = [factories.member(plan="watcher", created_at=joined) for _ in range(FOLLOWERS)]
    for membership in everybody:
        factories.watch(membership, lumen)
    factories.released_change(factories.document(lumen))
    return everybody


def deliver(database: OwnDatabase, mailbox: Mailbox) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database.url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "DJANGO_SETTINGS_MODULE": "atlas.settings",
    }
    code = "import django; django.setup(); from monitoring import pipeline; pipeline.deliver()"
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def test_two_senders_at_once_send_nothing_twice(
    own_database: OwnDatabase, mailbox: Mailbox, followers: list[Membership]
) -> None:
    lumen = Platform.objects.get()
    for number in range(5):
        factories.released_change(factories.document(lumen, f"Document {number}"))
    assert pipeline.fan_out() == 6

    senders = [deliver(own_database, mailbox) for _ in range(2)]
    assert [sender.wait(timeout=60) for sender in senders] == [0, 0]

    counts = Counter(message["Message-ID"] for message in mailbox.messages)
    assert len(counts) == 6 * FOLLOWERS
    assert set(counts.values()) == {1}
