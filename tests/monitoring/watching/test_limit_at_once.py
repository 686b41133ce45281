"""Two sessions press Follow at the same moment, on real connections with real commits."""

import threading

import pytest
from django.db import connection

from accounts import tenancy
from accounts.models import Entitlement, Membership
from monitoring.catalogue.models import Platform
from monitoring.watching import services
from monitoring.watching.errors import LimitReached
from monitoring.watching.models import WatchlistItem
from tests import factories
from tests.conftest import OwnDatabase


def press(alice: Membership, platform: Platform, together: threading.Barrier, outcomes: list[str]) -> None:
    try:
        with tenancy.scope(alice.organization_id, alice.user_id):
            WatchlistItem.objects.count()  # both transactions have begun, and have seen an empty list
            together.wait(timeout=30)
            services.follow(by=alice, platform=platform)
        outcomes.append("followed")
    except LimitReached:
        outcomes.append("refused")
    finally:
        connection.close()


@pytest.mark.parametrize(("plan", "already", "room"), [("free", 0, 1), ("watcher", 9, 1), ("watcher", 8, 2)])
def test_pressing_at_once_cannot_exceed_the_limit(
    own_database: OwnDatabase, plan: str, already: int, room: int
) -> None:
    alice = factories.member("alice@example.org", plan=plan)
    for _ in range(already):
        factories.watch(alice, factories.platform())
    together, outcomes = threading.Barrier(3), list[str]()
    threads = [threading.Thread(target=press, args=(alice, factories.platform(), together, outcomes)) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["followed"] * room + ["refused"] * (3 - room)
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert WatchlistItem.objects.active().count() == already + room
        assert Entitlement.objects.get().plan.slug == plan
