"""Real processes in tests: start them, wait for a line, and see whether anything is left of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parents[3]
GONE_SECONDS = 30


SAID_BY_TESTS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "PORT", "STAFF_MFA"}
"""What the suite's own environment sets and a person at a terminal doesn't; and all that begins with ATLAS_."""


def without_servers(**variables: str) -> dict[str, str]:
    """The environment of somebody at a terminal, who named no servers, with these variables added."""
    kept = {name: value for name, value in os.environ.items() if name not in SAID_BY_TESTS}
    return {**{name: value for name, value in kept.items() if not name.startswith("ATLAS_")}, **variables}


@contextmanager
def started(command: Sequence[str], **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A Python module with arguments, running; killed at the end with all that came from it."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=PROJECT,
        env=without_servers(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        family = [psutil.Process(process.pid), *family_of(process.pid)] if process.poll() is None else []
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def family_of(pid: int) -> list[psutil.Process]:
    """All children of a process, and theirs; none when it is gone."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def survivors(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Who of them still runs when there was time enough to go."""
    _, alive = psutil.wait_procs(processes, timeout=GONE_SECONDS)
    return [process for process in alive if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What it prints, up to the line that contains `words`; the test fails with all of it if that never comes."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} was never printed:\n{seen}")
