"""An analyst decides while the worker releases what is due: on real connections, with real commits."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
from django.db import connection

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive.models import DocumentHead
from monitoring.changes.models import Release, ReleaseState
from tests import factories
from tests.conftest import OwnDatabase, database_url

NOBODY_WAITS = "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"


def test_release_of_what_is_due_waits_for_the_document_before_it_locks_the_decision(own_database: OwnDatabase) -> None:
    change = factories.change(observed_at=clock.now() - timedelta(hours=5))
    factories.release(change, state=ReleaseState.PENDING)
    released: list[int] = []

    def release() -> None:
        try:
            released.append(pipeline.release_due())
        finally:
            connection.close()

    worker = threading.Thread(target=release)
    with psycopg.connect(database_url(own_database.name)) as other:
        other.execute("SELECT FROM archive_documenthead WHERE document_id = %s FOR UPDATE", [change.document_id])
        worker.start()
        with psycopg.connect(database_url(own_database.name), autocommit=True) as watcher:
            while worker.is_alive() and watcher.execute(NOBODY_WAITS, [own_database.name]).fetchone() == (True,):
                pass
        # An analyst's decision takes the same two locks in the same order, so that neither waits for the other in a circle.
        other.execute("SELECT FROM changes_release WHERE change_id = %s FOR UPDATE NOWAIT", [change.pk])
    worker.join(timeout=30)

    assert released == [1]
    with tenancy.system_scope("look"):
        assert Release.objects.get().state == ReleaseState.AUTOMATIC
        assert DocumentHead.objects.get().released == change.new


def test_worker_leaves_alone_what_an_analyst_decided_in_the_meantime(own_database: OwnDatabase) -> None:
    change = factories.change(observed_at=clock.now() - timedelta(hours=5))
    decision = factories.release(change, state=ReleaseState.PENDING)
    released: list[int] = []

    def release() -> None:
        try:
            released.append(pipeline.release_due())
        finally:
            connection.close()

    worker = threading.Thread(target=release)
    with psycopg.connect(database_url(own_database.name)) as other:
        other.execute("SELECT FROM archive_documenthead WHERE document_id = %s FOR UPDATE", [change.document_id])
        worker.start()
        with psycopg.connect(database_url(own_database.name), autocommit=True) as watcher:
            while worker.is_alive() and watcher.execute(NOBODY_WAITS, [own_database.name]).fetchone() == (True,):
                pass
        other.execute(
            "UPDATE changes_release SET state = 'suppressed', note = 'noise', decided_at = now() WHERE id = %s",
            [decision.pk],
        )
    worker.join(timeout=30)

    assert released == [0]
    with tenancy.system_scope("look"):
        assert Release.objects.get().state == ReleaseState.SUPPRESSED
