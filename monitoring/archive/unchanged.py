"""Documents that were found as they were, written together: so many statements, however many documents.

Runs in the caller's transaction (monitoring.batches.record_unchanged), and writes what `recording` would for each of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Model

from monitoring.archive.models import Check, SourceState


@dataclass(frozen=True, slots=True)
class Seen:
    """One document: its check (which names the version that still stands), when it is read next, and what its sources said
    that their states don't say yet."""

    check: Check
    next_check_at: datetime
    pace: int
    states: Sequence[SourceState] = ()


_STILL_READ = """
SELECT v.document_id FROM unnest(%s::bigint[], %s::bigint[]) AS v(document_id, declaration_id)
JOIN archive_checkschedule s ON s.document_id = v.document_id AND s.host_id = %s
WHERE v.declaration_id = (
    SELECT d.id FROM catalogue_declaration d WHERE d.document_id = v.document_id ORDER BY d.number DESC LIMIT 1
)
"""
_LOCK = """
SELECT document_id FROM archive_checkschedule WHERE document_id = ANY(%s) AND host_id = %s ORDER BY document_id FOR UPDATE
"""


def still_read(seen: Sequence[Seen], host_id: int) -> list[Seen]:
    """Those that are read at this host by the same declaration still; locks their schedules, so that none is given to another
    host before this transaction ends."""
    documents = [each.check.document_id for each in seen]
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [documents, host_id])
        cursor.execute(_STILL_READ, [documents, [each.check.declaration_id for each in seen], host_id])
        found = {row[0] for row in cursor.fetchall()}
    return [each for each in seen if each.check.document_id in found]


_WRITE = """
WITH v AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s) AS v(
        organization_id bigint, document_id bigint, declaration_id bigint, version_id bigint, outcome text, why text,
        gate text, sources jsonb, milliseconds integer, observed_at timestamptz, recorded_at timestamptz,
        next_check_at timestamptz, pace smallint
    )
), prolonged AS (
    UPDATE archive_sighting s SET last_at = v.observed_at, checks = s.checks + 1
    FROM v WHERE s.version_id = v.version_id AND s.open
    RETURNING s.version_id
), begun_anew AS (
    INSERT INTO archive_sighting (organization_id, version_id, first_at, last_at, checks, open)
    SELECT v.organization_id, v.version_id, v.observed_at, v.observed_at, 1, true
    FROM v WHERE v.version_id NOT IN (SELECT version_id FROM prolonged)
), read_again AS (
    UPDATE archive_documenthead h SET last_read_at = v.observed_at FROM v WHERE h.document_id = v.document_id
), ended AS (
    UPDATE archive_incident i SET closed_at = v.observed_at
    FROM v WHERE i.document_id = v.document_id AND i.closed_at IS NULL
), planned AS (
    UPDATE archive_checkschedule s
    SET next_check_at = v.next_check_at, pace = v.pace, attempts = 0, failures = 0, rereads = 0, suspect_sha256 = ''
    FROM v WHERE s.document_id = v.document_id
)
INSERT INTO archive_check (
    organization_id, document_id, declaration_id, version_id, outcome, reason, why, gate,
    sources, milliseconds, observed_at, recorded_at
)
SELECT organization_id, document_id, declaration_id, version_id, outcome, '', why, gate,
    sources, milliseconds, observed_at, recorded_at
FROM v
"""
_REMEMBER = """
UPDATE archive_sourcestate s
SET etag = v.etag, last_modified = v.last_modified, bytes_sha256 = v.bytes_sha256, final_url = v.final_url,
    in_browser_since = v.in_browser_since
FROM json_to_recordset(%s) AS v(
    source_id bigint, etag text, last_modified text, bytes_sha256 text, final_url text, in_browser_since timestamptz
)
WHERE s.source_id = v.source_id
"""
_OF_CHECKS = (
    "organization_id",
    "document_id",
    "declaration_id",
    "version_id",
    "outcome",
    "why",
    "gate",
    "sources",
    "milliseconds",
    "observed_at",
    "recorded_at",
)
_OF_STATES = ("source_id", "etag", "last_modified", "bytes_sha256", "final_url", "in_browser_since")


def write(seen: Sequence[Seen]) -> None:
    """Checks, sightings, heads, states of sources, the end of incidents, and when each document is read next."""
    rows = [
        {**_columns(each.check, _OF_CHECKS), "next_check_at": each.next_check_at, "pace": each.pace} for each in seen
    ]
    states = [_columns(state, _OF_STATES) for each in seen for state in each.states]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(rows, default=datetime.isoformat)])
        if states:
            cursor.execute(_REMEMBER, [json.dumps(states, default=datetime.isoformat)])


def _columns(row: Model, names: Sequence[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}
