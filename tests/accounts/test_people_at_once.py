"""Several sessions change who is in an organization at the same moment, on real connections with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts import invitations, organizations, people, tenancy
from accounts.errors import AccountsError
from accounts.models import Membership, OutgoingMail, Role, User
from tests import factories
from tests.conftest import OwnDatabase


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """Run each in a session of its own, begun together; "done", or the name of the refusal, sorted."""
    together, outcomes = threading.Barrier(len(acts)), list[str]()

    def run(act: Callable[[], object]) -> None:
        try:
            together.wait(timeout=60)
            act()
            outcomes.append("done")
        except AccountsError as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def members(of: Membership) -> list[tuple[str, str]]:
    with tenancy.system_scope("who is there?"):
        found = Membership.objects.filter(organization=of.organization).order_by("pk")
        return list(found.values_list("user__email", "role"))


def in_scope(of: Membership, act: Callable[[], object]) -> Callable[[], object]:
    def run() -> None:
        with tenancy.scope(of.organization_id, of.user_id):
            act()

    return run


def token_for(email: str) -> str:
    text = OutgoingMail.objects.get(recipient=email).text
    return text[text.index("/invitations/") :].split("/")[2]


def joins(token: str, user: User) -> Callable[[], object]:
    def run() -> None:
        found = invitations.find(token)
        assert found is not None
        with invitations.opened(found, user) as offered:
            invitations.accept(invitation=offered, user=user)

    return run


def test_fifty_invitations_at_once_take_no_more_than_the_seats(own_database: OwnDatabase) -> None:
    alice = factories.member("alice@example.org", plan="professional")

    def invites(number: int) -> Callable[[], object]:
        return in_scope(alice, lambda: invitations.invite(by=alice, email=f"p{number}@example.org", role=Role.MEMBER))

    outcomes = at_once([invites(number) for number in range(50)])

    assert outcomes == ["SeatsTaken"] * 41 + ["done"] * 9
    assert OutgoingMail.objects.count() == 9


def test_an_invitation_accepted_twice_at_once_makes_one_member(own_database: OwnDatabase) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    bob = factories.user("bob@example.org")
    in_scope(alice, lambda: invitations.invite(by=alice, email=bob.email, role=Role.MEMBER))()
    token = token_for(bob.email)

    outcomes = at_once([joins(token, bob) for _ in range(4)])

    assert outcomes == ["InvitationVoid"] * 3 + ["done"]
    assert members(alice) == [("alice@example.org", "owner"), ("bob@example.org", "member")]


def test_two_owners_who_leave_at_once_leave_one(own_database: OwnDatabase) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.OWNER)

    def leaves(one: Membership) -> Callable[[], object]:
        return in_scope(one, lambda: people.leave(membership=one, end_keys=True))

    outcomes = at_once([leaves(alice), leaves(carol)])

    assert outcomes == ["LastOwner", "done"]
    assert [role for _, role in members(alice)] == ["owner"]


def test_an_admin_who_is_lowered_meanwhile_removes_nobody_after(own_database: OwnDatabase) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    carol = factories.member("carol@example.org", of=alice.organization, role=Role.ADMIN)
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)
    lowered, begun = threading.Event(), threading.Event()
    outcomes = list[str]()

    def removes() -> None:
        try:
            with tenancy.scope(carol.organization_id, carol.user_id):
                Membership.objects.count()  # this transaction has begun, and has seen an admin
                begun.set()
                lowered.wait(timeout=30)
                people.remove(by=carol, member=bob, end_keys=True)
            outcomes.append("done")
        except AccountsError as refused:
            outcomes.append(type(refused).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=removes)
    thread.start()
    begun.wait(timeout=30)
    in_scope(alice, lambda: people.change_role(by=alice, member=carol, role=Role.VIEWER))()
    lowered.set()
    thread.join()

    assert outcomes == ["NotAllowed"]
    assert ("bob@example.org", "member") in members(alice)


def test_two_handovers_at_once_make_one_new_owner(own_database: OwnDatabase) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    heirs = [factories.member(f"{name}@example.org", of=alice.organization, role=Role.MEMBER) for name in ("b", "c")]

    outcomes = at_once([in_scope(alice, lambda to=to: people.hand_over(by=alice, to=to)) for to in heirs])  # type: ignore[misc]

    assert outcomes == ["NotAllowed", "done"]
    assert sorted(role for _, role in members(alice)) == ["admin", "member", "owner"]


@pytest.mark.parametrize("times", [2, 8])
def test_opening_organizations_at_once_gives_one_free_one(own_database: OwnDatabase, times: int) -> None:
    alice = factories.member("alice@example.org", plan="watcher")

    outcomes = at_once([lambda: organizations.open_another(user=alice.user, name="Second")] * times)

    assert outcomes == ["FreeAlready"] * (times - 1) + ["done"]
