from uuid import UUID

import pytest
from django.test import Client

from accounts.models import Membership, Role
from atlas.kernel import ids
from tests import factories

pytestmark = pytest.mark.django_db


def also_member_of(alice: Membership, name: str, plan: str = "professional") -> Membership:
    from accounts import tenancy

    other = factories.organization(name, plan=plan)
    with tenancy.system_scope("a second organization for a test"):
        return Membership.objects.create(organization=other, user=alice.user, role=Role.MEMBER)


def test_a_link_switches_its_member_to_the_organization(client: Client) -> None:
    alice = factories.member("alice@example.org")
    second = also_member_of(alice, "Second Ltd")
    client.force_login(alice.user)

    shown = client.get(f"/watchlist/?org={second.organization.typeid}").context["organization"]

    assert shown == second.organization


def test_the_switch_lasts(client: Client) -> None:
    alice = factories.member("alice@example.org")
    second = also_member_of(alice, "Second Ltd")
    client.force_login(alice.user)
    client.get(f"/watchlist/?org={second.organization.typeid}")

    assert client.get("/watchlist/").context["organization"] == second.organization


def test_for_others_the_organization_is_not_found(client: Client) -> None:
    alice, bob = factories.member("alice@example.org"), factories.member("bob@example.org")
    client.force_login(alice.user)

    answers = [
        client.get(f"{page}?org={bob.organization.typeid}").status_code for page in ("/watchlist/", "/platforms/")
    ]

    assert answers == [404, 404]


@pytest.mark.parametrize("named", ["", "org_nonsense", ids.encode("org", UUID(int=7))])
def test_what_names_no_organization_is_not_found(client: Client, named: str) -> None:
    client.force_login(factories.member("alice@example.org").user)

    assert client.get(f"/watchlist/?org={named}").status_code == 404


def test_a_visitor_is_sent_to_sign_in_and_comes_back_to_the_organization(client: Client) -> None:
    alice = factories.member("alice@example.org")

    response = client.get(f"/inbox/?org={alice.organization.typeid}")

    assert response.headers["Location"] == f"/accounts/login/?next=/inbox/%3Forg%3D{alice.organization.typeid}"


def test_settings_offer_the_other_organization(client: Client) -> None:
    alice = factories.member("alice@example.org")
    second = also_member_of(alice, "Second Ltd")
    client.force_login(alice.user)

    page = client.get("/settings/organization/").content.decode()

    assert f'/dashboard/?org={second.organization.typeid}">Second Ltd' in page
