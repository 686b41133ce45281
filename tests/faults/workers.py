"""Celery workers as real processes, on a broker and a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import redis
from celery import Celery

from tests.conftest import ROOT, OwnDatabase
from tests.faults.last_bell import NAME as LAST_BELL

LAST_DATABASE = 15
"""Of Redis, which has 16 unless told otherwise; the suite's own cache is in the first."""
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Broker:
    """A Redis database that this test alone uses."""

    url: str

    def ring(self, bells: Sequence[str]) -> None:
        """Put these messages into the queue, to be answered in this order."""
        with Celery(broker=self.url, set_as_current=False) as app:
            for bell in bells:
                app.send_task(bell, ignore_result=True)

    def forget(self) -> None:
        """As when Redis has lost what it held."""
        with redis.Redis.from_url(self.url) as client:
            client.flushdb()


@contextmanager
def own_broker(number: int) -> Iterator[Broker]:
    """One of the last databases of REDIS_URL, emptied before and after."""
    url = urlsplit(os.environ["REDIS_URL"])
    broker = Broker(urlunsplit((url.scheme, url.netloc, f"/{LAST_DATABASE - number}", url.query, "")))
    broker.forget()
    yield broker
    broker.forget()


@dataclass(frozen=True, slots=True)
class Workers:
    """Starts workers that all know the same database, broker and mail server."""

    database: OwnDatabase
    broker: Broker
    smtp_port: int = 9  # nobody listens there: for tests without mail
    environment: Mapping[str, str] = field(default_factory=dict)

    def answer(self, bells: Sequence[str], *, killed_at: str = "") -> int:
        """Ring, and let one worker answer. Its exit code: 0 where it answered all of them, -9 where it was killed."""
        with self.many(1, bells, last_bell=True, killed_at=killed_at) as [process]:
            return process.wait(timeout=PATIENCE_SECONDS)

    def finish(self, count: int, bells: Sequence[str]) -> list[int]:
        """Ring, and let so many workers share the answers; their exit codes."""
        with self.many(count, bells, last_bell=True) as processes:
            return [process.wait(timeout=PATIENCE_SECONDS) for process in processes]

    @contextmanager
    def many(
        self, count: int, bells: Sequence[str], *, last_bell: bool = False, killed_at: str = ""
    ) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Ring, and start so many workers. They end with the `last_bell`, or with the context."""
        self.broker.forget()
        self.broker.ring([*bells, *[LAST_BELL] * (count if last_bell else 0)])
        celery = [sys.executable, "-m", "celery", "-A", "atlas", "worker", "--pool", "solo", "--loglevel", "WARNING"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--include", "tests.faults.last_bell"]
        environment = self._environment(killed_at)
        processes = [
            subprocess.Popen([*celery, "--hostname", f"{number}@tests", *quiet], cwd=ROOT, env=environment)
            for number in range(count)
        ]
        try:
            yield processes
        finally:
            for process in processes:
                process.kill()
                process.wait()

    def _environment(self, killed_at: str) -> dict[str, str]:
        return {
            **os.environ,
            "ALERT_REVIEW_WINDOW": "0",  # nobody decides: what waits for an analyst is released at once
            "ATLAS_FAILPOINT": killed_at,
            "DATABASE_URL": self.database.url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "REDIS_URL": self.broker.url,
            **self.environment,
        }
