"""Politeness as the other side sees it, while four workers share several hosts and are killed at random.

Hosts are servers on several ports of this machine: each logs what arrives. A killed worker keeps its host by its lease, so
nobody comes in its place before the lease is over.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import pairwise

import pytest

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule
from tests import factories
from tests.conftest import OwnDatabase
from tests.faults.story import READ, leases_end, page
from tests.faults.workers import PATIENCE_SECONDS, Workers, own_broker
from tests.wire.witness import Arrival, Log, Witness

pytestmark = pytest.mark.servers

SEED = 7303016
WORKERS, HOSTS, DOCUMENTS = 4, 6, 8
DELAY_SECONDS = 0.2
ROUNDS_WITH_DEATHS = 1
"""A document that is being read when a second worker dies is left alone, which other tests show."""
BELLS = 24
"""More than hosts and workers can use up, so that nobody lacks work."""
FORBIDDEN = "/forbidden/terms"
ROBOTS = b"User-agent: *\nDisallow: /forbidden/\n"


def answer(arrival: Arrival) -> tuple[int, Mapping[str, str], bytes]:
    if arrival.path == "/robots.txt":
        return 200, {"Content-Type": "text/plain"}, ROBOTS
    etag = f'"{arrival.path}"'
    if arrival.headers.get("if-none-match") == etag:
        return 304, {"ETag": etag}, b""
    return 200, {"Content-Type": "text/html; charset=utf-8", "ETag": etag}, page(30)


@pytest.fixture
def hosts(own_database: OwnDatabase) -> Iterator[list[Witness]]:
    """Servers whose documents were all read once, and are due again."""
    with ExitStack() as stack:
        log = Log()
        made = [stack.enter_context(Witness(answer, log=log)) for _ in range(HOSTS)]
        platform = factories.platform("Lumen")
        for host, witness in enumerate(made):
            paths = [*(f"/{number}" for number in range(DOCUMENTS)), FORBIDDEN]
            for path in paths:
                document = factories.document(platform, f"Terms {host}{path}")
                factories.declaration(document, url=witness.url(path), reason="where the test's server is")
        with tenancy.system_scope("schedule the documents"):
            scheduling.sync_schedules()
        while pipeline.read_due_host() is not None:
            pass
        assert {arrival.path for witness in made for arrival in witness.arrivals} >= {"/0", "/robots.txt"}
        with tenancy.system_scope("a day passes"):
            Check.objects.all().delete()
            CheckSchedule.objects.update(next_check_at=clock.now())
        for witness in made:
            witness.forget()
        yield made


def test_hosts_are_read_politely_by_four_workers_that_are_killed_at_random(
    hosts: list[Witness], own_database: OwnDatabase, worker_number: int
) -> None:
    chance, log = random.Random(SEED), hosts[0].log
    with own_broker(worker_number) as broker:
        workers = Workers(own_database, broker, environment={"ATLAS_HOST_DELAY": str(DELAY_SECONDS)})
        rounds = []
        for _ in range(ROUNDS_WITH_DEATHS):
            with workers.many(WORKERS, [READ] * BELLS) as processes:
                chance.shuffle(processes)
                for process in processes:
                    assert log.wait_for(log.arrivals + chance.randint(1, 4), seconds=PATIENCE_SECONDS)
                    process.kill()
                    process.wait()
            rounds.append([list(host.arrivals) for host in hosts])
            leases_end()
        assert workers.finish(WORKERS, [READ] * BELLS) == [0] * WORKERS

    for number, host in enumerate(hosts):
        assert host.most_open == 1
        assert FORBIDDEN not in {arrival.path for arrival in host.arrivals}
        assert all("if-none-match" in arrival.headers for arrival in host.arrivals if arrival.path != "/robots.txt")
        assert {arrival.path for arrival in host.arrivals} >= {f"/{path}" for path in range(DOCUMENTS)}
        for arrivals in _between_deaths(host.arrivals, [len(each[number]) for each in rounds]):
            assert all(later.at - earlier.at >= DELAY_SECONDS for earlier, later in pairwise(arrivals))
    _every_document_was_read()


def _between_deaths(arrivals: list[Arrival], ends: list[int]) -> Iterator[list[Arrival]]:
    """The requests of each round. Between two of them lies the end of a lease, which the test doesn't wait for."""
    for start, end in pairwise([0, *ends, len(arrivals)]):
        yield arrivals[start:end]


def _every_document_was_read() -> None:
    with tenancy.system_scope("look"):
        outcomes = set(Check.objects.values_list("outcome", "reason"))
        assert outcomes == {("unchanged", ""), ("disallowed", "robots")}
        assert Check.objects.filter(outcome="unchanged").values("document").distinct().count() == HOSTS * DOCUMENTS
        assert not CheckSchedule.objects.filter(next_check_at__lte=clock.now()).exists()
        assert not CheckSchedule.objects.filter(quarantined_at__isnull=False).exists()
