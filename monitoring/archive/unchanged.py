"""Documents that were found as they were, written together: so many statements, however many documents.

Runs in the caller's transaction (monitoring.batches.record_unchanged), and writes what `recording` would for each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from monitoring.archive.models import Check, Sighting, SourceState, Version


@dataclass(frozen=True, slots=True)
class Seen:
    """One document: its check, the version that still stands, when it is read next, and what its sources said that their
    states don't say yet."""

    check: Check
    version: Version
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


_PLAN = """
UPDATE archive_checkschedule s
SET next_check_at = v.at, pace = v.pace, attempts = 0, failures = 0, rereads = 0, suspect_sha256 = ''
FROM unnest(%s::bigint[], %s::timestamptz[], %s::smallint[]) AS v(document_id, at, pace)
WHERE s.document_id = v.document_id
"""
_PROLONG = """
UPDATE archive_sighting s SET last_at = v.at, checks = s.checks + 1
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(version_id, at)
WHERE s.version_id = v.version_id AND s.open
RETURNING s.version_id
"""
_READ = """
UPDATE archive_documenthead h SET last_read_at = v.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(document_id, at)
WHERE h.document_id = v.document_id
"""
_CLOSE = """
UPDATE archive_incident i SET closed_at = v.at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS v(document_id, at)
WHERE i.document_id = v.document_id AND i.closed_at IS NULL
"""

_OF_STATES = ("source_id", "etag", "last_modified", "bytes_sha256", "final_url", "in_browser_since")
_REMEMBER = """
UPDATE archive_sourcestate s
SET etag = v.etag, last_modified = v.last_modified, bytes_sha256 = v.bytes_sha256, final_url = v.final_url,
    in_browser_since = v.in_browser_since
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
    AS v(source_id, etag, last_modified, bytes_sha256, final_url, in_browser_since)
WHERE s.source_id = v.source_id
"""


def write(seen: Sequence[Seen]) -> None:
    """Checks, sightings, heads, states of sources, the end of incidents, and when each document is read next."""
    documents = [each.check.document_id for each in seen]
    moments = [each.check.observed_at for each in seen]
    versions = [each.version.pk for each in seen]
    with connection.cursor() as cursor:
        cursor.execute(_PROLONG, [versions, moments])
        prolonged = {row[0] for row in cursor.fetchall()}
        cursor.execute(_READ, [documents, moments])
        cursor.execute(_CLOSE, [documents, moments])
        cursor.execute(_PLAN, [documents, [each.next_check_at for each in seen], [each.pace for each in seen]])
    Sighting.objects.bulk_create(
        Sighting(
            organization_id=each.check.organization_id,
            version=each.version,
            first_at=each.check.observed_at,
            last_at=each.check.observed_at,
        )
        for each in seen
        if each.version.pk not in prolonged
    )
    Check.objects.bulk_create([each.check for each in seen])
    if news := [state for each in seen for state in each.states]:
        _remember(news)


def _remember(states: Sequence[SourceState]) -> None:
    columns = [[getattr(state, name) for state in states] for name in _OF_STATES]
    with connection.cursor() as cursor:
        cursor.execute(_REMEMBER, columns)
