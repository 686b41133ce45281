"""From facts to the entitlement that they give. Pure: the same facts and moment give the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.plans import PLANS, PlanSlug

GRANT, FREE = "grant", "free"
_RANK = {slug: rank for rank, slug in enumerate(PLANS)}


@dataclass(frozen=True, slots=True)
class Fact:
    """A plan that somebody gave: from (included) to (excluded); None is without an end."""

    plan: PlanSlug
    starts_at: datetime
    until: datetime | None
    reason: str
    source: str = GRANT


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds at a moment: the plan, until when (None: without an end), from which kind of source, and why."""

    plan: PlanSlug
    until: datetime | None
    source: str
    reason: str


def effective(facts: Sequence[Fact], now: datetime) -> Effective:
    """The largest plan in force; among equals the one that lasts longest. Free where none is.

    `until` is when this answer ends at the latest: another fact may hold from then on.
    """
    in_force = [fact for fact in facts if fact.starts_at <= now and (fact.until is None or fact.until > now)]
    if not in_force:
        return Effective(PlanSlug.FREE, None, FREE, "")
    best = max(in_force, key=_weight)
    return Effective(best.plan, best.until, best.source, best.reason)


def _weight(fact: Fact) -> tuple[int, bool, float]:
    return _RANK[fact.plan], fact.until is None, fact.until.timestamp() if fact.until else 0
