"""Real processes that kill themselves between two steps of telling, and two that work at once."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from monitoring.alerts.models import Delivery, DeliveryState, Digest, Event, InboxItem, Preferences
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


def start(database: OwnDatabase, mailbox: Mailbox, step: str, failpoint: str = "") -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DATABASE_URL": database.url(),
        "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "ATLAS_FAILPOINT": failpoint,
        "DJANGO_SETTINGS_MODULE": "atlas.settings",
    }
    code = f"import django; django.setup(); from monitoring import pipeline; pipeline.{step}()"
    return subprocess.Popen([sys.executable, "-c", code], env=environment)


def run(database: OwnDatabase, mailbox: Mailbox, step: str, failpoint: str = "") -> int:
    return start(database, mailbox, step, failpoint).wait(timeout=60)


def leases_end(moment: datetime) -> None:
    with tenancy.system_scope("time passes"):
        Event.objects.filter(leased_until__isnull=False).update(leased_until=moment)
        Delivery.objects.filter(leased_until__isnull=False).update(leased_until=moment)


@pytest.mark.parametrize("failpoint", ["alerts.fan_out.after_claim", "alerts.fan_out.after_deliveries"])
def test_a_killed_fan_out_is_taken_up_again_and_tells_everybody_once(
    own_database: OwnDatabase, mailbox: Mailbox, followers: list[Membership], failpoint: str
) -> None:
    assert run(own_database, mailbox, "fan_out", failpoint) == -signal.SIGKILL
    leases_end(clock.now())
    assert run(own_database, mailbox, "fan_out") == 0

    with tenancy.system_scope("read"):
        told = sorted(membership.pk for membership in followers)
        assert sorted(Delivery.objects.values_list("membership_id", flat=True)) == told
        assert sorted(InboxItem.objects.values_list("membership_id", flat=True)) == told
        assert Event.objects.get().fanned_out_at is not None


@pytest.mark.parametrize(
    ("failpoint", "repeats"), [("alerts.deliver.before_send", 0), ("alerts.deliver.after_send", 1)]
)
def test_a_killed_sender_loses_nothing_and_repeats_only_what_was_taken_unnoted(
    own_database: OwnDatabase, mailbox: Mailbox, followers: list[Membership], failpoint: str, repeats: int
) -> None:
    assert run(own_database, mailbox, "fan_out") == 0
    assert run(own_database, mailbox, "deliver", failpoint) == -signal.SIGKILL
    leases_end(clock.now())
    assert run(own_database, mailbox, "deliver") == 0

    assert {message["To"] for message in mailbox.messages} == {membership.user.email for membership in followers}
    assert len(mailbox.messages) == FOLLOWERS + repeats
    assert len({message["Message-ID"] for message in mailbox.messages}) == FOLLOWERS
    with tenancy.system_scope("read"):
        assert not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


@pytest.mark.parametrize("failpoint", ["alerts.digests.before_commit", "alerts.digests.after_commit"])
def test_a_killed_maker_of_digests_leaves_each_member_with_one(
    own_database: OwnDatabase, mailbox: Mailbox, followers: list[Membership], failpoint: str
) -> None:
    assert run(own_database, mailbox, "make_digests", failpoint) == -signal.SIGKILL
    assert run(own_database, mailbox, "make_digests") == 0

    with tenancy.system_scope("read"):
        assert Counter(Digest.objects.values_list("membership_id", flat=True)) == Counter(m.pk for m in followers)
        assert Delivery.objects.filter(digest__isnull=False).count() == FOLLOWERS
        assert Preferences.objects.filter(next_digest_at__gt=clock.now()).count() == FOLLOWERS


def test_two_senders_at_once_send_nothing_twice(
    own_database: OwnDatabase, mailbox: Mailbox, followers: list[Membership]
) -> None:
    lumen = Platform.objects.get()
    for number in range(5):
        factories.released_change(factories.document(lumen, f"Document {number}"))
    assert run(own_database, mailbox, "fan_out") == 0

    senders = [start(own_database, mailbox, "deliver") for _ in range(2)]
    assert [sender.wait(timeout=60) for sender in senders] == [0, 0]

    counts = Counter(message["Message-ID"] for message in mailbox.messages)
    assert len(counts) == 6 * FOLLOWERS
    assert set(counts.values()) == {1}
