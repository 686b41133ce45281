"""A task that a worker of the tests answers last: it ends its own worker, so that a test waits for a process, not for time.

Loaded by the worker with `--include tests.faults.last_bell`.
"""

from __future__ import annotations

import os

from celery import shared_task
from celery.worker import state

NAME = "tests.last_bell"


@shared_task(name=NAME)
def last_bell() -> None:
    """The warm shutdown, as after SIGTERM: this message is still acknowledged."""
    state.should_stop = os.EX_OK  # type: ignore[assignment]  # the stubs know only its first value
