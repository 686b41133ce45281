"""Rows of the audit log in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.models import AuditEntry, User
from accounts.plans import PLANS
from monitoring.catalogue.models import Platform

WORDS = {
    "organization.opened": "opened the organization",
    "organization.renamed": "renamed the organization",
    "organization.closed": "closed the organization",
    "organization.exported": "exported everything of the organization",
    "organization.reopened": "reopened the organization",
    "organization.handed_over": "handed the organization over to {member}",
    "member.signed_in": "signed in",
    "member.invited": "invited somebody as {role}",
    "member.invitation_revoked": "took an invitation as {role} back",
    "member.joined": "joined as {role}",
    "member.role_changed": "made {member} {role}, who was {before}",
    "member.removed": "removed {member}",
    "member.left": "left the organization",
    "key.made": "made the key {made}…",
    "key.renewed": "renewed the key {ended}… as {made}…",
    "key.ended": "ended the key {ended}…",
    "audit.exported": "exported the audit log",
    "organization.second_step_demanded": "demanded a second step of signing in from every member",
    "organization.second_step_left_free": "left the second step of signing in to each member",
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


def lines(entries: Iterable[AuditEntry]) -> list[Line]:
    """Rows of one organization in words, in two queries for any number of them. Names are those that people have now."""
    entries = list(entries)
    named = {entry.actor_id for entry in entries if entry.actor_id and not entry.by_staff}
    named |= {int(entry.detail["member"]) for entry in entries if "member" in entry.detail}
    people = User.objects.in_bulk(named)
    slugs = {str(entry.detail["platform"]) for entry in entries if "platform" in entry.detail}
    names = dict(Platform.objects.filter(slug__in=slugs).values_list("slug", "name"))
    return [line(entry, people, names) for entry in entries]


def line(entry: AuditEntry, people: Mapping[int, User], platforms: Mapping[str, str]) -> Line:
    """`people` holds the users that may be named, `platforms` names by slug. Staff of ours are told as such, not by name."""
    detail = {key: str(value) for key, value in entry.detail.items()}
    if detail.get("plan") in PLANS:
        detail["plan"] = PLANS[detail["plan"]].name
    if "platform" in detail:
        detail["platform"] = platforms.get(detail["platform"], detail["platform"])
    if "member" in detail:
        detail["member"] = _name(int(detail["member"]), people)
    template = WORDS.get(entry.action)
    what = template.format_map(_Known(detail)) if template else entry.action
    return Line(entry.recorded_at, _who(entry, people), what, detail.get("reason", ""))


def _who(entry: AuditEntry, people: Mapping[int, User]) -> str:
    if entry.by_staff:
        return "ConductAtlas staff"
    if "key" in entry.detail:
        return f"The key {entry.detail['key']}…"
    if entry.actor_id is None:
        return "The plan’s limit" if entry.action.startswith("platform.") else "ConductAtlas"
    return _name(entry.actor_id, people)


def _name(user_id: int, people: Mapping[int, User]) -> str:
    person = people.get(user_id)
    return person.get_short_name() if person else "a person whose account was deleted"


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
