"""Members ask for platforms that are missing, vote, and are told when one comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import Membership, Role
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts import mails
from monitoring.alerts.models import Delivery, Event, InboxItem
from monitoring.catalogue.models import Platform
from monitoring.watching import requests
from monitoring.watching.errors import TooManyRequests
from monitoring.watching.models import PlatformRequest, RequestVote
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db

OBSCURA = {"name": "Obscura", "homepage": "https://obscura.example/", "why": "Our editors use it every day."}


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


@pytest.fixture
def bob() -> Membership:
    return factories.member("bob@example.org")


@pytest.fixture
def operator() -> Client:
    return signed_in(staff("operator", "oscar@example.org"))


def ask(member: Membership, **said: str) -> Any:
    return signed_in(member.user).post("/requests/new/", {**OBSCURA, **said})


def vote(member: Membership, request: PlatformRequest) -> str:
    answer = signed_in(member.user).post(f"/requests/{request.typeid}/vote/", follow=True)
    return str(answer.content.decode())


def asked(name: str = "Obscura") -> PlatformRequest:
    return PlatformRequest.objects.get(name=name)


def answer(operator: Client, request: PlatformRequest, how: str, **said: Any) -> str:
    sent = {"request": request.pk, "answer": how, **said}
    return str(operator.post("/admin/desk/requests/", sent, follow=True).content.decode())


def told() -> list[str]:
    """Who has a delivery, after everything was fanned out."""
    pipeline.fan_out()
    with tenancy.system_scope("look"):
        return sorted(each.membership.user.email for each in Delivery.objects.select_related("membership__user"))


# Asking and voting


def test_a_platform_is_asked_for_once_with_its_first_vote(alice: Membership) -> None:
    ask(alice)

    request = asked()
    assert (request.votes, request.state) == (1, "open")
    page = Client().get("/requests/").content.decode()
    assert "Obscura" in page
    assert OBSCURA["why"] not in page
    assert "alice" not in page


@pytest.mark.parametrize(
    "said", [{"name": " OBSCÚRA "}, {"homepage": "http://www.obscura.example"}, {"homepage": "https://other.example"}]
)
def test_the_same_platform_asked_for_again_is_a_vote(alice: Membership, bob: Membership, said: dict[str, str]) -> None:
    ask(alice)
    ask(bob, **({"name": "Another name"} if said.get("homepage", "").startswith("http://") else {}) | said)

    assert asked().votes == 2
    assert PlatformRequest.objects.count() == 1


def test_nobody_votes_twice(alice: Membership, bob: Membership) -> None:
    ask(alice)

    vote(bob, asked())
    page = vote(bob, asked())

    assert "You had voted for it already" in page
    assert "You want it" in page
    assert asked().votes == 2


def test_a_person_of_two_organizations_has_one_vote(alice: Membership, bob: Membership) -> None:
    ask(alice)
    second = factories.member(of=bob.organization)
    with tenancy.system_scope("alice is in both"):
        Membership.objects.filter(pk=second.pk).delete()
        other = Membership.objects.create(organization=bob.organization, user=alice.user, role=Role.MEMBER)

    with tenancy.scope(bob.organization, alice.user):
        assert requests.vote_for(membership=other, request=asked()) is False
    assert asked().votes == 1


def test_a_platform_that_we_have_is_answered_with_a_link(alice: Membership) -> None:
    factories.platform("Lumen", aliases=["Lumen Chat"])

    page = ask(alice, name="lumen-chat").content.decode()

    assert '<a href="/platforms/lumen/">Lumen</a>' in page
    assert not PlatformRequest.objects.exists()


def test_a_host_at_which_one_platform_is_read_is_that_platform(alice: Membership) -> None:
    factories.document(factories.platform("Lumen"))  # read at lumen.example

    assert 'href="/platforms/lumen/"' in ask(alice, homepage="https://www.lumen.example").content.decode()


def test_three_platforms_a_day_are_enough_for_one_member(alice: Membership, bob: Membership) -> None:
    for number in range(3):
        ask(alice, name=f"Platform number {number}", homepage=f"https://n{number}.example")

    refused = ask(alice, name="One more", homepage="https://more.example")

    assert refused.status_code == 422
    assert "enough for one person" in refused.content.decode()
    ask(bob, name="One more", homepage="https://more.example")
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        ask(alice, name="And another", homepage="https://another.example")
    assert PlatformRequest.objects.count() == 5


def test_votes_of_a_day_are_limited(alice: Membership, bob: Membership) -> None:
    ask(bob)
    with tenancy.system_scope("requests of others"):
        wanted = [
            PlatformRequest.objects.create(
                name=f"P{n}", key=f"p{n}", homepage=f"https://p{n}.example", place=f"p{n}.example"
            )
            for n in range(30)
        ]
    with tenancy.scope(alice.organization, alice.user):
        for each in wanted:
            requests.vote_for(membership=alice, request=each)

    with tenancy.scope(alice.organization, alice.user), pytest.raises(TooManyRequests, match="30 votes"):
        requests.vote_for(membership=alice, request=asked())
    assert asked().votes == 1


@pytest.mark.parametrize(
    "said", [{"name": ""}, {"homepage": "nonsense"}, {"homepage": "ftp://x.example"}, {"why": ""}, {"name": "x" * 121}]
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(alice: Membership, said: dict[str, str]) -> None:
    refused = ask(alice, **said)

    assert refused.status_code == 422
    assert "every day" in refused.content.decode() or "why" in said
    assert not PlatformRequest.objects.exists()


def test_visitors_and_viewers_look_and_do_not_vote(alice: Membership) -> None:
    ask(alice)
    viewer = factories.member(of=alice.organization, role=Role.VIEWER)

    assert Client().post(f"/requests/{asked().typeid}/vote/")["Location"].startswith("/accounts/login/")
    assert signed_in(viewer.user).post(f"/requests/{asked().typeid}/vote/").status_code == 403
    assert "I want it too" not in signed_in(viewer.user).get("/requests/").content.decode()
    assert asked().votes == 1


def test_the_count_follows_a_person_who_leaves(alice: Membership, bob: Membership) -> None:
    ask(alice)
    vote(bob, asked())

    with tenancy.system_scope("bob leaves"):
        Membership.objects.get(pk=bob.pk).delete()

    assert asked().votes == 1


def test_nobody_writes_the_number_of_votes(alice: Membership) -> None:
    ask(alice)

    with tenancy.scope(alice.organization, alice.user), pytest.raises(Exception, match="permission denied"):
        PlatformRequest.objects.update(votes=1000)


def test_fifty_requests_take_as_many_queries_as_one(alice: Membership) -> None:
    counted = []
    client = signed_in(alice.user)
    for numbers in (range(1), range(1, 50)):
        with tenancy.system_scope("requests"):
            for number in numbers:
                PlatformRequest.objects.create(name=f"P {number}", key=f"p{number}", homepage="h", place=f"p{number}")
        client.get("/requests/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/requests/")
        counted.append(len(queries))

    assert counted[0] == counted[1]


# Answers


def test_operators_see_the_most_wanted_first_and_why(operator: Client, alice: Membership, bob: Membership) -> None:
    ask(bob, name="Rarely wanted", homepage="https://rare.example")
    ask(alice)
    vote(bob, asked())

    page = operator.get("/admin/desk/requests/").content.decode()

    assert page.index("Obscura") < page.index("Rarely wanted")
    assert OBSCURA["why"] in page


def test_whoever_asked_or_voted_is_told_once_when_it_comes(
    operator: Client, alice: Membership, bob: Membership
) -> None:
    ask(alice)
    vote(bob, asked())
    factories.member("charlie@example.org", plan="professional")
    platform = factories.platform("Obscura AI")

    answer(operator, asked(), "read", platform=platform.slug)
    answer(operator, asked(), "read", platform=platform.slug)

    assert told() == ["alice@example.org", "bob@example.org"]
    assert Event.objects.count() == 1
    assert LogEntry.objects.get().change_message == "Read now as Obscura AI."
    page = signed_in(alice.user).get("/inbox/").content.decode()
    assert "Obscura AI, which you asked for, is read now" in page
    assert 'href="/platforms/obscura-ai/"' in Client().get("/requests/").content.decode()


def test_the_mail_says_what_came_and_why_one_gets_it(operator: Client, alice: Membership) -> None:
    ask(alice)
    answer(operator, asked(), "read", platform=factories.platform("Obscura AI").slug)
    pipeline.fan_out()

    with tenancy.system_scope("write it"):
        mail = mails.mail_of(Delivery.objects.get())

    assert mail.subject == "Obscura AI is read now: you asked for it"
    assert "You get this once, because you asked for this platform or voted for it." in mail.text
    assert f"/platforms/obscura-ai/?org={alice.organization.typeid}" in mail.text
    assert "You asked for Obscura." in mail.html


def test_who_wants_no_mail_of_the_day_reads_it_in_the_inbox(operator: Client, alice: Membership) -> None:
    from monitoring.alerts.models import Preferences

    ask(alice)
    with tenancy.system_scope("no mails"):
        Preferences.objects.create(organization=alice.organization, membership=alice, same_day=False)

    answer(operator, asked(), "read", platform=factories.platform("Obscura AI").slug)

    assert told() == []
    with tenancy.system_scope("look"):
        assert InboxItem.objects.get().membership == alice


def test_a_platform_that_is_not_read_answers_nothing(operator: Client, alice: Membership) -> None:
    ask(alice)
    platform: Platform = factories.platform("Obscura AI", enabled=False)

    page = answer(operator, asked(), "read", platform=platform.slug)

    assert "enable it first" in page.replace("&#x27;", "'")
    assert asked().state == "open"


def test_a_refusal_has_a_public_reason(operator: Client, alice: Membership) -> None:
    ask(alice)

    assert "Say why it is declined" in answer(operator, asked(), "decline", words=" ")
    answer(operator, asked(), "decline", words="It publishes no terms of its own.")

    assert asked().state == "declined"
    assert "It publishes no terms of its own." in Client().get("/requests/").content.decode()
    assert "settled already" in ask(alice).content.decode()
    assert told() == []


def test_duplicates_are_merged_with_the_votes_of_each_person_once(
    operator: Client, alice: Membership, bob: Membership
) -> None:
    ask(alice)
    ask(alice, name="Obscura Writer", homepage="https://writer.example")
    ask(bob, name="Obscura Writer", homepage="https://writer.example")

    answer(operator, asked("Obscura Writer"), "merge", into=asked().pk)

    assert asked("Obscura Writer").merged_into == asked()
    assert (asked().votes, asked("Obscura Writer").votes) == (2, 0)
    assert "Obscura Writer" not in Client().get("/requests/").content.decode()
    charlie = factories.member("charlie@example.org")
    ask(charlie, name="obscura writer", homepage="https://elsewhere.example")
    assert asked().votes == 3
    answer(operator, asked(), "read", platform=factories.platform("Obscura AI").slug)
    assert told() == ["alice@example.org", "bob@example.org", "charlie@example.org"]


def test_analysts_look_and_do_not_answer(alice: Membership) -> None:
    ask(alice)
    analyst = signed_in(staff("analyst"))

    assert "Obscura" in analyst.get("/admin/desk/requests/").content.decode()
    assert (
        analyst.post("/admin/desk/requests/", {"request": asked().pk, "answer": "decline", "words": "x"}).status_code
        == 403
    )
    assert asked().state == "open"


def test_staff_see_no_ones_vote(operator: Client, alice: Membership) -> None:
    ask(alice)

    with tenancy.staff_scope(staff("operator", "olga@example.org")):
        assert not RequestVote.objects.exists()
