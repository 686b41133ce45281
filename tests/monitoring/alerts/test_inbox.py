from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from atlas.kernel.ids import InvalidId
from monitoring import pipeline
from monitoring.alerts import inbox
from monitoring.alerts.models import InboxItem
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Platform:
    return factories.platform("Lumen")


@pytest.fixture
def alice(lumen: Platform) -> Membership:
    membership = factories.member("alice@example.org", plan="watcher")
    factories.watch(membership, lumen)
    return membership


def tell(platform: Platform, times: int = 1) -> list[Change]:
    changes = []
    for number in range(times):
        changes.append(factories.released_change(factories.document(platform, f"Document {number}")))
        pipeline.fan_out()
    return changes


def unread(membership: Membership) -> int:
    with tenancy.scope(membership.organization_id, membership.user_id):
        return inbox.unread_count(membership)


def test_the_newest_comes_first_and_is_unread(alice: Membership, lumen: Platform) -> None:
    first, second = tell(lumen, 2)

    with tenancy.scope(alice.organization_id, alice.user_id):
        items = list(inbox.items_of(alice))

    assert [item.event.change for item in items if item.event] == [second, first]
    assert unread(alice) == 2


def test_a_row_costs_no_query(
    alice: Membership, lumen: Platform, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(lumen, 3)

    with tenancy.scope(alice.organization_id, alice.user_id), django_assert_num_queries(1):
        for item in inbox.items_of(alice):
            assert item.event is not None
            assert item.event.change is not None
            assert (item.typeid, item.event.platform.name) == (item.event.typeid, "Lumen")
            assert item.event.change.document.title.startswith("Document")
            assert item.event.change.release.state == "approved"


def test_reading_one_leaves_the_others_unread(alice: Membership, lumen: Platform) -> None:
    first, _ = tell(lumen, 2)

    with tenancy.scope(alice.organization_id, alice.user_id):
        assert inbox.mark_read(membership=alice, typeid=first.event.typeid, moment=clock.now())
        assert not inbox.mark_read(membership=alice, typeid=first.event.typeid, moment=clock.now())

    assert unread(alice) == 1


def test_a_digest_can_be_marked_as_read(alice: Membership) -> None:
    pipeline.make_digests(clock.now() + timedelta(days=8))

    with tenancy.scope(alice.organization_id, alice.user_id):
        item = inbox.items_of(alice).get()
        assert item.typeid.startswith("dig_")
        assert inbox.mark_read(membership=alice, typeid=item.typeid, moment=clock.now())

    assert unread(alice) == 0


def test_opening_the_change_reads_what_was_told_of_it(alice: Membership, lumen: Platform) -> None:
    first, _ = tell(lumen, 2)

    with tenancy.scope(alice.organization_id, alice.user_id):
        inbox.mark_change_read(membership=alice, change=first, moment=clock.now())

    assert unread(alice) == 1


def test_everything_can_be_read_at_once(alice: Membership, lumen: Platform) -> None:
    tell(lumen, 3)

    with tenancy.scope(alice.organization_id, alice.user_id):
        assert inbox.mark_all_read(membership=alice, moment=clock.now()) == 3

    assert unread(alice) == 0


def test_a_colleague_has_an_inbox_of_their_own(alice: Membership, lumen: Platform) -> None:
    bob = factories.member(of=alice.organization)
    tell(lumen)

    with tenancy.scope(alice.organization_id, alice.user_id):
        inbox.mark_all_read(membership=alice, moment=clock.now())

    assert (unread(alice), unread(bob)) == (0, 1)


def test_a_stranger_reads_and_marks_nothing(alice: Membership, lumen: Platform) -> None:
    [change] = tell(lumen)
    charlie = factories.member()

    with tenancy.scope(charlie.organization_id, charlie.user_id):
        assert not inbox.items_of(charlie).exists()
        assert not inbox.items_of(alice).exists()
        assert not inbox.mark_read(membership=charlie, typeid=change.event.typeid, moment=clock.now())
        assert not InboxItem.objects.exists()

    assert unread(alice) == 1


def test_an_id_of_another_kind_is_refused(alice: Membership) -> None:
    with pytest.raises(InvalidId), tenancy.scope(alice.organization_id, alice.user_id):
        inbox.mark_read(membership=alice, typeid="chg_01m889x8ddebrtw53z2m6g7yf7", moment=clock.now())
