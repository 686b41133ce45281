"""The first steps on the dashboard: a list that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Membership
from atlas.kernel import clock
from tests import factories
from tests.accounts.test_second_step import set_up_app, sign_in

pytestmark = pytest.mark.django_db


def test_somebody_new_is_told_what_to_do_first(as_alice: Client) -> None:
    page = as_alice.get("/dashboard/")

    assert [(step.done, step.words.split()[0]) for step in page.context["steps"]] == [
        (True, "Confirm"),
        (False, "Follow"),
        (False, "Say"),
        (False, "Add"),
    ]
    assert "Your time zone is UTC".lower() in page.content.decode().lower()


def test_list_ends_when_all_is_done() -> None:
    alice = factories.member("carol@example.org", time_zone="Europe/Berlin")
    factories.watch(alice, factories.platform("Lumen"))
    client = sign_in(alice.user)
    before = client.get("/dashboard/").context["steps"]

    set_up_app(client)

    assert [step.done for step in before] == [True, True, True, False]
    assert client.get("/dashboard/").context["steps"] == []


def test_list_is_put_away_for_good(as_alice: Client) -> None:
    as_alice.post("/dashboard/first-hour/")

    assert "First steps" not in as_alice.get("/dashboard/").content.decode()


def test_list_ends_by_itself_after_two_weeks(as_alice: Client, alice: Membership) -> None:
    with clock.at(clock.now() + timedelta(days=15)):
        assert as_alice.get("/dashboard/").context["steps"] == []


def test_sign_up_names_the_platform_that_will_be_followed(client: Client) -> None:
    factories.platform("Lumen")

    page = client.get(client.get("/platforms/lumen/follow/").headers["Location"]).content.decode()

    assert "<h1>Follow Lumen, free</h1>" in page
    assert "you follow Lumen" in page


def test_sign_up_names_no_platform_that_wont_be_followed(client: Client) -> None:
    factories.platform("Lumen")
    client.get("/platforms/lumen/follow/")

    assert "<h1>Follow a platform, free</h1>" in client.get("/accounts/signup/").content.decode()
