"""Clocks of processor time, a scratch database, and the ways in which a measurement can be wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil


class Surprise(Exception):
    """What was measured isn't what should have been measured."""


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def own_database() -> Iterator[None]:
    """A scratch database, to which Django's connection speaks as the worker's login."""
    from django.db import connection

    from monitoring.management import scratch

    with scratch.scratch_database(os.environ["DATABASE_URL"]) as name:
        connection.close()
        connection.settings_dict.update(NAME=name, USER=scratch.WORKER_LOGIN, PASSWORD="")
        try:
            yield
        finally:
            connection.ensure_connection()
            backend = connection.connection.info.backend_pid
            connection.close()
            with suppress(psutil.NoSuchProcess):  # the owner may not drop a database under another login's session
                psutil.Process(backend).wait(10)


@dataclass(frozen=True)
class Spent:
    """Seconds of processor time: of this process with children that ended, and of PostgreSQL."""

    ours: float
    database: float

    @property
    def total(self) -> float:
        return self.ours + self.database

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.ours - other.ours, self.database - other.database)

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.ours + other.ours, self.database + other.database)


@dataclass(frozen=True)
class Meter:
    """Processor time and memory of this process and of all of PostgreSQL's."""

    postmaster: psutil.Process

    @classmethod
    def of_the_connection(cls) -> Meter:
        postmaster = psutil.Process(_backend()).parent()
        if postmaster is None or "postgres" not in postmaster.name():
            raise Surprise("PostgreSQL runs on another machine: its processor time can't be counted.")
        return cls(postmaster)

    def now(self) -> Spent:
        database = sum(self.postmaster.cpu_times()[:4])
        database += sum(sum(child.cpu_times()[:2]) for child in self.postmaster.children())
        return Spent(sum(psutil.Process().cpu_times()[:4]), database)

    def peak_megabytes(self) -> tuple[int, int]:
        """The most memory that this process, and the connection's backend, ever had (with what it shares with others)."""
        return _peak(os.getpid()), _peak(_backend())


def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _peak(process: int) -> int:
    with open(f"/proc/{process}/status") as status:  # noqa: PTH123 - no file of ours
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024


@contextmanager
def counted_statements() -> Iterator[Callable[[], int]]:
    """How many statements were sent to the database inside."""
    from django.db import connection

    count = 0

    def count_one(execute: Callable[..., object], *arguments: object) -> object:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(count_one):
        yield lambda: count
