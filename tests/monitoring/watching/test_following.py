from datetime import timedelta

import pytest

from accounts import tenancy
from accounts.models import AuditEntry, Membership, Role
from atlas.kernel import clock
from monitoring.watching import services
from monitoring.watching.errors import LimitReached, PlatformRetired
from monitoring.watching.following import FollowState, following
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


def audited() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "detail__platform"))


def test_following_puts_the_platform_on_the_watchlist(alice: Membership) -> None:
    wrenfold = factories.platform("Wrenfold")

    with tenancy.scope(alice.organization_id, alice.user_id):
        services.follow(by=alice, platform=wrenfold)

        item = WatchlistItem.objects.get()
        assert (item.platform, item.added_by, item.paused_at) == (wrenfold, alice.user, None)
        assert audited() == [("platform.followed", "wrenfold")]


def test_following_twice_changes_nothing(alice: Membership) -> None:
    wrenfold = factories.platform("Wrenfold")

    with tenancy.scope(alice.organization_id, alice.user_id):
        first = services.follow(by=alice, platform=wrenfold)
        assert services.follow(by=alice, platform=wrenfold) == first
        assert audited() == [("platform.followed", "wrenfold")]


def test_the_free_plan_follows_one_platform(alice: Membership) -> None:
    one, two = factories.platform(), factories.platform()

    with tenancy.scope(alice.organization_id, alice.user_id):
        services.follow(by=alice, platform=one)
        with pytest.raises(LimitReached) as refused:
            services.follow(by=alice, platform=two)

        assert (refused.value.plan.name, refused.value.limit) == ("Free", 1)
        assert [item.platform for item in WatchlistItem.objects.all()] == [one]


def test_the_watcher_plan_follows_ten() -> None:
    bob = factories.member(plan="watcher")
    platforms = [factories.platform() for _ in range(11)]

    with tenancy.scope(bob.organization_id, bob.user_id):
        for platform in platforms[:10]:
            services.follow(by=bob, platform=platform)
        with pytest.raises(LimitReached):
            services.follow(by=bob, platform=platforms[10])


def test_the_professional_plan_has_no_limit() -> None:
    bob = factories.member(plan="professional")
    platforms = [factories.platform() for _ in range(12)]

    with tenancy.scope(bob.organization_id, bob.user_id):
        for platform in platforms:
            services.follow(by=bob, platform=platform)
        assert WatchlistItem.objects.count() == 12


def test_a_plan_that_has_ended_counts_as_free() -> None:
    bob = factories.member(plan="watcher", until=clock.now() + timedelta(days=1))
    one, two = factories.platform(), factories.platform()

    with tenancy.scope(bob.organization_id, bob.user_id), clock.at(clock.now() + timedelta(days=1)):
        services.follow(by=bob, platform=one)
        with pytest.raises(LimitReached):
            services.follow(by=bob, platform=two)


def test_a_retired_platform_cant_be_followed(alice: Membership) -> None:
    gone = factories.platform(retired_at=clock.now())

    with tenancy.scope(alice.organization_id, alice.user_id), pytest.raises(PlatformRetired):
        services.follow(by=alice, platform=gone)


def test_unfollowing_frees_the_place(alice: Membership) -> None:
    one, two = factories.platform("One"), factories.platform("Two")

    with tenancy.scope(alice.organization_id, alice.user_id):
        services.follow(by=alice, platform=one)
        assert services.unfollow(by=alice, platform=one)
        services.follow(by=alice, platform=two)

        assert [action for action, _ in audited()] == ["platform.followed", "platform.unfollowed", "platform.followed"]


def test_unfollowing_what_isnt_followed_does_nothing(alice: Membership) -> None:
    wrenfold = factories.platform()

    with tenancy.scope(alice.organization_id, alice.user_id):
        assert not services.unfollow(by=alice, platform=wrenfold)
        assert audited() == []


def test_pausing_frees_the_place_and_resuming_needs_one(alice: Membership) -> None:
    one, two = factories.platform("One"), factories.platform("Two")

    with tenancy.scope(alice.organization_id, alice.user_id):
        item = services.follow(by=alice, platform=one)
        services.pause(by=alice, item=item)
        services.follow(by=alice, platform=two)
        with pytest.raises(LimitReached):
            services.resume(by=alice, item=item)

        assert [item.platform for item in WatchlistItem.objects.active()] == [two]


def test_following_a_paused_platform_resumes_it(alice: Membership) -> None:
    one = factories.platform("One")

    with tenancy.scope(alice.organization_id, alice.user_id):
        services.pause(by=alice, item=services.follow(by=alice, platform=one))
        services.follow(by=alice, platform=one)

        assert WatchlistItem.objects.get().paused_at is None


def test_a_button_says_where_a_member_stands(alice: Membership) -> None:
    one, two = factories.platform(), factories.platform()

    with tenancy.scope(alice.organization_id, alice.user_id):
        before = following(alice, one).state
        services.follow(by=alice, platform=one)

        assert [before, following(alice, one).state, following(alice, two).state] == [
            FollowState.OPEN,
            FollowState.FOLLOWING,
            FollowState.FULL,
        ]


def test_a_button_tells_visitors_what_free_gives() -> None:
    stand = following(None, factories.platform())

    assert (stand.state, stand.plan.name, stand.limit, stand.used) == (FollowState.ANONYMOUS, "Free", 1, 0)


def test_a_viewer_is_offered_nothing_to_press() -> None:
    viewer, wrenfold = factories.member(role=Role.VIEWER), factories.platform()

    with tenancy.scope(viewer.organization_id, viewer.user_id):
        assert following(viewer, wrenfold).state == FollowState.READER
