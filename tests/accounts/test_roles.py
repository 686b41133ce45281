"""The database's roles and rules, made where something of them is there already."""

from __future__ import annotations

import os

import psycopg
import pytest
from psycopg import errors

from accounts import roles
from accounts.policies import AppendOnly
from tests.conftest import PASSWORD, OwnDatabase, database_url, point_to


def test_another_owner_on_the_same_server_finds_the_roles_made(own_database: OwnDatabase) -> None:
    name = f"owner_{os.getpid()}_{os.urandom(3).hex()}"
    with psycopg.connect(database_url(own_database.name), autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN CREATEROLE NOSUPERUSER PASSWORD '{PASSWORD}'")
        try:
            point_to(own_database.name, name)
            roles.create_roles()
        finally:
            point_to(own_database.name)
            owner.execute(f"DROP ROLE {name}")
        found = owner.execute(
            "SELECT inherit_option, set_option FROM pg_auth_members"
            " WHERE roleid = 'atlas_web'::regrole AND member = 'atlas_site'::regrole"
        ).fetchall()

    assert found == [(True, True)]


def test_append_only_table_can_be_made_again_after_it_was_dropped(own_database: OwnDatabase) -> None:
    rule = AppendOnly(name="evidence_append_only")
    with psycopg.connect(database_url(own_database.name), autocommit=True) as owner:
        for _ in range(2):
            owner.execute("DROP TABLE IF EXISTS evidence")
            owner.execute("CREATE TABLE evidence (id bigint)")
            for statement in rule.create_statements("evidence"):
                owner.execute(statement)
        owner.execute("INSERT INTO evidence VALUES (7)")

        with pytest.raises(errors.RestrictViolation, match="row 7 can not be changed"):
            owner.execute("DELETE FROM evidence")
