from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.test import Client

from accounts import tenancy
from accounts.models import Membership, Role
from monitoring.catalogue.models import Platform
from monitoring.pages.members import following as page
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db
FOLLOW = "/platforms/wrenfold/follow/"


@pytest.fixture(autouse=True)
def _wrenfold() -> None:
    factories.platform("Wrenfold")


def followed(by: Membership) -> list[str]:
    with tenancy.scope(by.organization_id, by.user_id):
        return list(WatchlistItem.objects.values_list("platform__slug", flat=True))


def pressed_by_a_visitor(client: Client) -> str:
    """The address to come back to after signing up."""
    response = client.get(FOLLOW)
    assert urlsplit(response.headers["Location"]).path == "/accounts/signup/"
    return parse_qs(urlsplit(response.headers["Location"]).query)["next"][0]


def test_pressing_follow_follows_and_comes_back(as_alice: Client, alice: Membership) -> None:
    response = as_alice.post(FOLLOW)

    assert response.headers["Location"] == "/platforms/wrenfold/"
    assert followed(alice) == ["wrenfold"]


def test_opening_the_address_asks_first(as_alice: Client, alice: Membership) -> None:
    response = as_alice.get(FOLLOW)

    assert "Follow Wrenfold?" in response.content.decode()
    assert followed(alice) == []


def test_a_visitors_wish_survives_sign_up(client: Client, alice: Membership) -> None:
    address = pressed_by_a_visitor(client)
    client.force_login(alice.user)

    client.get(address)

    assert followed(alice) == ["wrenfold"]


def test_a_wish_is_fulfilled_once(client: Client, alice: Membership) -> None:
    address = pressed_by_a_visitor(client)
    client.force_login(alice.user)
    client.get(address)
    client.post("/platforms/wrenfold/unfollow/")

    assert client.get(address).status_code == 200
    assert followed(alice) == []


def test_somebody_elses_signed_address_only_asks(client: Client, alice: Membership) -> None:
    address = pressed_by_a_visitor(Client())
    client.force_login(alice.user)

    assert "Follow Wrenfold?" in client.get(address).content.decode()
    assert followed(alice) == []


def test_a_wish_for_one_platform_follows_no_other(client: Client, alice: Membership) -> None:
    factories.platform("Hexmoor")
    address = pressed_by_a_visitor(client)
    client.force_login(alice.user)

    client.get(address.replace("wrenfold", "hexmoor"))

    assert followed(alice) == []


def test_an_old_wish_only_asks(client: Client, alice: Membership) -> None:
    address = pressed_by_a_visitor(client)
    client.force_login(alice.user)

    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=page.MAX_AGE + 1)):
        client.get(address)

    assert followed(alice) == []


def test_over_the_limit_the_plan_is_named_and_nothing_changes(client: Client) -> None:
    bob = factories.member("bob@example.org")
    factories.watch(bob, factories.platform("Hexmoor"))
    client.force_login(bob.user)

    response = client.post(FOLLOW, follow=True)

    assert "The Free plan follows 1 platform, and you follow as many." in response.content.decode()
    assert followed(bob) == ["hexmoor"]


def test_unfollowing_comes_back_to_where_the_form_was(as_alice: Client, alice: Membership) -> None:
    as_alice.post(FOLLOW)

    response = as_alice.post("/platforms/wrenfold/unfollow/", {"next": "/watchlist/"})

    assert response.headers["Location"] == "/watchlist/"
    assert followed(alice) == []


@pytest.mark.parametrize("address", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"])
def test_a_foreign_address_isnt_gone_to(as_alice: Client, address: str) -> None:
    response = as_alice.post(FOLLOW, {"next": address})

    assert response.headers["Location"] == "/platforms/wrenfold/"


@pytest.mark.parametrize("address", [FOLLOW, "/platforms/wrenfold/unfollow/"])
def test_viewer_cannot_change_what_is_followed(client: Client, alice: Membership, address: str) -> None:
    viewer = factories.member("viewer@example.org", role=Role.VIEWER, of=alice.organization)
    client.force_login(viewer.user)

    assert client.post(address).status_code == 403


def test_an_unknown_platform_is_not_found(as_alice: Client) -> None:
    assert as_alice.post("/platforms/nowhere/follow/").status_code == 404


def test_a_visitor_cant_unfollow(client: Client) -> None:
    assert urlsplit(client.post("/platforms/wrenfold/unfollow/").headers["Location"]).path == "/accounts/login/"


def test_the_button_of_a_platform_leads_visitors_here(client: Client) -> None:
    assert f'href="{FOLLOW}"' in client.get("/platforms/wrenfold/").content.decode()


def test_a_platform_that_is_no_longer_read_can_be_let_go(as_alice: Client, alice: Membership) -> None:
    as_alice.post(FOLLOW)
    with tenancy.system_scope("retire the platform"):
        Platform.objects.update(retired_at=datetime(2026, 6, 1, tzinfo=UTC))

    as_alice.post("/platforms/wrenfold/unfollow/")

    assert followed(alice) == []
