"""Looking into a tenant: an operator names it, says why, and sees its rows in the admin for an hour.

The tenant's own audit log tells of it. Before the reason is recorded nothing of the tenant is read but its id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.http import HttpRequest

from accounts import services, tenancy
from accounts.models import Organization, User
from atlas.kernel import clock, ids

SESSION_KEY = "looking_into"
PATH = "/admin/look-into/"
LASTS = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Looking:
    """The tenant that this session looks into, and the words that the tenant reads."""

    organization_id: int
    reason: str


def find_organizations(*, operator: User, text: str) -> list[tuple[int, UUID]]:
    """Those that a member's e-mail address or an id (`org_…`) names: (id, public id). Opens a scope of its own."""
    sought = text.strip()
    with tenancy.staff_scope(operator), connection.cursor() as cursor:
        if "@" in sought:
            cursor.execute("SELECT id, public_id FROM accounts_organizations_of_address(%s)", [sought])
        else:
            try:
                public_id = ids.decode(Organization.PREFIX, sought)
            except ids.InvalidId:
                return []
            cursor.execute("SELECT id, public_id FROM accounts_organization_of_public_id(%s)", [public_id])
        return [(pk, public_id) for pk, public_id in cursor.fetchall()]


def begin(request: HttpRequest, *, operator: User, organization_id: int, reason: str) -> None:
    """Record it where the tenant can read it, then let this session look for an hour. Opens a scope of its own."""
    services.look_into(operator=operator, organization_id=organization_id, reason=reason)
    request.session[SESSION_KEY] = {
        "organization": organization_id,
        "reason": reason,
        "until": (clock.now() + LASTS).isoformat(),
    }


def end(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def current(request: HttpRequest) -> Looking | None:
    """What this session looks into, unless the hour has passed."""
    kept = request.session.get(SESSION_KEY)
    if not kept or datetime.fromisoformat(kept["until"]) <= clock.now():
        return None
    return Looking(kept["organization"], kept["reason"])
