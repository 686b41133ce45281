from datetime import timedelta

import pytest

from accounts import tenancy
from accounts.models import AuditEntry, Entitlement, Membership
from accounts.plans import PlanSlug
from atlas.kernel import clock
from billing import services
from billing.errors import GrantOver, GrantRefused
from billing.models import Grant
from billing.tasks import refresh_ended
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=30)


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


def grant(to: Membership, plan: PlanSlug = PlanSlug.WATCHER, days: int = 30, reason: str = "a trial") -> Grant:
    operator = factories.user(staff_role="operator", is_staff=True)
    with tenancy.staff_scope(operator, organization=to.organization, reason="a request by phone"):
        return services.grant_plan(
            organization=to.organization,
            plan=plan,
            until=clock.now() + timedelta(days=days),
            reason=reason,
            operator=operator,
        )


def entitlement(of: Membership) -> Entitlement:
    with tenancy.scope(of.organization_id, of.user_id):
        return Entitlement.objects.get()


def test_a_grant_gives_the_plan_at_once(alice: Membership) -> None:
    given = grant(alice)

    row = entitlement(alice)
    assert (row.plan.slug, row.until, row.source, row.reason) == ("watcher", given.until, "grant", "a trial")


def test_the_organization_can_read_who_gave_it_and_why(alice: Membership) -> None:
    given = grant(alice)

    with tenancy.scope(alice.organization_id, alice.user_id):
        entry = AuditEntry.objects.get(action="plan.granted")
    assert (entry.actor_id, entry.by_staff, entry.detail["reason"]) == (given.granted_by_id, True, "a trial")


@pytest.mark.parametrize(
    ("plan", "days", "reason"),
    [(PlanSlug.FREE, 30, "a trial"), (PlanSlug.WATCHER, 0, "a trial"), (PlanSlug.WATCHER, 30, "  ")],
)
def test_a_grant_without_sense_is_refused(alice: Membership, plan: PlanSlug, days: int, reason: str) -> None:
    with pytest.raises(GrantRefused):
        grant(alice, plan, days, reason)

    assert entitlement(alice).plan.slug == "free"


def test_revoking_takes_the_plan_and_pauses_what_is_over_the_limit(alice: Membership) -> None:
    given = grant(alice)
    for _ in range(3):
        factories.watch(alice, factories.platform())

    with tenancy.staff_scope(given.granted_by_id or 0, organization=alice.organization, reason="by phone"):
        services.revoke_grant(grant=given, reason="a mistake", operator=alice.user)

    assert entitlement(alice).plan.slug == "free"
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert [WatchlistItem.objects.count(), WatchlistItem.objects.active().count()] == [3, 1]


def test_a_grant_is_revoked_once(alice: Membership) -> None:
    given = grant(alice)

    with tenancy.staff_scope(given.granted_by_id or 0, organization=alice.organization, reason="by phone"):
        services.revoke_grant(grant=given, reason="a mistake", operator=alice.user)
        with pytest.raises(GrantOver):
            services.revoke_grant(grant=given, reason="a mistake", operator=alice.user)


def test_after_the_end_of_a_grant_a_smaller_one_holds(alice: Membership) -> None:
    grant(alice, PlanSlug.WATCHER, days=60)
    grant(alice, PlanSlug.PROFESSIONAL, days=30)

    with clock.at(clock.now() + MONTH):
        refresh_ended()

        assert entitlement(alice).plan.slug == "watcher"


def test_after_the_last_grant_the_row_says_free_and_the_surplus_is_paused(alice: Membership) -> None:
    grant(alice)
    for _ in range(2):
        factories.watch(alice, factories.platform())

    with clock.at(clock.now() + MONTH):
        refresh_ended()

    assert (entitlement(alice).plan_slug, entitlement(alice).until) == ("free", None)
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert WatchlistItem.objects.active().count() == 1


def test_members_cant_write_grants_or_change_their_plan(alice: Membership) -> None:
    from django.db import ProgrammingError, transaction

    with tenancy.scope(alice.organization_id, alice.user_id):
        with pytest.raises(ProgrammingError), transaction.atomic():
            Grant.objects.create(organization=alice.organization, plan_slug="professional", reason="mine")
        with pytest.raises(ProgrammingError), transaction.atomic():
            Entitlement.objects.update(plan_slug="professional")
