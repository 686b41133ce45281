"""Row security: the four lists of models, and the scopes that say for whom a transaction speaks.

A scope is one durable transaction. Its one statement sets the organization, the user and the role together, for that
transaction only, so that a pooled connection carries nothing over. Scopes don't nest; services never open one, the entry
points (gated views, tasks, commands) do. Outside of a scope tenant tables are empty.

This stops a forgotten filter. It doesn't stop injected SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.db import connection, models, transaction

if TYPE_CHECKING:
    from accounts.models import Organization, User

#: Mine only. Each has a TenantPolicy.
TENANT = frozenset(
    {
        "accounts.Organization",
        "accounts.Membership",
        "accounts.Invitation",
        "accounts.ApiKey",
        "accounts.Entitlement",
        "accounts.AuditEntry",
        "billing.Grant",
        "watching.WatchlistItem",
        "watching.RequestVote",
        "alerts.Delivery",
        "alerts.InboxItem",
        "alerts.Digest",
        "alerts.Preferences",
    }
)
#: Public (no organization) or mine. Each has a SharedPolicy.
SHARED = frozenset(
    {
        "catalogue.Document",
        "catalogue.Declaration",
        "catalogue.Source",
        "archive.CheckSchedule",
        "archive.SourceState",
        "archive.Trial",
        "archive.Incident",
        "archive.Picture",
        "archive.Check",
        "archive.Upload",
        "archive.Snapshot",
        "archive.Version",
        "archive.VersionSnapshot",
        "archive.Sighting",
        "archive.DocumentHead",
        "archive.LedgerEntry",
        "changes.Change",
        "changes.Release",
        "alerts.Event",
    }
)
#: Sign-in, sessions, mails about them: guarded by querysets.
USER = frozenset(
    {
        "accounts.User",
        "accounts.User_groups",
        "accounts.User_user_permissions",
        "accounts.OutgoingMail",
        "accounts.Attempts",
        "account.EmailAddress",
        "account.EmailConfirmation",
        "mfa.Authenticator",
        "socialaccount.SocialAccount",
        "socialaccount.SocialApp",
        "socialaccount.SocialToken",
        "usersessions.UserSession",
        "sessions.Session",
        "admin.LogEntry",
    }
)
#: Web reads; worker and staff write.
PUBLIC = frozenset(
    {
        "catalogue.Platform",
        "catalogue.FormerSlug",
        "catalogue.Hub",
        "catalogue.Proposal",
        "watching.PlatformRequest",
        "catalogue.Topic",
        "catalogue.Type",
        "archive.Host",
        "archive.Payload",
        "archive.Checkpoint",
        "findings.Provision",
        "findings.Finding",
        "findings.FindingRevision",
        "findings.Excerpt",
        "auth.Group",
        "auth.Group_permissions",
        "auth.Permission",
        "contenttypes.ContentType",
    }
)
LISTS = {"tenant": TENANT, "shared": SHARED, "user": USER, "public": PUBLIC}

#: The serving roles have no UPDATE, DELETE or TRUNCATE on these (an AppendOnly trigger is the second lock).
APPEND_ONLY = frozenset(
    {
        "accounts.AuditEntry",
        "catalogue.Declaration",
        "catalogue.Source",
        "archive.Upload",
        "archive.Snapshot",
        "archive.Version",
        "archive.VersionSnapshot",
        "archive.LedgerEntry",
        "archive.Checkpoint",
        "findings.Excerpt",
    }
)

#: Where web's rights differ from those of its list.
WEB_RIGHTS = {
    # `billing` alone writes it; web opens it as Free with the organization, and locks it before it counts.
    "accounts.Entitlement": "SELECT, INSERT, UPDATE (locked_at)",
    "billing.Grant": "SELECT",
    # Members ask; a trigger counts the votes, and staff answer.
    "watching.PlatformRequest": "SELECT, INSERT",
    "socialaccount.SocialApp": "SELECT",  # providers stand in the settings, never in this table
    # Deleted with the membership that ends.
    "alerts.Delivery": "SELECT, DELETE",
    "alerts.Digest": "SELECT, DELETE",
    "accounts.User_groups": "SELECT",
    "accounts.User_user_permissions": "SELECT",
}

#: Where worker's and staff's rights differ from those of their list: how bytes are kept may be rewritten by the worker; that
#: they are withdrawn is for the owner alone to say, and nobody deletes them.
WORKER_RIGHTS = {"archive.Payload": "SELECT, INSERT, UPDATE (encoding, data, location)"}
STAFF_RIGHTS = {"archive.Payload": "SELECT"}

#: SQL functions that are asked before a tenant is known: they run with their owner's rights and return ids. Function → role.
LOOKUPS = {
    "accounts_key_of_secret(text)": "atlas_web",
    "watching_move_votes(bigint,bigint)": "atlas_staff",
    "accounts_invitation_of_token(text)": "atlas_web",
    "accounts_organizations_of_address(text)": "atlas_staff",
    "accounts_organization_of_public_id(uuid)": "atlas_staff",
}


class ScopeNested(RuntimeError):
    """A scope was opened inside of another: the inner one's end would not end its rights."""


