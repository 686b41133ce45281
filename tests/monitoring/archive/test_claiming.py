"""What it costs to find a host with due documents does not grow with the documents that aren't due."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from atlas.kernel import clock
from monitoring.archive import scheduling
from monitoring.archive.models import CheckSchedule, Host
from monitoring.catalogue.models import Document
from tests import factories
from tests.conftest import OwnDatabase

A_FEW, MANY = 1_000, 100_000
PER_HOST, DUE_HOSTS = 4, 10


def test_finding_what_is_due_reads_as_few_pages_among_many_documents_as_among_few(own_database: OwnDatabase) -> None:
    factories.declaration(factories.document(), url="https://example.org/terms")
    with tenancy.system_scope("schedule it"):
        scheduling.sync_schedules()
        CheckSchedule.objects.update(next_check_at=clock.now() + timedelta(days=1))
    with psycopg.connect(own_database.url(""), autocommit=True) as owner:
        scheduled(owner, first=1, last=A_FEW)
        few = pages_read()
        scheduled(owner, first=A_FEW + 1, last=MANY)
        many = pages_read()

    assert few["documents"] == many["documents"] == PER_HOST
    due = PER_HOST * DUE_HOSTS  # some pages of indexes for each, whose depth is all that grows
    assert max(few["claim"], many["claim"]) < 3 * due, (few, many)
    assert max(few["list"], many["list"]) < 3 * PER_HOST, (few, many)


def scheduled(owner: psycopg.Connection[Any], *, first: int, last: int) -> None:
    """So many documents more, four on each host; those of the first ten hosts are due."""
    numbers = f"generate_series({first}, {last}) AS n"
    hosts = f"generate_series({-(-first // PER_HOST)}, {-(-last // PER_HOST)}) AS n"
    owner.execute(copies(Host, hosts, id="1000 + n", name="'host-' || n"))
    owner.execute(copies(Document, numbers, id="1000 + n", slug="'document-' || n", public_id="gen_random_uuid()"))
    due = f"CASE WHEN n <= {PER_HOST * DUE_HOSTS} THEN now() - interval '1 hour' ELSE row.next_check_at END"
    owner.execute(
        copies(
            CheckSchedule,
            numbers,
            document_id="1000 + n",
            host_id=f"1000 + (n + {PER_HOST - 1}) / {PER_HOST}",
            next_check_at=due,
        )
    )
    owner.execute("ANALYZE archive_host, archive_checkschedule, catalogue_document")


def copies(model: type[models.Model], numbers: str, **others: str) -> str:
    """Rows like the model's first one, for each number `n`, but for these columns."""
    columns = [str(field.column) for field in model._meta.concrete_fields]
    values = ", ".join(others.get(column, f"row.{column}") for column in columns)
    table = model._meta.db_table
    first = f"(SELECT * FROM {table} ORDER BY {model._meta.pk.column} LIMIT 1) AS row"
    return f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {first}, {numbers}"


def pages_read() -> dict[str, int]:
    """Pages of the database that are looked at to claim a host, and to list its due documents."""
    with tenancy.system_scope("claim"):
        lease = scheduling.claim_host()
        assert lease is not None
        with CaptureQueriesContext(connection) as queries:
            documents = scheduling.due_documents(lease)
        scheduling.give_back(lease, next_request_at=clock.now() - timedelta(hours=1))
    with tenancy.system_scope("explain"):
        listed = pages_of(queries[-1]["sql"].replace("%", "%%"), {})
        claimed = pages_of(scheduling.CLAIM, scheduling.claiming(clock.now()))
    return {"claim": claimed, "list": listed, "documents": len(documents)}


def pages_of(statement: str, asked: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", asked)
        plan = cursor.fetchone()[0]
    root = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(root["Shared Hit Blocks"] + root["Shared Read Blocks"])
