"""Roles, leaving, removing, handing over: through the pages, and what the services refuse."""

from __future__ import annotations

import html
from collections.abc import Callable

import pytest
from django.test import Client

from accounts import people, permissions, tenancy
from accounts.errors import LastOwner, NotAllowed
from accounts.models import AuditEntry, Membership, Role
from accounts.permissions import LOWEST, Permission
from tests import factories

pytestmark = pytest.mark.django_db
PEOPLE = "/settings/people/"


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


@pytest.fixture
def bob(alice: Membership) -> Membership:
    return factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)


def as_(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def roles(of: Membership) -> dict[str, str]:
    with tenancy.system_scope("the roles of a test"):
        found = Membership.objects.filter(organization=of.organization).order_by("pk")
        return dict(found.values_list("user__email", "role"))


def test_every_permission_has_its_lowest_role() -> None:
    assert set(LOWEST) == set(Permission)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, {Permission.READ}),
        (Role.MEMBER, {Permission.READ, Permission.WATCH}),
        (Role.ADMIN, set(Permission) - {Permission.MANAGE_OWNERS, Permission.CLOSE}),
        (Role.OWNER, set(Permission)),
    ],
)
def test_roles_allow_what_the_table_says(role: Role, allowed: set[Permission]) -> None:
    member = factories.member(role=role)

    assert {one for one in Permission if permissions.may(member, one)} == allowed


def test_owner_gives_a_role(alice: Membership, bob: Membership) -> None:
    as_(alice).post(f"{PEOPLE}{bob.typeid}/role/", {"role": "admin"})

    assert roles(alice)["bob@example.org"] == "admin"
    with tenancy.scope(alice.organization_id, alice.user_id):
        entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == (
        "member.role_changed",
        {"member": bob.user_id, "before": "member", "role": "admin"},
    )


def test_the_audit_log_names_who_was_changed(alice: Membership, bob: Membership) -> None:
    as_(alice).post(f"{PEOPLE}{bob.typeid}/role/", {"role": "viewer"})

    assert (
        "made bob@example.org viewer, who was member"
        in as_(alice).get("/settings/organization/audit/").content.decode()
    )


@pytest.mark.parametrize("role", ["admin", "owner"])
def test_admin_cannot_raise_anybody_to_their_own_level(alice: Membership, bob: Membership, role: str) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)

    page = as_(carol).post(f"{PEOPLE}{bob.typeid}/role/", {"role": role}, follow=True).content.decode()

    assert "Admins manage the people below them" in page
    assert roles(alice)["bob@example.org"] == "member"


def test_admin_cannot_lower_another_admin(alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)
    dan = factories.member("dan@example.org", of=alice.organization, role=Role.ADMIN)

    as_(carol).post(f"{PEOPLE}{dan.typeid}/role/", {"role": "viewer"})

    assert roles(alice)["dan@example.org"] == "admin"


def test_a_role_that_doesnt_exist_changes_nothing(alice: Membership, bob: Membership) -> None:
    page = as_(alice).post(f"{PEOPLE}{bob.typeid}/role/", {"role": "emperor"}, follow=True).content.decode()

    assert "There is no such role" in page
    assert roles(alice)["bob@example.org"] == "member"


def test_a_member_of_another_organization_is_not_found(alice: Membership) -> None:
    stranger = factories.member("stranger@example.org")

    for act in ("role", "remove", "hand-over"):
        assert as_(alice).post(f"{PEOPLE}{stranger.typeid}/{act}/", {"role": "viewer"}).status_code == 404


def test_removed_member_is_out_and_what_was_theirs_is_gone(alice: Membership, bob: Membership) -> None:
    factories.watch(alice, factories.platform())
    bobs = as_(bob)
    bobs.get("/inbox/")
    bobs.get("/settings/notifications/")

    as_(alice).post(f"{PEOPLE}{bob.typeid}/remove/")

    assert list(roles(alice)) == ["alice@example.org"]
    assert bobs.get("/watchlist/").context["organization"] != alice.organization


def test_member_with_mail_under_way_can_leave(alice: Membership, bob: Membership) -> None:
    with tenancy.system_scope("a digest for a test"):
        from datetime import timedelta

        from atlas.kernel import clock
        from monitoring.alerts.models import Digest, InboxItem

        mine = {"organization": bob.organization, "membership": bob}
        digest = Digest.objects.create(**mine, period_start=clock.now() - timedelta(days=7), period_end=clock.now())
        InboxItem.objects.create(**mine, digest=digest)

    as_(bob).post(f"{PEOPLE}leave/")

    assert list(roles(alice)) == ["alice@example.org"]


def test_leaving_asks_first(alice: Membership, bob: Membership) -> None:
    page = html.unescape(as_(bob).get(f"{PEOPLE}leave/").content.decode())

    assert f"Leave {alice.organization.name}?" in page
    assert "bob@example.org" in roles(alice)


def test_who_has_left_is_led_to_an_organization_of_their_own(alice: Membership, bob: Membership) -> None:
    page = as_(bob).post(f"{PEOPLE}leave/", follow=True)

    assert page.context["organization"].personal
    assert f"You have left {alice.organization.name}." in html.unescape(page.content.decode())


def test_last_owner_cannot_leave(alice: Membership, bob: Membership) -> None:
    page = as_(alice).post(f"{PEOPLE}leave/", follow=True).content.decode()

    assert "This is the last owner." in page
    assert roles(alice)["alice@example.org"] == "owner"


@pytest.mark.parametrize(
    "act",
    [
        lambda owner: people.change_role(by=owner, member=owner, role=Role.ADMIN),
        lambda owner: people.remove(by=owner, member=owner, end_keys=True),
    ],
    ids=["lowered", "removed"],
)
def test_last_owner_can_neither_be_lowered_nor_removed(alice: Membership, act: Callable[[Membership], None]) -> None:
    with tenancy.scope(alice.organization_id, alice.user_id), pytest.raises(LastOwner):
        act(alice)


def test_one_of_two_owners_can_leave(alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.OWNER)

    as_(alice).post(f"{PEOPLE}leave/")

    assert roles(carol) == {"carol@example.org": "owner"}


def test_owner_hands_the_organization_over(alice: Membership, bob: Membership) -> None:
    as_(alice).post(f"{PEOPLE}{bob.typeid}/hand-over/")

    assert roles(alice) == {"alice@example.org": "admin", "bob@example.org": "owner"}


def test_admin_cannot_hand_it_over(alice: Membership, bob: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)

    assert as_(carol).post(f"{PEOPLE}{bob.typeid}/hand-over/").status_code == 403
    with tenancy.scope(alice.organization_id, carol.user_id), pytest.raises(NotAllowed):
        people.hand_over(by=carol, to=bob)


def test_viewer_reads_who_is_there_and_is_offered_no_button(alice: Membership) -> None:
    eve = factories.member("eve@example.org", of=alice.organization, role=Role.VIEWER)

    page = as_(eve).get(PEOPLE).content.decode()

    assert "alice@example.org" in page
    assert "Invite somebody" not in page
    assert "/remove/" not in page
