from datetime import timedelta

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts import fan_out
from monitoring.alerts.errors import LeaseLost
from monitoring.alerts.models import Delivery, Event, InboxItem, Preferences
from monitoring.archive.models import DocumentHead
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Platform:
    return factories.platform("Lumen")


def follower(platform: Platform, plan: str = "watcher", **fields: object) -> Membership:
    membership = factories.member(plan=plan, **fields)  # type: ignore[arg-type]
    factories.watch(membership, platform)
    return membership


def prefer(membership: Membership, **wishes: bool) -> None:
    with tenancy.scope(membership.organization_id, membership.user_id):
        Preferences.objects.create(organization=membership.organization, membership=membership, **wishes)


def change_of(platform: Platform, **fields: object) -> Change:
    return factories.released_change(factories.document(platform), **fields)  # type: ignore[arg-type]


def mailed() -> set[int]:
    with tenancy.system_scope("read"):
        return set(Delivery.objects.values_list("membership_id", flat=True))


def in_inbox() -> set[int]:
    with tenancy.system_scope("read"):
        return set(InboxItem.objects.values_list("membership_id", flat=True))


@pytest.mark.parametrize("plan", ["watcher", "professional"])
def test_every_member_of_a_following_organization_is_told(lumen: Platform, plan: str) -> None:
    alice = follower(lumen, plan)
    bob = factories.member(of=alice.organization, role="viewer")
    change_of(lumen)

    pipeline.fan_out()

    assert mailed() == in_inbox() == {alice.pk, bob.pk}


def test_the_free_plan_is_left_to_the_digest(lumen: Platform) -> None:
    follower(lumen, "free")
    change_of(lumen)

    pipeline.fan_out()

    assert mailed() == in_inbox() == set()


def test_a_plan_that_has_ended_tells_nobody(lumen: Platform) -> None:
    follower(lumen, "watcher", until=clock.now() - timedelta(seconds=1))
    lasting = follower(lumen, "watcher", until=clock.now() + timedelta(days=1))
    change_of(lumen)

    pipeline.fan_out()

    assert mailed() == {lasting.pk}


def test_who_follows_another_platform_is_not_told(lumen: Platform) -> None:
    follower(factories.platform("Wrenfold"))
    change_of(lumen)

    pipeline.fan_out()

    assert in_inbox() == set()


def test_a_paused_platform_tells_nobody(lumen: Platform) -> None:
    factories.watch(factories.member(plan="watcher"), lumen, paused_at=clock.now())
    change_of(lumen)

    pipeline.fan_out()

    assert in_inbox() == set()


def test_who_follows_after_the_release_is_not_told_of_it(lumen: Platform) -> None:
    change_of(lumen)
    follower(lumen)

    pipeline.fan_out()

    assert in_inbox() == set()


def test_who_wants_no_mail_still_finds_the_alert_in_the_inbox(lumen: Platform) -> None:
    alice = follower(lumen)
    prefer(alice, same_day=False)
    change_of(lumen)

    pipeline.fan_out()

    assert (mailed(), in_inbox()) == (set(), {alice.pk})


def test_a_minor_change_is_told_only_to_who_asked_for_it(lumen: Platform) -> None:
    follower(lumen)
    bob = follower(lumen)
    prefer(bob, minor_same_day=True)
    change_of(lumen, significance="minor")

    pipeline.fan_out()

    assert mailed() == in_inbox() == {bob.pk}


def test_a_published_finding_is_told(lumen: Platform) -> None:
    alice = follower(lumen)
    factories.finding(factories.provision(factories.document(lumen)))

    pipeline.fan_out()

    assert mailed() == {alice.pk}


def test_a_change_that_is_not_public_yet_waits(lumen: Platform) -> None:
    alice = follower(lumen)
    document = factories.document(lumen)
    held = factories.release(factories.change(document), state="held")
    factories.released_change(document)
    with tenancy.system_scope("the earlier change is undecided"):
        DocumentHead.objects.update(released=held.change.old)

    pipeline.fan_out()
    assert in_inbox() == set()

    with tenancy.system_scope("it is decided"):
        DocumentHead.objects.update(released=F("latest"))
    pipeline.fan_out()
    assert in_inbox() == {alice.pk}


def test_an_event_is_fanned_out_once(lumen: Platform) -> None:
    follower(lumen)
    change_of(lumen)

    assert (pipeline.fan_out(), pipeline.fan_out()) == (1, 0)


def test_chunks_reach_everybody_once_even_when_written_again(lumen: Platform) -> None:
    everybody = {follower(lumen).pk for _ in range(5)}
    change_of(lumen)
    with tenancy.system_scope("claim"):
        claim = fan_out.claim(moment=clock.now())
    assert claim is not None
    sizes = []

    for _ in range(2):
        after: int | None = 0
        while after is not None:
            with tenancy.system_scope("a chunk"):
                after = fan_out.write_chunk(claim, after=after, moment=clock.now(), chunk=2)
            sizes.append(len(mailed()))

    assert sizes == [2, 4, 5, 5, 5, 5]
    assert mailed() == in_inbox() == everybody


def test_a_worker_that_slept_past_its_lease_writes_nothing(lumen: Platform) -> None:
    follower(lumen)
    change_of(lumen)
    with tenancy.system_scope("claim"):
        slow = fan_out.claim(moment=clock.now())
        quick = fan_out.claim(moment=clock.now() + fan_out.LEASE)
    assert slow is not None
    assert quick is not None

    with pytest.raises(LeaseLost), tenancy.system_scope("too late"):
        fan_out.write_chunk(slow, after=0, moment=clock.now())

    assert in_inbox() == set()


def test_a_claimed_event_is_given_to_nobody_else(lumen: Platform) -> None:
    change_of(lumen)

    with tenancy.system_scope("claim"):
        assert fan_out.claim(moment=clock.now()) is not None
        assert fan_out.claim(moment=clock.now()) is None


def test_the_end_of_a_fan_out_is_noted(lumen: Platform) -> None:
    change_of(lumen)

    pipeline.fan_out()

    with tenancy.system_scope("read"):
        assert Event.objects.get().fanned_out_at is not None


def test_a_private_event_is_told_to_its_organization_alone(lumen: Platform) -> None:
    alice, charlie = follower(lumen), follower(lumen)
    change = change_of(lumen)
    with tenancy.system_scope("the event is Alice's alone"):
        Event.objects.filter(change=change).update(organization=alice.organization)

    pipeline.fan_out()

    assert charlie.pk not in in_inbox()
    assert in_inbox() == {alice.pk}


def test_a_chunk_costs_two_statements_whatever_the_number_of_members(
    lumen: Platform, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        follower(lumen)
    change_of(lumen)
    with tenancy.system_scope("a chunk"):
        claim = fan_out.claim(moment=clock.now())
        assert claim is not None

        with django_assert_num_queries(2):  # the lease, and everything else
            fan_out.write_chunk(claim, after=0, moment=clock.now())

    assert len(in_inbox()) == 20
