"""Databases of the suite: a template, migrated once for a state of the code, and a clone of it for each xdist worker.

Tests speak as `atlas_tests`, a login with web's rights that may enter the worker's and the staff's role; never as the owner.
Tests that start other processes, or need commits, take `own_database`: a fresh clone that is dropped afterwards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.cache import cache
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent
OWNER_URL = os.environ["DATABASE_URL"]
LOGIN = "atlas_tests"
PASSWORD = "atlas-tests"
LOGINS = {
    "atlas_site": ("atlas_staff",),
    "atlas_tasks": ("atlas_worker",),
    LOGIN: ("atlas_worker", "atlas_staff"),
}


def database_url(name: str, user: str = "") -> str:
    """The address of a database on the suite's server, as the owner or as one of the logins."""
    parts = urlsplit(OWNER_URL)
    netloc = parts.netloc
    if user:
        netloc = f"{user}:{PASSWORD}@{parts.hostname}:{parts.port or 5432}"
    return urlunsplit((parts.scheme, netloc, f"/{name}", "", ""))


def _template_name() -> str:
    """One template for one state of the migrations and of what they call."""
    digest = hashlib.sha256()
    for path in [*sorted(ROOT.glob("**/migrations/*.py")), ROOT / "accounts/roles.py", ROOT / "accounts/tenancy.py"]:
        if ".venv" not in path.parts:
            digest.update(path.read_bytes())
    return f"atlas_template_{digest.hexdigest()[:12]}"


@contextmanager
def _as_owner(database: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url(database) if database else OWNER_URL, autocommit=True) as connection:
        yield connection


def _exists(owner: psycopg.Connection[Any], name: str) -> bool:
    return owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def create_clone(name: str) -> None:
    template = _template_name()
    with _as_owner() as owner:
        owner.execute("SELECT pg_advisory_lock(7303016)")  # a template can't be copied by two at once
        owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        owner.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(name: str) -> None:
    with _as_owner() as owner:
        owner.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def point_to(name: str, user: str = LOGIN) -> None:
    """Let Django's connection speak to this database as this login."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict.update(NAME=name, USER=user, PASSWORD=PASSWORD)


def _migrate_template() -> None:
    from django.core.management import call_command

    from accounts import roles

    template = _template_name()
    with _as_owner() as owner:
        owner.execute("SELECT pg_advisory_lock(7303016)")
        if _exists(owner, template):
            return
        building = f"{template}_building"
        owner.execute(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
        owner.execute(f'CREATE DATABASE "{building}"')
        parts = urlsplit(OWNER_URL)
        connection = connections["default"]
        connection.settings_dict.update(NAME=building, USER=parts.username or "", PASSWORD=parts.password or "")
        roles.create_roles(LOGINS)
        call_command("migrate", verbosity=0)
        connection.close()
        for login in LOGINS:
            owner.execute(f"ALTER ROLE {login} PASSWORD '{PASSWORD}'")
            owner.execute(
                f"GRANT {login} TO CURRENT_USER WITH INHERIT TRUE"
            )  # to end what it left behind, when we drop
        owner.execute(f'ALTER DATABASE "{building}" RENAME TO "{template}"')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, worker_id: str) -> Iterator[None]:
    name = f"atlas_{worker_id}_{os.getpid()}"
    with django_db_blocker.unblock():
        _migrate_template()
        create_clone(name)
        point_to(name)
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
    drop(name)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    workerinput: dict[str, str] = getattr(request.config, "workerinput", {})
    return workerinput.get("workerid", "main")


@dataclass(frozen=True)
class OwnDatabase:
    """A database that this test alone uses, with real commits."""

    name: str

    def url(self, user: str = LOGIN) -> str:
        return database_url(self.name, user)


@pytest.fixture
def own_database(django_db_setup: None, django_db_blocker: Any, worker_id: str) -> Iterator[OwnDatabase]:
    """A fresh clone; Django's connection points to it for the length of the test."""
    before = connections["default"].settings_dict["NAME"]
    name = f"atlas_own_{worker_id}_{os.getpid()}_{os.urandom(4).hex()}"
    create_clone(name)
    with django_db_blocker.unblock():
        point_to(name)
        yield OwnDatabase(name)
        point_to(before)
    drop(name)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Rate counters and cached pages of one test don't reach the next."""
    yield
    cache.clear()
