"""Celery workers as real processes, on a broker and a database of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import redis
from celery import Celery

from tests.conftest import ROOT, OwnDatabase
from tests.faults import last_bell

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
    smtp_port: int

    def answer(self, bells: Sequence[str], *, killed_at: str = "") -> int:
        """Ring, and let one worker answer. Its exit code: 0 where it answered all of them, -9 where it was killed."""
        self.broker.forget()
        self.broker.ring([*bells, last_bell.NAME])
        celery = [sys.executable, "-m", "celery", "-A", "atlas", "worker", "--pool", "solo", "--loglevel", "WARNING"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--include", last_bell.__name__]
        process = subprocess.Popen([*celery, *quiet], cwd=ROOT, env=self._environment(killed_at))
        try:
            return process.wait(timeout=PATIENCE_SECONDS)
        finally:
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
        }
