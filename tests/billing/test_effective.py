from datetime import UTC, datetime, timedelta

from accounts.plans import PlanSlug
from billing.effective import Effective, Fact, effective

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def fact(plan: PlanSlug, *, starts: int = -1, ends: int | None = 1, reason: str = "a trial") -> Fact:
    return Fact(plan, NOW + starts * DAY, None if ends is None else NOW + ends * DAY, reason)


def test_without_facts_the_plan_is_free() -> None:
    assert effective([], NOW) == Effective(PlanSlug.FREE, None, "free", "")


def test_a_grant_gives_its_plan_until_its_end_with_its_reason() -> None:
    assert effective([fact(PlanSlug.WATCHER)], NOW) == Effective(PlanSlug.WATCHER, NOW + DAY, "grant", "a trial")


def test_the_largest_plan_wins_even_if_it_ends_sooner() -> None:
    facts = [fact(PlanSlug.WATCHER, ends=None), fact(PlanSlug.PROFESSIONAL, ends=1)]

    assert effective(facts, NOW).plan == PlanSlug.PROFESSIONAL


def test_of_equal_plans_the_one_without_an_end_wins() -> None:
    facts = [fact(PlanSlug.WATCHER, ends=30), fact(PlanSlug.WATCHER, ends=None, reason="for good")]

    assert effective(facts, NOW).reason == "for good"


def test_of_equal_plans_the_later_end_wins() -> None:
    facts = [fact(PlanSlug.WATCHER, ends=30), fact(PlanSlug.WATCHER, ends=2)]

    assert effective(facts, NOW).until == NOW + 30 * DAY


def test_a_grant_is_over_at_its_end() -> None:
    assert effective([fact(PlanSlug.WATCHER, ends=0)], NOW).plan == PlanSlug.FREE


def test_a_grant_that_begins_later_gives_nothing_yet() -> None:
    assert effective([fact(PlanSlug.WATCHER, starts=1, ends=2)], NOW).plan == PlanSlug.FREE
