"""Every tenant and shared model × every role: one's own row is seen, another tenant's is neither seen, changed, deleted nor
inserted; without any queryset scoping. The policies are PostgreSQL's, so raw SQL fares no better."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from psycopg import errors

from accounts import tenancy
from accounts.models import Organization, User
from monitoring.catalogue.models import Document
from tests import factories
from tests.conftest import OwnDatabase, database_url, point_to
from tests.tenancy.rows import Tenant, guarded_models, own_rows, tenant

MODELS = guarded_models()
Scope = Callable[[Tenant], AbstractContextManager[None]]
SCOPES: dict[str, Scope] = {
    "web": lambda own: tenancy.scope(own.organization, own.membership.user),
    "staff without a reason": lambda own: tenancy.staff_scope(own.membership.user),
    "staff looking into another organization": lambda own: tenancy.staff_scope(
        own.membership.user, organization=own.organization, reason="asked by its owner"
    ),
}


@pytest.fixture
def own(db: None) -> Tenant:
    return tenant("alice")


@pytest.fixture
def other(db: None) -> Tenant:
    return tenant("charlie")


def row_of(model: type[models.Model], of: Tenant) -> dict[str, Any]:
    """Column → value of one row, read with the worker's rights."""
    with tenancy.system_scope("read a row to try"):
        found = own_rows(model, of.organization).values(*[field.attname for field in model._meta.concrete_fields])[0]
    return {str(field.column): found[field.attname] for field in model._meta.concrete_fields}


def breaches(model: type[models.Model], row: dict[str, Any]) -> list[str]:
    """What the scope in force can do to another tenant's row."""
    table, key = model._meta.db_table, str(model._meta.pk.column)
    found = []
    if _count(f'SELECT * FROM "{table}" WHERE "{key}" = %s', [row[key]]):
        found.append("seen")
    if _count(f'UPDATE "{table}" SET "{key}" = "{key}" WHERE "{key}" = %s', [row[key]]):
        found.append("changed")
    if _count(f'DELETE FROM "{table}" WHERE "{key}" = %s', [row[key]]):
        found.append("deleted")
    if _inserted(model, row):
        found.append("inserted")
    return found


