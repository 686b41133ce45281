"""Rows of the audit log in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AuditEntry, User
from accounts.plans import PLANS

WORDS = {
    "organization.opened": "opened the organization",
    "organization.renamed": "renamed the organization",
    "platform.followed": "followed {platform}",
    "platform.unfollowed": "stopped following {platform}",
    "platform.paused": "paused {platform}",
    "platform.resumed": "resumed {platform}",
    "plan.granted": "granted the {plan} plan",
    "plan.revoked": "took back the {plan} plan",
    "staff.looked_in": "looked into the organization",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Who did what, and why where staff had to say it."""

    at: datetime
    who: str
    what: str
    why: str


def line(entry: AuditEntry, people: Mapping[int, User], platforms: Mapping[str, str]) -> Line:
    """`people` holds the users that may be named, `platforms` names by slug. Staff of ours are told as such, not by name."""
    detail = {key: str(value) for key, value in entry.detail.items()}
    if detail.get("plan") in PLANS:
        detail["plan"] = PLANS[detail["plan"]].name
    if "platform" in detail:
        detail["platform"] = platforms.get(detail["platform"], detail["platform"])
    template = WORDS.get(entry.action)
    what = template.format_map(_Known(detail)) if template else entry.action
    return Line(entry.recorded_at, _who(entry, people), what, detail.get("reason", ""))


def _who(entry: AuditEntry, people: Mapping[int, User]) -> str:
    if entry.by_staff:
        return "ConductAtlas staff"
    if entry.actor_id is None:
        return "The plan’s limit" if entry.action.startswith("platform.") else "ConductAtlas"
    person = people.get(entry.actor_id)
    return person.get_short_name() if person else "A person who has left"


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
