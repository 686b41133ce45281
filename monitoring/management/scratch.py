"""A database that exists for one command: made and migrated by the owner's login, dropped at the end."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from psycopg import sql

PREFIX = "atlas_scratch_"
WORKER_LOGIN = "atlas_tasks"


class NoScratchDatabase(RuntimeError):
    """None can be made; the words say why and what to do."""


def url_of(connection: Mapping[str, Any]) -> str:
    """The address behind Django's settings of a connection."""
    user, password = quote(str(connection["USER"] or ""), safe=""), quote(str(connection["PASSWORD"] or ""), safe="")
    login = f"{user}:{password}" if password else user
    return f"postgresql://{login}@{connection['HOST'] or 'localhost'}:{connection['PORT'] or 5432}/{connection['NAME']}"


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_login(url: str, login: str) -> str:
    """The same server and database, as a login without a password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port or 5432}"))


@contextmanager
def scratch_database(owner_url: str) -> Iterator[str]:
    """A migrated database on the server of the owner's address; the block gets its name. Raises NoScratchDatabase."""
    name = f"{PREFIX}{secrets.token_hex(6)}"
    try:
        owner = psycopg.connect(owner_url, autocommit=True)
    except psycopg.OperationalError as error:
        raise NoScratchDatabase(f"PostgreSQL can't be reached: {str(error).strip().splitlines()[0]}") from error
    with owner:
        _drop_abandoned(owner)
        try:
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except psycopg.errors.InsufficientPrivilege as error:
            raise NoScratchDatabase(
                f"The login {owner.info.user} may not create databases. Name the owner's in ATLAS_OWNER_DATABASE_URL,"
                " or use throw-away servers: `make replay DATA=…`."
            ) from error
        try:
            url = with_database(owner_url, name)
            with psycopg.connect(url):  # says to other commands that it isn't abandoned
                _migrate(url)
                yield name
        finally:
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_abandoned(owner: psycopg.Connection[Any]) -> None:
    """Those of commands that were killed: of the owner's, and without a session."""
    left = owner.execute(
        "SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba"
        " WHERE r.rolname = current_user AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)"
    )
    for (name,) in left.fetchall():
        if re.fullmatch(rf"{PREFIX}[0-9a-f]{{12}}", name):
            owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _migrate(url: str) -> None:
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "migrate",
        "--verbosity",
        "0",
        "--no-input",
        "--skip-checks",
    ]
    environment = {**os.environ, "DATABASE_URL": url, "ATLAS_POOL": "0"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoScratchDatabase(f"The scratch database can't be migrated: {done.stderr.strip().splitlines()[-1]}")
