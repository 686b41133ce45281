"""What we hold about an organization, or about a person, as a ZIP of JSON and CSV: one of each for every table.

Complete by walking all models: a model that belongs to a tenant or to sign-in is in it, or says here why not. Nothing that
opens a door (hashes of passwords and keys, secrets of second steps, sessions) leaves the house.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, QuerySet

from accounts import tenancy
from accounts.models import Membership, Organization, User

#: Never exported, in whatever table.
SECRETS = frozenset(
    {
        "password",
        "token_hash",
        "secret_hash",
        "lease_token",
        "session_key",
        "session_epoch",
        "locked_at",
        "token",
        "key",
    }
)
#: Fields that are secrets in one table alone.
SECRETS_OF = {"mfa.Authenticator": {"data"}}
#: Tables of sign-in that hold nothing about a person, or nothing but a secret.
LEFT_OUT = {
    "accounts.Attempts": "keyed hashes of what was tried, which name nobody",
    "account.EmailConfirmation": "a secret of an hour; the address stands in account.EmailAddress",
    "sessions.Session": "opaque; what is known of sessions stands in usersessions.UserSession",
    "socialaccount.SocialApp": "the providers that we offer",
    "socialaccount.SocialToken": "a secret of another service",
    "accounts.User_user_permissions": "rights of our staff",
    "accounts.User_groups": "rights of our staff",
}
_IN_MEMORY = 4 * 1024 * 1024

_README = """\
{title}

Each table stands here twice: as JSON (a list of objects) and as CSV (RFC 4180, UTF-8). Times are in UTC (RFC 3339). Names of
columns are those of our database; ids join the tables. Left out is what would open a door: hashes of passwords and keys,
secrets of second steps, sessions.
"""


def of_organization(organization: Organization) -> IO[bytes]:
    """Everything that belongs to an organization, in its scope. The file is rewound; close it."""
    title = f"What ConductAtlas holds for {organization.name}"
    tables = ((label, rows) for label, rows in _tenant_tables(organization))
    return _pack(title, tables)


def of_user(user: User) -> IO[bytes]:
    """Everything about a person: what belongs to their sign-in, and what is theirs in each of their organizations. Opens
    scopes of its own. The file is rewound; close it."""
    with tenancy.scope(None, user):
        organizations = list(Membership.objects.of(user).values_list("organization_id", flat=True))
    parts: dict[str, list[dict[str, Any]]] = {}
    with tenancy.scope(None, user):
        for label, found in _user_tables(user):
            parts.setdefault(label, []).extend(_rows(found))
    for organization_id in organizations:
        with tenancy.scope(organization_id, user):
            for label, found in _own_tables(organization_id, user):
                parts.setdefault(label, []).extend(_rows(found))
    return _pack(f"What ConductAtlas holds about {user.email}", iter(parts.items()))


def _tenant_tables(organization: Organization) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    for model in apps.get_models(include_auto_created=True):
        listed = tenancy.list_of(model)
        if listed == "tenant" or (listed == "shared" and _has(model, "organization")):
            yield model._meta.label, _rows(_of_organization(model, organization.pk))


def _user_tables(user: User) -> Iterator[tuple[str, QuerySet[Any]]]:
    for model in user_models():
        yield model._meta.label, of_person(model, user)


def _own_tables(organization_id: int, user: User) -> Iterator[tuple[str, QuerySet[Any]]]:
    """The tenant's rows that are this member's: by their membership, or by who did it."""
    for model in apps.get_models():
        if tenancy.list_of(model) != "tenant":
            continue
        paths = [f"{field.name}__user" for field in _keys_to(model, Membership)]
        paths += [field.name for field in _keys_to(model, User)]
        found = _of_organization(model, organization_id)
        if model._meta.label == "accounts.AuditEntry":
            yield model._meta.label, found.filter(actor_id=user.pk)
        elif paths:
            yield model._meta.label, found.filter(_any(paths, user)).distinct()


def user_models() -> list[type[models.Model]]:
    """The tables of sign-in that are about a person."""
    every = apps.get_models(include_auto_created=True)
    return [one for one in every if tenancy.list_of(one) == "user" and one._meta.label not in LEFT_OUT]


def of_person(model: type[models.Model], user: User) -> QuerySet[Any]:
    """The rows of a table of sign-in about this person. Raises LookupError for a table that nothing ties to a person: then it
    must say in LEFT_OUT why it is none's."""
    rows = model._default_manager.all()
    if model is User:
        return rows.filter(pk=user.pk)
    if _has(model, "recipient"):
        return rows.filter(recipient__iexact=user.email)
    paths = [field.name for field in _keys_to(model, User)]
    if not paths:
        raise LookupError(f"{model._meta.label} is listed as a table of sign-in, and nothing ties it to a person")
    return rows.filter(_any(paths, user))


def _of_organization(model: type[models.Model], pk: int) -> QuerySet[Any]:
    column = "pk" if model is Organization else "organization"
    return model._default_manager.filter(**{column: pk}).order_by("pk")


def _any(paths: list[str], user: User) -> Q:
    condition = Q()
    for path in paths:
        condition |= Q(**{path: user})
    return condition


def _has(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def _keys_to(model: type[models.Model], target: type[models.Model]) -> list[Any]:
    return [
        field
        for field in model._meta.get_fields()
        if (field.many_to_one or field.one_to_one)
        if field.related_model is target and field.concrete
    ]


def _rows(found: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    model = found.model
    hidden = SECRETS | SECRETS_OF.get(model._meta.label, set())
    columns = [field.attname for field in model._meta.concrete_fields if field.name not in hidden]
    for row in found.order_by("pk").values(*columns).iterator(chunk_size=1000):
        yield {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes | memoryview) else value


def _pack(title: str, tables: Iterator[tuple[str, Any]]) -> IO[bytes]:
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README.format(title=title))
        for label, rows in tables:
            _write(archive, label.lower(), rows)
    kept.seek(0)
    return kept


def _write(archive: zipfile.ZipFile, name: str, rows: Any) -> None:
    """Row by row: the CSV waits in a file of its own, since a ZIP is written one entry after the other."""
    encoder = DjangoJSONEncoder(ensure_ascii=False)
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as table:
        text = io.TextIOWrapper(table, encoding="utf-8", newline="", write_through=True)
        columns: csv.DictWriter[str] | None = None
        with archive.open(f"{name}.json", "w", force_zip64=True) as out:
            out.write(b"[")
            for number, row in enumerate(rows):
                out.write((",\n" if number else "\n").encode() + encoder.encode(row).encode())
                if columns is None:
                    columns = csv.DictWriter(text, list(row))
                    columns.writeheader()
                columns.writerow({column: _cell(encoder, value) for column, value in row.items()})
            out.write(b"\n]\n")
        text.flush()
        table.seek(0)
        with archive.open(f"{name}.csv", "w", force_zip64=True) as out:
            while piece := table.read(64 * 1024):
                out.write(piece)
        text.detach()


def _cell(encoder: json.JSONEncoder, value: Any) -> Any:
    """Times and ids as in the JSON."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else json.loads(encoder.encode(value))
    if not isinstance(text, str):
        text = encoder.encode(text)
    return inert(text)


def inert(text: str) -> str:
    """The text as a cell of a CSV: spreadsheets run what begins like a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