class ReasonMissing(ValueError):
    """Staff may look into a tenant only with a reason that the tenant can read."""


def list_of(model: type[models.Model]) -> str | None:
    """`tenant`, `shared`, `user` or `public`; None for a model in no list."""
    return next((name for name, labels in LISTS.items() if model._meta.label in labels), None)


_open: ContextVar[str] = ContextVar("atlas_scope", default="")

_ENTER = (
    "SELECT set_config('atlas.organization', %s, true), set_config('atlas.user', %s, true),"
    " set_config('atlas.reason', %s, true), set_config('role', %s, true)"
)


@contextmanager
def _scope(role: str, organization: int | None = None, user: int | None = None, reason: str = "") -> Iterator[None]:
    if _open.get():
        raise ScopeNested(f"a scope as {role} was opened inside of one as {_open.get()}")
    token = _open.set(role)
    try:
        with transaction.atomic(durable=True):
            with connection.cursor() as cursor:
                cursor.execute(_ENTER, [str(organization or ""), str(user or ""), reason, role])
            yield
        if connection.in_atomic_block:  # a test case's own transaction goes on: leave nothing behind in it
            with connection.cursor() as cursor:
                cursor.execute(_ENTER, ["", "", "", "none"])
    finally:
        _open.reset(token)


def current_scope() -> str:
    """The role of the open scope, or an empty string."""
    return _open.get()


@contextmanager
def scope(organization: Organization | int | None, user: User | int | None = None) -> Iterator[None]:
    """Speak for one organization and one of its users, with web's rights. Without an organization only the user's own
    memberships are seen. Raises ScopeNested inside of another scope."""
    with _scope("atlas_web", _pk(organization), _pk(user)):
        yield


@contextmanager
def system_scope(reason: str) -> Iterator[None]:
    """The pipeline's rights over all tenants; only logins of the worker may enter. The reason says why, for the logs of
    PostgreSQL and the reader of the code."""
    if not reason:
        raise ReasonMissing("a system scope says why it is opened")
    with _scope("atlas_worker", reason=reason):
        yield


@contextmanager
def staff_scope(
    user: User | int, *, organization: Organization | int | None = None, reason: str = ""
) -> Iterator[None]:
    """The desk's rights over public things. With an organization, also over that tenant: then a reason is needed, and the
    caller has recorded it where the tenant can read it (accounts.services.look_into)."""
    if organization is not None and not reason:
        raise ReasonMissing("looking into an organization needs a reason that its members can read")
    with _scope("atlas_staff", _pk(organization), _pk(user), reason):
        yield


def _pk(instance: models.Model | int | None) -> int | None:
    return instance if isinstance(instance, int) or instance is None else instance.pk
