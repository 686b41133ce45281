"""From an address typed by an admin to a colleague who has joined, through the pages and the mail."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts import invitations, people, tenancy
from accounts.errors import AlreadyMember, InvitationVoid, NotAllowed, SeatsTaken
from accounts.models import AuditEntry, Invitation, Membership, OutgoingMail, Role, User
from atlas.kernel import clock
from tests import factories

pytestmark = pytest.mark.django_db
PEOPLE = "/settings/people/"


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def invite(by: Membership, email: str = "bob@example.org", role: Role = Role.MEMBER) -> str:
    """The address in the mail."""
    with tenancy.scope(by.organization_id, by.user_id):
        invitations.invite(by=by, email=email, role=role)
    mail = OutgoingMail.objects.filter(recipient=email).latest("pk")
    found = re.search(r"/invitations/\S+/", mail.text)
    assert found, mail.text
    return found[0]


def roles(of: Membership) -> dict[str, str]:
    with tenancy.scope(of.organization_id, of.user_id):
        return dict(
            Membership.objects.filter(organization=of.organization).values_list("user__email", "role").order_by("pk")
        )


def actions(of: Membership) -> list[str]:
    with tenancy.scope(of.organization_id, of.user_id):
        return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_who_is_invited_joins_with_the_role_and_speaks_for_the_organization(alice: Membership) -> None:
    bob = factories.user("bob@example.org")
    signed_in(alice.user).post(PEOPLE, {"email": "Bob@Example.org", "role": "viewer"})
    mail = OutgoingMail.objects.get()
    link = mail.text[mail.text.index("/invitations/") :].split()[0]
    client = signed_in(bob)

    page = html.unescape(client.get(link).content.decode())
    joined = client.post(link, follow=True)

    assert mail.recipient == "bob@example.org"
    assert alice.organization.name in mail.subject
    assert f"Join {alice.organization.name}" in page
    assert joined.context["organization"] == alice.organization
    assert roles(alice) == {"alice@example.org": "owner", "bob@example.org": "viewer"}
    assert actions(alice) == ["member.invited", "member.joined"]


def test_the_token_stands_nowhere_but_in_the_mail(alice: Membership) -> None:
    token = invite(alice).split("/")[2]

    with tenancy.scope(alice.organization_id, alice.user_id):
        kept = Invitation.objects.get()
    assert token not in str(vars(kept))


def test_opening_the_link_changes_nothing(alice: Membership) -> None:
    link = invite(alice)

    signed_in(factories.user("bob@example.org")).get(link)

    assert list(roles(alice)) == ["alice@example.org"]


def test_a_visitor_is_led_to_sign_up_and_back(alice: Membership) -> None:
    link = invite(alice)

    page = Client().get(link).content.decode()

    assert f"/accounts/signup/?next={link}" in page


def test_a_link_nobody_sent_is_not_found() -> None:
    assert Client().get("/invitations/made-up/").status_code == 404


def test_an_invitation_is_good_once(alice: Membership) -> None:
    link = invite(alice)
    bob = factories.user("bob@example.org")
    signed_in(bob).post(link)
    with tenancy.scope(alice.organization_id, alice.user_id):
        people.remove(by=alice, member=Membership.objects.get(user=bob), end_keys=True)

    page = signed_in(bob).post(link, follow=True).content.decode()

    assert "was used already" in page
    assert list(roles(alice)) == ["alice@example.org"]


def test_an_invitation_ends_after_a_week(alice: Membership, time_machine: TimeMachineFixture) -> None:
    link = invite(alice)
    time_machine.move_to(clock.now() + timedelta(days=7, minutes=1), tick=False)

    page = signed_in(factories.user("bob@example.org")).post(link, follow=True).content.decode()

    assert "older than a week" in page
    assert list(roles(alice)) == ["alice@example.org"]


def test_what_was_taken_back_cant_be_used(alice: Membership) -> None:
    link = invite(alice)
    with tenancy.scope(alice.organization_id, alice.user_id):
        sent = Invitation.objects.get()
    signed_in(alice.user).post(f"{PEOPLE}{sent.typeid}/revoke/")

    page = signed_in(factories.user("bob@example.org")).get(link).content.decode()

    assert "was taken back" in page
    assert actions(alice) == ["member.invited", "member.invitation_revoked"]


def test_inviting_again_replaces_the_first_link(alice: Membership) -> None:
    first, second = invite(alice), invite(alice)
    bob = signed_in(factories.user("bob@example.org"))

    bob.post(first)
    assert list(roles(alice)) == ["alice@example.org"]
    bob.post(second)
    assert list(roles(alice)) == ["alice@example.org", "bob@example.org"]


def test_an_invitation_is_void_once_the_inviter_may_no_longer_give_the_role(alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)
    link = invite(carol)
    with tenancy.scope(alice.organization_id, alice.user_id):
        people.change_role(by=alice, member=carol, role=Role.MEMBER)

    page = signed_in(factories.user("bob@example.org")).post(link, follow=True).content.decode()

    assert "may no longer give this role" in page
    assert "bob@example.org" not in roles(alice)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
def test_admin_cannot_invite_to_their_own_role_or_above(alice: Membership, role: Role) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)

    with tenancy.scope(alice.organization_id, carol.user_id), pytest.raises(NotAllowed):
        invitations.invite(by=carol, email="bob@example.org", role=role)
    page = signed_in(carol.user).post(PEOPLE, {"email": "bob@example.org", "role": role}).content.decode()

    assert "Select a valid choice" in page
    assert not OutgoingMail.objects.exists()


def test_member_cannot_invite(alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.MEMBER)

    assert signed_in(carol.user).post(PEOPLE, {"email": "b@example.org", "role": "viewer"}).status_code == 403


def test_open_invitations_take_seats(alice: Membership) -> None:
    invite(alice, "bob@example.org")
    invite(alice, "carol@example.org")

    page = signed_in(alice.user).post(PEOPLE, {"email": "dan@example.org", "role": "member"}).content.decode()

    assert "The Watcher plan has 3 seats, open invitations included, and all are taken." in page
    assert "dan@example.org" not in OutgoingMail.objects.values_list("recipient", flat=True)


def test_nobody_joins_above_the_seats_of_a_smaller_plan() -> None:
    alice = factories.member("alice@example.org", plan="watcher", until=clock.now() + timedelta(minutes=5))
    link = invite(alice)
    with tenancy.system_scope("the plan has ended"):
        alice.organization.entitlement.until = clock.now()
        alice.organization.entitlement.save()

    page = signed_in(factories.user("bob@example.org")).post(link, follow=True).content.decode()

    assert "The Free plan has 1 seat" in page
    assert list(roles(alice)) == ["alice@example.org"]


def test_who_is_a_member_isnt_invited(alice: Membership) -> None:
    factories.member("bob@example.org", of=alice.organization)

    with tenancy.scope(alice.organization_id, alice.user_id), pytest.raises(AlreadyMember):
        invitations.invite(by=alice, email="BOB@example.org", role=Role.VIEWER)


# --- Another address ------------------------------------------------------------------------------------------------


def test_another_address_joins_only_once_the_inviter_confirms_it(alice: Membership) -> None:
    link = invite(alice)
    eve = factories.user("bob.private@example.net")

    refused = signed_in(eve).post(link, follow=True).content.decode()
    assert "which is another address" in refused
    signed_in(eve).post(link, {"ask": "1"})
    assert list(roles(alice)) == ["alice@example.org"]
    told = OutgoingMail.objects.get(recipient="alice@example.org")
    assert "bob.private@example.net" in told.text

    with tenancy.scope(alice.organization_id, alice.user_id):
        sent = Invitation.objects.get()
    signed_in(alice.user).post(f"{PEOPLE}{sent.typeid}/confirm/", {"asker": eve.pk})
    assert list(roles(alice)) == ["alice@example.org", "bob.private@example.net"]


def test_asking_twice_mails_once(alice: Membership) -> None:
    link, eve = invite(alice), factories.user("eve@example.net")

    for _ in range(2):
        signed_in(eve).post(link, {"ask": "1"})

    assert OutgoingMail.objects.filter(recipient="alice@example.org").count() == 1


def test_who_was_shown_is_who_is_let_in(alice: Membership) -> None:
    link, bob, eve = invite(alice), factories.user("bob2@example.net"), factories.user("eve@example.net")
    signed_in(bob).post(link, {"ask": "1"})
    signed_in(eve).post(link, {"ask": "1"})
    with tenancy.scope(alice.organization_id, alice.user_id):
        sent = Invitation.objects.get()

    signed_in(alice.user).post(f"{PEOPLE}{sent.typeid}/confirm/", {"asker": bob.pk})

    assert list(roles(alice)) == ["alice@example.org"]


def test_only_the_inviter_confirms(alice: Membership) -> None:
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)
    link, eve = invite(alice), factories.user("eve@example.net")
    signed_in(eve).post(link, {"ask": "1"})
    with tenancy.scope(alice.organization_id, carol.user_id):
        sent = Invitation.objects.get()
        with pytest.raises(NotAllowed):
            invitations.confirm(by=carol, invitation=sent, asker=eve.pk)


def test_an_address_that_was_never_verified_is_another_one(alice: Membership) -> None:
    link = invite(alice)
    bob = factories.user("bob@example.org")
    with tenancy.system_scope("an address for a test"):
        from allauth.account.models import EmailAddress

        EmailAddress.objects.filter(user=bob).update(verified=False)

    page = signed_in(bob).post(link, follow=True).content.decode()

    assert "which is another address" in page
    assert list(roles(alice)) == ["alice@example.org"]


def test_a_void_invitation_cant_be_asked_for(alice: Membership, time_machine: TimeMachineFixture) -> None:
    link, eve = invite(alice), factories.user("eve@example.net")
    found = invitations.find(link.split("/")[2])
    assert found is not None
    time_machine.move_to(clock.now() + timedelta(days=8), tick=False)

    with pytest.raises(InvitationVoid), invitations.opened(found, eve) as offered:
        invitations.ask(invitation=offered, user=eve)


def test_the_seats_are_told_where_they_are_taken() -> None:
    alice = factories.member("alice@example.org")

    with (
        tenancy.scope(alice.organization_id, alice.user_id),
        pytest.raises(SeatsTaken, match="The Free plan has 1 seat,"),
    ):
        invitations.invite(by=alice, email="bob@example.org", role=Role.MEMBER)
