"""The database roles and their rights (DESIGN "Row security").

`create_roles` runs before migrations, since policies name roles; `grant_rights` after them. Both are idempotent and are
called by Django's pre_migrate and post_migrate (accounts/receivers.py). Needs PostgreSQL 16: memberships with INHERIT FALSE.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.apps import apps
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from accounts import tenancy

WEB, WORKER, STAFF = "atlas_web", "atlas_worker", "atlas_staff"
#: The login roles of our processes; all have web's rights, and may enter what they serve.
LOGINS = {"atlas_site": (STAFF,), "atlas_tasks": (WORKER,)}

_CREATE = """
SELECT pg_advisory_xact_lock(7303014);
DO $$
DECLARE entry record;
BEGIN
  FOR entry IN SELECT * FROM (VALUES {roles}) AS r(name, options) LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = entry.name) THEN
      EXECUTE format('CREATE ROLE %I %s', entry.name, entry.options);
    END IF;
  END LOOP;
END $$;
"""


def create_roles(logins: Mapping[str, tuple[str, ...]] = LOGINS) -> None:
    """Create the three roles and the login roles, with the memberships that each may enter."""
    roles = [(name, "NOLOGIN") for name in (WEB, WORKER, STAFF)] + [(name, "LOGIN") for name in logins]
    values = ", ".join(f"('{name}', '{options}')" for name, options in roles)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CREATE.replace("{roles}", values))
        for login, entered in logins.items():
            _enter(cursor, login, WEB, inherit=True)
            for role in entered:
                _enter(cursor, login, role, inherit=False)


def _enter(cursor: CursorWrapper, login: str, role: str, *, inherit: bool) -> None:
    """Let the login enter the role. Roles belong to the whole server: where another database's owner has granted it, nothing
    is left to do, and we may not have the right to."""
    cursor.execute(
        "SELECT count(*) FROM pg_auth_members WHERE roleid = %s::regrole AND member = %s::regrole AND set_option"
        " AND inherit_option = %s",
        [role, login, inherit],
    )
    if not cursor.fetchone()[0]:
        cursor.execute(f"GRANT {role} TO {login} WITH INHERIT {inherit}, SET TRUE")


def rights(model: type[models.Model]) -> dict[str, str]:
    """What web, worker and staff may do with this model's table, by its list and the exceptions in tenancy.py."""
    label = model._meta.label
    append_only = label in tenancy.APPEND_ONLY
    write = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    if label in tenancy.WEB_RIGHTS:
        web = tenancy.WEB_RIGHTS[label]
    else:
        web = write if tenancy.list_of(model) in {"tenant", "user"} else "SELECT"
    worker, staff = tenancy.WORKER_RIGHTS.get(label, write), tenancy.STAFF_RIGHTS.get(label, write)
    return {WEB: web, WORKER: worker, STAFF: staff}


def grant_rights() -> None:
    """Give each role exactly its rights on every table, and the sequences behind them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7303015)")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = {row[0] for row in cursor.fetchall()}
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {WEB}, {WORKER}, {STAFF}")
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table not in tables or not model._meta.managed:
                continue
            cursor.execute(f'REVOKE ALL ON "{table}" FROM {WEB}, {WORKER}, {STAFF}')
            for role, granted in rights(model).items():
                cursor.execute(f'GRANT {granted} ON "{table}" TO {role}')
        for function, role in tenancy.LOOKUPS.items():
            cursor.execute("SELECT to_regprocedure(%s) IS NOT NULL", [function])
            if cursor.fetchone()[0]:
                cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {WEB}, {WORKER}, {STAFF}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {WEB}, {WORKER}, {STAFF}")
