"""What we are and promise."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.plans import FREE, PLANS, PROFESSIONAL
from monitoring.pages.statements import plan_line, plan_rows


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/pricing/", "/methodology/", "/about/"])
def test_page_asks_nothing_of_the_database(
    client: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_pricing_says_that_payment_is_not_set_up(client: Client) -> None:
    assert "Payment isn’t set up" in client.get("/pricing/").content.decode()


def test_each_row_of_the_plans_has_a_cell_for_each_plan() -> None:
    assert {len(row.cells) for row in plan_rows()} == {len(PLANS)}


def test_the_limits_are_those_of_the_plans() -> None:
    assert plan_rows()[0].cells == ["1", "10", "no limit"]


def test_a_plan_is_said_in_one_sentence() -> None:
    assert plan_line(FREE) == "Follow 1 platform; a weekly digest."
    assert plan_line(PROFESSIONAL).startswith("Follow every platform; mail on the day of a change")
