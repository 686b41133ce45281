from datetime import timedelta

import pytest

from accounts import lifecycle, tenancy
from accounts.models import AuditEntry, Entitlement, Membership
from atlas.kernel import clock
from monitoring.watching import services
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db


def member_of_three() -> Membership:
    bob = factories.member(plan="watcher")
    for age, name in enumerate(["newest", "middle", "oldest"]):
        factories.watch(bob, factories.platform(name), created_at=clock.now() - timedelta(days=age))
    return bob


def change_plan(of: Membership, plan: str) -> None:
    Entitlement.objects.filter(organization=of.organization).update(plan_slug=plan)
    lifecycle.plan_changed(of.organization)


def running() -> list[str]:
    return [item.platform.slug for item in WatchlistItem.objects.active().order_by("created_at")]


def test_a_smaller_plan_pauses_the_newest_and_deletes_nothing() -> None:
    bob = member_of_three()

    with tenancy.system_scope("a test"):
        change_plan(bob, "free")

        assert (running(), WatchlistItem.objects.count()) == (["oldest"], 3)


def test_what_the_plan_paused_comes_back_with_the_plan() -> None:
    bob = member_of_three()

    with tenancy.system_scope("a test"):
        change_plan(bob, "free")
        change_plan(bob, "professional")

        assert running() == ["oldest", "middle", "newest"]


def test_what_a_member_paused_stays_paused() -> None:
    bob = member_of_three()

    with tenancy.system_scope("a test"):
        services.pause(by=bob, item=WatchlistItem.objects.get(platform__slug="middle"))
        change_plan(bob, "free")
        change_plan(bob, "watcher")

        assert running() == ["oldest", "newest"]


def test_the_member_chooses_which_one_is_left() -> None:
    bob = member_of_three()

    with tenancy.system_scope("a test"):
        change_plan(bob, "free")
        services.pause(by=bob, item=WatchlistItem.objects.get(platform__slug="oldest"))
        services.resume(by=bob, item=WatchlistItem.objects.get(platform__slug="newest"))
        services.fit_to_plan(bob.organization)

        assert running() == ["newest"]


def test_the_organization_can_read_what_its_plan_paused() -> None:
    bob = member_of_three()

    with tenancy.system_scope("a test"):
        change_plan(bob, "free")

        entries = AuditEntry.objects.filter(action="platform.paused").order_by("detail__platform")
        assert [(entry.actor_id, entry.detail) for entry in entries] == [
            (None, {"platform": "middle", "plan": "free"}),
            (None, {"platform": "newest", "plan": "free"}),
        ]


def test_the_step_is_registered_by_name() -> None:
    assert "after_plan_change.watchlist" in lifecycle.names()
