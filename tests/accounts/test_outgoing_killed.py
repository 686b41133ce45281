"""Real processes that kill themselves between two steps of sending."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from accounts import outgoing
from accounts.models import OutgoingMail
from atlas.kernel import clock
from tests.conftest import OwnDatabase
from tests.wire.smtp import Mailbox, smtp_server

pytestmark = pytest.mark.servers
SEND = "import django; django.setup(); from accounts import outgoing; outgoing.send_due()"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server() as box:
        yield box


def send(database: OwnDatabase, mailbox: Mailbox, failpoint: str = "") -> int:
    environment = {
        **os.environ,
        "DATABASE_URL": database.url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "ATLAS_FAILPOINT": failpoint,
        "DJANGO_SETTINGS_MODULE": "atlas.settings",
    }
    return subprocess.run([sys.executable, "-c", SEND], env=environment, check=False).returncode


@pytest.mark.parametrize(("failpoint", "times"), [("outgoing.claimed", 1), ("outgoing.taken", 2)])
def test_a_killed_sender_loses_nothing_and_repeats_only_what_was_taken_unnoted(
    own_database: OwnDatabase, mailbox: Mailbox, failpoint: str, times: int
) -> None:
    OutgoingMail.objects.create(recipient="a@example.org", subject="A code", text="x", message_id="<1@conductatlas>")

    assert send(own_database, mailbox, failpoint) == -signal.SIGKILL
    OutgoingMail.objects.update(leased_until=clock.now() - outgoing.LEASE)
    assert send(own_database, mailbox) == 0

    assert [message["Message-ID"] for message in mailbox.messages] == ["<1@conductatlas>"] * times
    assert OutgoingMail.objects.get().sent_at is not None
