"""What the two addresses for machines say. (That a cache which is away is told and does no harm: test_cache.)"""

from __future__ import annotations

import pytest
from django.db import connections
from django.test import Client

from tests.conftest import OwnDatabase

NO_SUCH_DATABASE = "atlas_that_nobody_made"


@pytest.mark.django_db
def test_a_process_with_its_servers_is_ready(client: Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "ok"})


@pytest.fixture
def no_database(own_database: OwnDatabase) -> None:
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = NO_SUCH_DATABASE


@pytest.mark.usefixtures("no_database")
def test_without_a_database_the_process_lives_and_is_not_ready_and_says_why(client: Client) -> None:
    live, ready = client.get("/health/live"), client.get("/health/ready")

    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (503, {"database": "not reachable", "cache": "ok"})
