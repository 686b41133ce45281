"""Opening another organization, closing one, and what is left of it."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts import organizations, tenancy
from accounts.models import AuditEntry, Membership, Organization, OutgoingMail, Role, User
from atlas.kernel import clock
from tests import factories

pytestmark = pytest.mark.django_db
ORGANIZATION = "/settings/organization/"


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


@pytest.fixture
def as_alice(client: Client, alice: Membership) -> Client:
    client.force_login(alice.user)
    return client


def exists(organization: Organization) -> bool:
    with tenancy.system_scope("is it there?"):
        return Organization.objects.filter(pk=organization.pk).exists()


def test_another_organization_is_opened_on_free_and_spoken_for(as_alice: Client) -> None:
    page = as_alice.post(f"{ORGANIZATION}new/", {"name": " Second Ltd "}, follow=True)

    opened = page.context["organization"]
    assert (opened.name, opened.personal, opened.entitlement.plan.name) == ("Second Ltd", False, "Free")
    assert page.context["membership"].role == Role.OWNER


def test_a_person_owns_one_free_organization(client: Client) -> None:
    bob = factories.member("bob@example.org")
    client.force_login(bob.user)

    page = client.post(f"{ORGANIZATION}new/", {"name": "Second Ltd"}).content.decode()
    page = html.unescape(page)

    assert f"You own {bob.organization.name}, which is on the Free plan" in page
    with tenancy.scope(None, bob.user):
        assert Membership.objects.of(bob.user).count() == 1


def test_being_a_member_elsewhere_is_no_hindrance(alice: Membership) -> None:
    free = factories.member("carol@example.org")
    with tenancy.system_scope("a second membership for a test"):
        Membership.objects.create(organization=free.organization, user=alice.user, role=Role.ADMIN)

    assert organizations.open_another(user=alice.user, name="Second").organization.name == "Second"


def test_closing_asks_for_the_name(as_alice: Client, alice: Membership) -> None:
    page = as_alice.post(f"{ORGANIZATION}close/", {"name": "Another"}).content.decode()

    assert f"The name is {alice.organization.name}." in html.unescape(page)
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert Organization.objects.get().closes_at is None


def test_closed_organization_works_through_its_grace_and_is_gone_after(
    as_alice: Client, alice: Membership, time_machine: TimeMachineFixture
) -> None:
    factories.watch(alice, factories.platform())
    now = clock.now()
    as_alice.post(f"{ORGANIZATION}close/", {"name": alice.organization.name})

    time_machine.move_to(now + timedelta(days=13, hours=23), tick=False)
    assert organizations.delete_due() == 0
    assert "This organization is closed." in as_alice.get(ORGANIZATION).content.decode()

    time_machine.move_to(now + timedelta(days=14, minutes=1), tick=False)
    assert organizations.delete_due() == 1
    assert not exists(alice.organization)
    with tenancy.system_scope("what is left?"):
        left = AuditEntry.objects.filter(organization_id=alice.organization_id).order_by("pk")
        assert list(left.values_list("action", flat=True)) == ["organization.closed", "organization.deleted"]


def test_who_was_in_it_goes_on_in_their_own(as_alice: Client, alice: Membership) -> None:
    as_alice.get("/watchlist/")
    with tenancy.system_scope("its grace has ended"):
        Organization.objects.filter(pk=alice.organization_id).update(closes_at=clock.now())
    organizations.delete_due()

    page = as_alice.get("/watchlist/")

    assert page.status_code == 200
    assert page.context["organization"].personal


def test_every_owner_is_told_and_any_of_them_reopens_it(as_alice: Client, alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.OWNER)
    factories.member("bob@example.org", of=alice.organization, role=Role.ADMIN)
    as_alice.post(f"{ORGANIZATION}close/", {"name": alice.organization.name})
    told = OutgoingMail.objects.order_by("recipient").values_list("recipient", flat=True)
    assert list(told) == ["alice@example.org", "carol@example.org"]

    other = Client()
    other.force_login(carol.user)
    other.post(f"{ORGANIZATION}reopen/")

    with tenancy.scope(alice.organization_id, alice.user_id):
        assert Organization.objects.get().closes_at is None


def test_closing_twice_tells_once(as_alice: Client, alice: Membership) -> None:
    for _ in range(2):
        as_alice.post(f"{ORGANIZATION}close/", {"name": alice.organization.name})

    assert OutgoingMail.objects.count() == 1


def test_admin_can_neither_close_nor_reopen(alice: Membership, client: Client) -> None:
    client.force_login(factories.member("bob@example.org", of=alice.organization, role=Role.ADMIN).user)

    assert client.post(f"{ORGANIZATION}close/", {"name": alice.organization.name}).status_code == 403
    assert client.post(f"{ORGANIZATION}reopen/").status_code == 403


def test_the_audit_log_is_exported_whole_and_says_so(as_alice: Client, alice: Membership) -> None:
    with tenancy.system_scope("a name for a test"):
        User.objects.filter(pk=alice.user_id).update(name="=HYPERLINK(1)")
    as_alice.post(ORGANIZATION, {"name": "Example & Sons"})

    answer = as_alice.get(f"{ORGANIZATION}audit/export/")

    rows = answer.content.decode().splitlines()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert rows[0] == "time,action,who,what,why"
    assert [row.split(",", 1)[1] for row in rows[1:]] == [
        "audit.exported,'=HYPERLINK(1),exported the audit log,",
        "organization.renamed,'=HYPERLINK(1),renamed the organization,",
    ]


def test_signing_in_stands_in_the_log_of_each_organization(client: Client, alice: Membership) -> None:
    second = factories.organization("Second Ltd")
    with tenancy.system_scope("a second membership for a test"):
        Membership.objects.create(organization=second, user=alice.user, role=Role.MEMBER)

    client.post("/accounts/login/", {"login": "alice@example.org", "password": factories.PASSWORD})

    for organization in (alice.organization, second):
        with tenancy.scope(organization, alice.user):
            assert AuditEntry.objects.get().action == "member.signed_in"
