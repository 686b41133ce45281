"""What waits for a decision."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from atlas.kernel import clock
from monitoring.desk.showing import time_left
from tests import factories
from tests.monitoring.desk.conftest import NOW

pytestmark = pytest.mark.django_db


def wait(headline: str, hours: float) -> None:
    """A change that waits so much longer."""
    change = factories.change(headline=headline, observed_at=clock.now() - timedelta(hours=1))
    factories.release(change, state="pending", deadline=clock.now() + timedelta(hours=hours))


def test_what_waits_stands_in_the_order_of_deadlines(desk: Client) -> None:
    wait("the later one", 3)
    wait("the first one", 1)

    page = desk.get("/admin/desk/queue/").content.decode()

    assert page.index("the first one") < page.index("the later one")


def test_a_row_says_what_where_why_and_until_when(desk: Client) -> None:
    change = factories.change(
        factories.document(factories.platform("Lumen"), "Privacy Policy"), observed_at=clock.now(), words_added=12
    )
    factories.release(change, state="pending", deadline=clock.now() + timedelta(hours=3, minutes=20, seconds=30))

    page = desk.get("/admin/desk/queue/").content.decode()

    for words in ("Lumen · Privacy Policy", change.headline, "30 days → 90 days", "3 h 20 min", "+12"):
        assert words in page


def test_a_decided_change_no_longer_waits(desk: Client) -> None:
    factories.released_change(headline="told already")

    page = desk.get("/admin/desk/queue/").content.decode()

    assert "Nothing waits." in page
    assert page.index("Decided last") < page.index("told already")


@pytest.mark.parametrize(
    ("seconds", "words"), [(-1, "overdue"), (45, "45 s"), (600, "10 min"), (3 * 3600 + 1200, "3 h 20 min")]
)
def test_time_left_is_said_in_its_largest_units(seconds: int, words: str) -> None:
    assert time_left(NOW + timedelta(seconds=seconds), NOW) == words


def test_thirty_rows_take_as_many_queries_as_one(desk: Client) -> None:
    counted = []
    for rows in (1, 29):
        for number in range(rows):
            wait(f"change {number}", number)
        desk.get("/admin/desk/queue/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/admin/desk/queue/")
        counted.append(len(queries))

    assert counted[0] == counted[1]
