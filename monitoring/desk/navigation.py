"""The sidebar: each role sees what it works with."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from monitoring.catalogue.models import Proposal
from monitoring.changes.models import Release
from monitoring.desk.access import EVERYBODY, OPERATORS, may


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Called by the admin's theme for every page (settings.UNFOLD)."""
    if not may(request.user, EVERYBODY):
        return []
    groups: list[dict[str, Any]] = [
        {
            "title": "Desk",
            "items": [
                _item("Queue", "gavel", "admin:desk-queue", **waiting()),
                _item("Findings", "format_quote", "admin:desk-findings"),
            ],
        },
        {
            "title": "Reading",
            "items": [
                _item("Health", "monitor_heart", "admin:desk-health"),
                _item("Proposals", "lightbulb", "admin:desk-proposals", **proposed(request)),
                _item("Platforms", "dns", "admin:desk-platforms"),
                _item("Requests", "how_to_vote", "admin:desk-requests"),
            ],
        },
        {
            "title": "Evidence",
            "collapsible": True,
            "items": [
                _item("Checks", "fact_check", "admin:archive_check_changelist"),
                _item("Incidents", "warning", "admin:archive_incident_changelist"),
                _item("Versions", "history", "admin:archive_version_changelist"),
                _item("Snapshots", "inventory_2", "admin:archive_snapshot_changelist"),
                _item("Ledger", "link", "admin:archive_ledgerentry_changelist"),
            ],
        },
    ]
    if may(request.user, OPERATORS):
        groups.insert(
            2,
            {
                "title": "People",
                "items": [
                    _item("Look into", "visibility", "look-into"),
                    _item("Granted plans", "redeem", "admin:billing_grant_changelist"),
                    _item("Users", "group", "admin:accounts_user_changelist"),
                ],
            },
        )
    return groups


def waiting() -> dict[str, str]:
    """A badge that counts the changes that wait for a decision; none where none does."""
    count = Release.objects.undecided().filter(change__organization=None).count()
    return {"badge": str(count)} if count else {}


def proposed(request: HttpRequest) -> dict[str, str]:
    """A badge for operators that counts the proposals that wait."""
    count = Proposal.objects.waiting().count() if may(request.user, OPERATORS) else 0
    return {"badge": str(count)} if count else {}


def _item(title: str, icon: str, name: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse(name), **more}
