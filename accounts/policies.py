"""Row security and append-only tables as constraints, so that they stand in the models and travel with migrations."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint

# In (SELECT …) so that it is computed once for a statement; NULLIF since a setting that was once set is '' afterwards.
ORGANIZATION = "(SELECT NULLIF(current_setting('atlas.organization', true), '')::bigint)"
USER = "(SELECT NULLIF(current_setting('atlas.user', true), '')::bigint)"
REASON = "(SELECT COALESCE(current_setting('atlas.reason', true), '') <> '')"


class DatabaseRule(BaseConstraint, ABC):
    """Something PostgreSQL enforces that Django has no word for: SQL on creation and on removal."""

    def __init__(self, *, name: str, violation_error_code: Any = None, violation_error_message: Any = None) -> None:
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )

    @abstractmethod
    def create_statements(self, table: str) -> list[str]:
        """The statements that make it."""

    @abstractmethod
    def remove_statements(self, table: str) -> list[str]:
        """The statements that take away it."""

    def constraint_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> None:  # type: ignore[override]
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def create_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        return ";\n".join(self.create_statements(model._meta.db_table))

    def remove_sql(self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor) -> str:  # type: ignore[override]
        return ";\n".join(self.remove_statements(model._meta.db_table))

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """PostgreSQL is the judge; nothing is asked beforehand."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DatabaseRule) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash(self.name)


class RowPolicy(DatabaseRule):
    """Row security on one table: a policy for each role. Subclasses say who sees and writes which rows."""

    @abstractmethod
    def rules(self) -> dict[str, list[tuple[str, str, str | None]]]:
        """Role → (command, USING, WITH CHECK)."""

    def create_statements(self, table: str) -> list[str]:
        statements = [
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'CREATE POLICY "{self.name}_owner" ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true)',
            f'CREATE POLICY "{self.name}_worker" ON "{table}" TO atlas_worker USING (true) WITH CHECK (true)',
        ]
        for role, rules in self.rules().items():
            for number, (command, using, check) in enumerate(rules, 1):
                parts = [f'CREATE POLICY "{self.name}_{role}_{number}" ON "{table}" FOR {command} TO atlas_{role}']
                if command != "INSERT":
                    parts.append(f"USING ({using})")
                if command in {"ALL", "INSERT", "UPDATE"}:
                    parts.append(f"WITH CHECK ({check or using})")
                statements.append(" ".join(parts))
        return statements

    def policy_names(self) -> list[str]:
        names = [f"{self.name}_owner", f"{self.name}_worker"]
        for role, rules in self.rules().items():
            names += [f"{self.name}_{role}_{number}" for number in range(1, len(rules) + 1)]
        return names

    def remove_statements(self, table: str) -> list[str]:
        drops = [f'DROP POLICY IF EXISTS "{name}" ON "{table}"' for name in self.policy_names()]
        return [
            *drops,
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
        ]


class TenantPolicy(RowPolicy):
    """Mine only. Staff see a tenant's rows only inside of that tenant's scope and with a reason.

    `own` lets a user see rows of that column across organizations (their memberships). `insert` narrows what web may insert.
    """

    def __init__(
        self, *, name: str, column: str = "organization_id", own: str = "", insert: str = "", **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.column, self.own, self.insert = column, own, insert

    def rules(self) -> dict[str, list[tuple[str, str, str | None]]]:
        mine = f'"{self.column}" = {ORGANIZATION}'
        web: list[tuple[str, str, str | None]] = [("ALL", mine, f"{mine} AND ({self.insert})" if self.insert else None)]
        if self.insert:
            web = [("SELECT", mine, None), ("INSERT", mine, f"{mine} AND ({self.insert})"), ("UPDATE", mine, None)]
        if self.own:
            web.append(("SELECT", self.own.replace("{user}", USER), None))
        return {"web": web, "staff": [("ALL", f"{mine} AND {REASON}", None)]}

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "column": self.column, "own": self.own, "insert": self.insert}


class SharedPolicy(RowPolicy):
    """Public (no organization) or mine."""

    def rules(self) -> dict[str, list[tuple[str, str, str | None]]]:
        public = '"organization_id" IS NULL'
        mine = f'"organization_id" = {ORGANIZATION}'
        return {
            "web": [("ALL", f"{public} OR {mine}", mine)],
            "staff": [("ALL", f"{public} OR ({mine} AND {REASON})", None)],
        }


class TenantForeignKey(DatabaseRule):
    """A composite key (organization_id, field) to the same pair over there: a row can't point at another tenant's row.

    It makes the unique index over (organization_id, id) that the target needs. Where organization is null nothing is
    checked (shared tables keep their plain key too).
    """

    def __init__(self, *, name: str, field: str, to: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.field, self.to = field, to

    def create_statements(self, table: str) -> list[str]:
        return [
            f'CREATE UNIQUE INDEX IF NOT EXISTS "{self.to}_of_tenant" ON "{self.to}" ("organization_id", "id")',
            (
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{self.name}" FOREIGN KEY ("organization_id", "{self.field}")'
                f' REFERENCES "{self.to}" ("organization_id", "id") DEFERRABLE INITIALLY DEFERRED'
            ),
        ]

    def remove_statements(self, table: str) -> list[str]:
        return [f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{self.name}"']

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, "to": self.to}


class AppendOnly(DatabaseRule):
    """UPDATE, DELETE and TRUNCATE are refused by a trigger. `when` (SQL over OLD) narrows it to some rows: what it holds for
    can't be changed any more."""

    def __init__(self, *, name: str, when: str = "true", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.when = when

    def create_statements(self, table: str) -> list[str]:
        return [
            f"""CREATE OR REPLACE FUNCTION "{self.name}_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    RAISE EXCEPTION '{table} is append-only: it can not be emptied' USING ERRCODE = 'restrict_violation';
  ELSIF {self.when} THEN
    RAISE EXCEPTION '{table} is append-only: row % can not be changed', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END $$""",
            (
                f'CREATE TRIGGER "{self.name}" BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW'
                f' EXECUTE FUNCTION "{self.name}_refuse"()'
            ),
            f'CREATE TRIGGER "{self.name}_truncate" BEFORE TRUNCATE ON "{table}" EXECUTE FUNCTION "{self.name}_refuse"()',
        ]

    def remove_statements(self, table: str) -> list[str]:
        return [
            f'DROP TRIGGER IF EXISTS "{self.name}" ON "{table}"',
            f'DROP TRIGGER IF EXISTS "{self.name}_truncate" ON "{table}"',
            f'DROP FUNCTION IF EXISTS "{self.name}_refuse"()',
        ]

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "when": self.when}
