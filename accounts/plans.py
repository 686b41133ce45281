"""The plans: frozen values. A limit of None means no limit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class PlanSlug(StrEnum):
    FREE = "free"
    WATCHER = "watcher"
    PROFESSIONAL = "professional"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an organization on this plan may do."""

    slug: PlanSlug
    name: str
    platforms: int | None
    seats: int
    same_day_alerts: bool
    requests_per_minute: int
    keys_read: bool = False
    keys_write: bool = False
    weekly_digest: bool = True

    def allows_platforms(self, count: int) -> bool:
        """May an organization follow this many platforms at once?"""
        return self.platforms is None or count <= self.platforms

    def allows_seats(self, count: int) -> bool:
        """May an organization have this many people at once, open invitations included?"""
        return count <= self.seats


FREE = Plan(PlanSlug.FREE, "Free", platforms=1, seats=1, same_day_alerts=False, requests_per_minute=60)
WATCHER = Plan(
    PlanSlug.WATCHER,
    "Watcher",
    platforms=10,
    seats=3,
    same_day_alerts=True,
    requests_per_minute=120,
    keys_read=True,
)
PROFESSIONAL = Plan(
    PlanSlug.PROFESSIONAL,
    "Professional",
    platforms=None,
    seats=10,
    same_day_alerts=True,
    requests_per_minute=600,
    keys_read=True,
    keys_write=True,
)

PLANS: dict[str, Plan] = {plan.slug: plan for plan in (FREE, WATCHER, PROFESSIONAL)}


def plan(slug: str) -> Plan:
    """The plan of this slug; KeyError for another."""
    return PLANS[slug]
