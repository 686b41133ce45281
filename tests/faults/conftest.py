"""Which of the last databases of Redis is this process's own."""

from __future__ import annotations

import pytest


@pytest.fixture
def worker_number(worker_id: str) -> int:
    return int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
