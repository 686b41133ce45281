"""A worker that is stopped past its lease, and goes on when another one has done its work, writes nothing."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping

import pytest
from django.db.models import Model

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, Host, Snapshot, Version
from monitoring.archive.texts import text_of
from monitoring.changes.models import Change
from tests import factories
from tests.conftest import OwnDatabase
from tests.faults.story import READ, leases_end, page
from tests.faults.workers import PATIENCE_SECONDS, Workers, own_broker
from tests.wire.witness import Arrival, Witness

pytestmark = pytest.mark.servers

HTML = {"Content-Type": "text/html; charset=utf-8"}


class Site:
    """Answers with another number of days each time; the reader that is held gets its answer when the test lets go."""

    def __init__(self) -> None:
        self.days = 30
        self.hold_next = False
        self.released = threading.Event()

    def answer(self, arrival: Arrival) -> tuple[int, Mapping[str, str], bytes]:
        if arrival.path == "/robots.txt":
            return 404, {}, b""
        days, self.days = self.days, self.days + 30
        if self.hold_next:
            self.hold_next = False
            self.released.wait(PATIENCE_SECONDS)
        return 200, HTML, page(days)


def test_worker_that_was_paused_past_its_lease_writes_nothing(own_database: OwnDatabase, worker_number: int) -> None:
    site = Site()
    with Witness(site.answer) as witness, own_broker(worker_number) as broker:
        document = factories.document(factories.platform("Lumen"))
        factories.declaration(document, url=witness.url("/terms"), reason="where the test's server is")
        with tenancy.system_scope("schedule the test's document"):
            scheduling.sync_schedules()
        assert pipeline.read_due_host() == 1
        with tenancy.system_scope("a day passes"):
            CheckSchedule.objects.update(next_check_at=clock.now())
        site.hold_next = True
        arrived = witness.log.arrivals

        with Workers(own_database, broker).many(1, [READ], last_bell=True) as [paused]:
            assert witness.log.wait_for(arrived + 1, seconds=PATIENCE_SECONDS)
            os.kill(paused.pid, signal.SIGSTOP)
            leases_end()
            assert pipeline.read_due_host() == 1  # by another one, in its place
            before = _all_that_is_written()
            site.released.set()
            os.kill(paused.pid, signal.SIGCONT)
            assert paused.wait(PATIENCE_SECONDS) == 0

    assert _all_that_is_written() == before
    with tenancy.system_scope("look"):
        assert [check.outcome for check in Check.objects.order_by("pk")] == ["first", "changed"]
        newest = Version.objects.latest_of(document)
        assert newest is not None
        assert "90 days" in text_of(newest).text  # the one that was held would have said 60
        assert Host.objects.get(schedules__document=document).lease_token is None


def _all_that_is_written() -> list[list[dict[str, object]]]:
    models: list[type[Model]] = [Check, Snapshot, Version, Change, CheckSchedule, Host]
    with tenancy.system_scope("look at every row that a reading writes"):
        return [list(model._default_manager.order_by("pk").values()) for model in models]
