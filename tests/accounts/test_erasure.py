"""An account that is deleted: asked for, taken back, done; and nothing of the person is found afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from time_machine import TimeMachineFixture

from accounts import erasure, invitations, services, staff, tenancy
from accounts.models import AuditEntry, Membership, Organization, OutgoingMail, Role, StaffRole, User
from atlas.kernel import clock
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS, NAME = "alice.unmistakable@example.org", "Alice Unmistakable"
DELETE = "/settings/data/delete/"


@pytest.fixture
def alice() -> Membership:
    made = factories.member(ADDRESS, plan="watcher")
    with tenancy.system_scope("names for a test"):
        User.objects.filter(pk=made.user_id).update(name=NAME)
        Organization.objects.filter(pk=made.organization_id).update(name=NAME, personal=True)
        return Membership.objects.select_related("organization", "user").get(pk=made.pk)


def signed_in(address: str) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": address, "password": factories.PASSWORD})
    assert answer.status_code == 302, answer.content
    return client


def delete(client: Client) -> str:
    """Press the button, give the password, and see the page that follows."""
    asked = client.post(DELETE)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    return client.post(asked["Location"], {"password": factories.PASSWORD}, follow=True).content.decode()


def exists(user: User) -> bool:
    return User.objects.filter(pk=user.pk).exists()


def everywhere(words: str) -> Iterator[str]:
    """Every table and cached value that holds these words, in whatever column."""
    with tenancy.system_scope("search every table"), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{name}" AS t WHERE t::text ILIKE %s', [f"%{words}%"])
            if cursor.fetchone()[0]:
                yield name
    redis: Any = cache
    client = redis._cache.get_client()
    for key in client.scan_iter():
        kept = client.get(key) if client.type(key) == b"string" else b""
        if words.lower().encode() in key.lower() + (kept or b"").lower():
            yield key.decode()


def test_deleting_asks_for_the_password_first(alice: Membership) -> None:
    client = Client()
    client.force_login(alice.user)

    assert "Delete your account?" in client.get(DELETE).content.decode()
    assert client.post(DELETE)["Location"].startswith("/accounts/reauthenticate/")
    alice.user.refresh_from_db()
    assert alice.user.erase_at is None


def test_an_account_works_through_its_grace_and_can_be_kept(
    alice: Membership, time_machine: TimeMachineFixture
) -> None:
    client = signed_in(ADDRESS)
    assert "Your account is deleted on" in delete(client)
    assert "is deleted on" in OutgoingMail.objects.get(recipient=ADDRESS).subject

    client.post("/settings/data/keep/")
    time_machine.move_to(clock.now() + timedelta(days=15), tick=False)

    assert erasure.erase_due() == 0
    assert exists(alice.user)


def test_asking_twice_mails_once_and_moves_nothing(alice: Membership, time_machine: TimeMachineFixture) -> None:
    first = erasure.ask(user=alice.user, moment=clock.now())
    time_machine.move_to(clock.now() + timedelta(days=1), tick=False)

    assert erasure.ask(user=alice.user, moment=clock.now()) == first
    assert OutgoingMail.objects.count() == 1


def test_an_erased_person_is_found_nowhere(alice: Membership, time_machine: TimeMachineFixture) -> None:
    other = factories.member("bob@example.org", plan="watcher")
    with tenancy.system_scope("a second membership, and an analyst"):
        Membership.objects.create(organization=other.organization, user=alice.user, role=Role.MEMBER)
    with tenancy.system_scope("staff for a test"):
        staff.give_role(user=alice.user, role=StaffRole.ANALYST)
    factories.release(decided_by=alice.user)
    factories.finding(author=alice.user)
    with tenancy.scope(other.organization_id, other.user_id):
        invitations.invite(by=other, email="carol@example.org", role=Role.VIEWER)
    with tenancy.scope(alice.organization_id, alice.user_id):
        services.record(organization=alice.organization, actor=alice.user, action="platform.followed", platform="x")
    client = signed_in(ADDRESS)
    client.get("/dashboard/")
    delete(client)
    elsewhere = factories.member("dan@example.org", plan="watcher")
    with tenancy.scope(elsewhere.organization_id, elsewhere.user_id):
        invitations.invite(by=elsewhere, email=ADDRESS, role=Role.VIEWER)
    assert set(everywhere(ADDRESS)) >= {"accounts_user", "account_emailaddress", "accounts_invitation"}
    assert set(everywhere(NAME)) >= {"accounts_user", "accounts_organization"}

    time_machine.move_to(clock.now() + timedelta(days=14, minutes=1), tick=False)
    assert erasure.erase_due() == 1

    assert list(everywhere(ADDRESS)) == []
    assert list(everywhere(NAME)) == []
    assert client.get("/dashboard/").status_code == 302
    with tenancy.system_scope("what is left of their own organization?"):
        assert not Organization.objects.filter(pk=alice.organization_id).exists()
        left = AuditEntry.objects.filter(organization_id=alice.organization_id).values_list("action", flat=True)
        assert "organization.deleted" in left


def test_only_owner_hands_over_first(alice: Membership) -> None:
    factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)

    page = delete(signed_in(ADDRESS))

    assert f"You are the only owner of {NAME}, and others are in it." in page
    alice.user.refresh_from_db()
    assert alice.user.erase_at is None


def test_who_joined_meanwhile_gets_the_organization_under_a_name_of_nobody(
    alice: Membership, time_machine: TimeMachineFixture
) -> None:
    erasure.ask(user=alice.user, moment=clock.now())
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)
    time_machine.move_to(clock.now() + timedelta(days=15), tick=False)

    erasure.erase_due()

    with tenancy.scope(alice.organization_id, carol.user_id):
        roles = dict(Membership.objects.in_organization(alice.organization).values_list("user_id", "role"))
        name = Organization.objects.get(pk=alice.organization_id).name
    assert roles == {bob.user_id: Role.MEMBER, carol.user_id: Role.OWNER}
    assert name == "Organization"


def test_what_they_decided_stands_without_a_name(alice: Membership, time_machine: TimeMachineFixture) -> None:
    release = factories.release(decided_by=alice.user)
    erasure.ask(user=alice.user, moment=clock.now())
    time_machine.move_to(clock.now() + timedelta(days=15), tick=False)

    erasure.erase_due()

    release.refresh_from_db()
    assert release.decided_by_id == alice.user_id