def _count(statement: str, values: list[Any]) -> int:
    """Rows that the statement touched; none where the role may not even try."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)
    except DatabaseError as error:
        if not isinstance(error.__cause__, errors.InsufficientPrivilege | errors.RestrictViolation):
            raise
        return 0


def _inserted(model: type[models.Model], row: dict[str, Any]) -> bool:
    """Whether a row for the other tenant gets past the policy. A policy is asked before keys and constraints are: any other
    error than its refusal means that it let the row through."""
    fields = {field.column: field for field in model._meta.concrete_fields}
    columns = ", ".join(f'"{column}"' for column in row)
    values = [fields[column].get_db_prep_save(value, connection) for column, value in row.items()]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES ({", ".join(["%s"] * len(values))})', values
            )
    except DatabaseError as error:
        return not isinstance(error.__cause__, errors.InsufficientPrivilege)
    return True


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("role", SCOPES)
def test_another_tenants_row_is_out_of_reach(model: type[models.Model], role: str, own: Tenant, other: Tenant) -> None:
    row = row_of(model, other)

    with SCOPES[role](own):
        assert breaches(model, row) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_own_row_is_seen(model: type[models.Model], own: Tenant) -> None:
    with tenancy.scope(own.organization, own.membership.user):
        assert own_rows(model, own.organization).exists()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_without_a_scope_no_tenants_row_is_seen(model: type[models.Model], own: Tenant) -> None:
    assert not own_rows(model, own.organization).exists()


@pytest.mark.parametrize("login", ["atlas_site", "atlas_tasks"])
def test_logins_of_web_and_worker_are_bound_by_the_scope(own_database: OwnDatabase, login: str) -> None:
    alice, charlie = tenant("alice"), tenant("charlie")
    rows = {model: row_of(model, charlie) for model in MODELS}
    point_to(own_database.name, login)

    with tenancy.scope(alice.organization, alice.membership.user):
        found = {model._meta.label: breaches(model, row) for model, row in rows.items()}

    assert {label: what for label, what in found.items() if what} == {}


def test_dropped_policy_is_noticed(own_database: OwnDatabase) -> None:
    alice, charlie = tenant("alice"), tenant("charlie")
    row = row_of(Document, charlie)
    with psycopg.connect(database_url(own_database.name)) as owner:
        owner.execute("ALTER TABLE catalogue_document DISABLE ROW LEVEL SECURITY")

    with tenancy.scope(alice.organization, alice.membership.user):
        assert "seen" in breaches(Document, row)


@pytest.mark.django_db
def test_every_model_stands_in_one_of_the_four_lists() -> None:
    labels = [label for names in tenancy.LISTS.values() for label in names]

    assert [m._meta.label for m in apps.get_models(include_auto_created=True) if tenancy.list_of(m) is None] == []
    assert len(labels) == len(set(labels))
    assert set(labels) == {model._meta.label for model in apps.get_models(include_auto_created=True)}


@pytest.mark.django_db
def test_every_guarded_table_forces_row_security() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {name for (name,) in cursor.fetchall()}

    assert forced == {model._meta.db_table for model in MODELS}


def test_composite_key_refuses_a_row_that_points_at_another_tenants(own: Tenant, other: Tenant) -> None:
    watch = {"document_id": other.document.pk, "organization_id": own.organization.pk}

    with tenancy.system_scope("the worker isn't bound by policies"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(DatabaseError, match="change_document_tenant"), transaction.atomic():
            cursor.execute(
                "UPDATE changes_change SET document_id = %(document_id)s WHERE organization_id = %(organization_id)s",
                watch,
            )


APPEND_ONLY = sorted(tenancy.APPEND_ONLY)


@pytest.mark.parametrize("label", APPEND_ONLY)
@pytest.mark.parametrize("role", ["web", "worker", "staff"])
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.django_db
def test_serving_role_has_no_right_to_change_evidence(label: str, role: str, right: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, %s, %s)",
            [f"atlas_{role}", apps.get_model(label)._meta.db_table, right],
        )
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize("change", ["withdrawn_at = now()", "size = 0", "sha256 = 'x'"])
@pytest.mark.parametrize("role", ["worker", "staff"])
def test_serving_role_can_neither_withdraw_nor_delete_bytes(own: Tenant, role: str, change: str) -> None:
    scope = tenancy.system_scope("try") if role == "worker" else tenancy.staff_scope(own.membership.user)
    with scope, connection.cursor() as cursor:
        for statement in (f"UPDATE archive_payload SET {change}", "DELETE FROM archive_payload"):
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)


def test_worker_may_keep_bytes_in_another_encoding(own: Tenant) -> None:
    with tenancy.system_scope("pack them anew"), connection.cursor() as cursor:
        cursor.execute("UPDATE archive_payload SET encoding = 'identity', data = data, location = ''")
        assert cursor.rowcount > 0


@pytest.mark.parametrize("label", APPEND_ONLY)
def test_trigger_refuses_even_the_owner(label: str, own_database: OwnDatabase) -> None:
    tenant("alice")
    table, key = apps.get_model(label)._meta.db_table, apps.get_model(label)._meta.pk.column
    with psycopg.connect(database_url(own_database.name)) as owner:
        rows = owner.execute(f'SELECT count(*) FROM "{table}"').fetchone()
        statements = [f'TRUNCATE "{table}" CASCADE']
        if rows and rows[0]:
            statements += [f'UPDATE "{table}" SET "{key}" = "{key}"', f'DELETE FROM "{table}"']
        for statement in statements:
            with pytest.raises(errors.RestrictViolation, match="append-only"), owner.transaction():
                owner.execute(statement)


def test_connection_carries_nothing_over_to_its_next_user(own_database: OwnDatabase) -> None:
    alice = tenant("alice")
    with tenancy.scope(alice.organization, alice.membership.user):
        assert own_rows(Organization, alice.organization).exists()

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('atlas.organization', true), current_setting('role')")
        assert cursor.fetchone() in [("", "none"), (None, "none")]
    assert not own_rows(Organization, alice.organization).exists()


def test_scope_does_not_outlive_an_error(own_database: OwnDatabase) -> None:
    alice = tenant("alice")

    with pytest.raises(ZeroDivisionError), tenancy.scope(alice.organization, alice.membership.user):
        _ = 1 / 0

    assert tenancy.current_scope() == ""
    assert not own_rows(Organization, alice.organization).exists()


@pytest.mark.django_db
def test_scopes_do_not_nest() -> None:
    with (
        tenancy.system_scope("outer"),
        pytest.raises(tenancy.ScopeNested),
        tenancy.system_scope("inner"),
    ):
        raise AssertionError("the inner scope was entered")


@pytest.mark.django_db
def test_looking_into_an_organization_needs_a_reason() -> None:
    operator: User = factories.user()

    with pytest.raises(tenancy.ReasonMissing), tenancy.staff_scope(operator, organization=1):
        raise AssertionError("the scope was entered")


def test_web_can_not_give_itself_a_plan(own: Tenant) -> None:
    with (
        tenancy.scope(own.organization, own.membership.user),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE accounts_entitlement SET plan_slug = 'professional'")
