import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from tests import factories

pytestmark = pytest.mark.django_db


def told(alice: Membership, name: str = "Lumen", *, headline: str = "", significance: str = "substantive") -> Change:
    """A change of a platform that Alice follows, told to her."""
    lumen = factories.platform(name)
    factories.watch(alice, lumen)
    change = factories.released_change(factories.document(lumen), headline=headline, significance=significance)
    pipeline.fan_out()
    return change


def test_what_is_unread_comes_first_and_is_marked(as_alice: Client, alice: Membership) -> None:
    change = told(alice, headline="Retention tripled")

    response = as_alice.get("/dashboard/")

    assert [entry.title for entry in response.context["unread"]] == ["Retention tripled"]
    assert f'href="/c/{change.typeid}/"' in response.content.decode()
    assert "Unread (1)" in response.content.decode()


def test_marking_it_read_takes_it_away(as_alice: Client, alice: Membership) -> None:
    told(alice)
    [entry] = as_alice.get("/dashboard/").context["unread"]

    response = as_alice.post("/inbox/read/", {"id": entry.typeid, "from": "dashboard"}, follow=True)

    assert response.context["unread"] == []
    assert response.redirect_chain == [("/dashboard/", 302)]


def test_substantive_changes_stand_before_minor_ones(client: Client) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    client.force_login(alice.user)
    client.post("/settings/notifications/", {"same_day": "on", "minor_same_day": "on", "weekly_digest": "on"})
    told(alice, "Lumen", headline="A substantive one", significance="substantive")
    told(alice, "Corvid", headline="A minor one", significance="minor")

    unread = client.get("/dashboard/").context["unread"]

    assert [entry.title for entry in unread] == ["A substantive one", "A minor one"]


def test_a_free_member_sees_what_changed_lately(client: Client) -> None:
    bob = factories.member("bob@example.org")
    client.force_login(bob.user)
    told(bob, headline="Retention tripled")

    context = client.get("/dashboard/").context

    assert [row.line for row in context["lately"]] == ["Retention tripled"]
    assert context["unread"] == []


def test_changes_of_paused_or_foreign_platforms_arent_shown(as_alice: Client, alice: Membership) -> None:
    paused = factories.platform("Lumen")
    factories.watch(alice, paused, paused_at=clock.now())
    factories.released_change(factories.document(paused))
    told(factories.member("bob@example.org", plan="watcher"), "Corvid")

    context = as_alice.get("/dashboard/").context

    assert (context["lately"], context["unread"], context["used"]) == ([], [], 0)


def test_a_change_that_isnt_decided_isnt_shown(as_alice: Client, alice: Membership) -> None:
    lumen = factories.platform("Lumen")
    factories.watch(alice, lumen)
    factories.release(factories.change(factories.document(lumen)), state="pending")

    assert as_alice.get("/dashboard/").context["lately"] == []


def test_an_empty_dashboard_teaches_one_action(as_alice: Client) -> None:
    assert "Follow your first platform" in as_alice.get("/dashboard/").content.decode()


def test_any_number_of_changes_takes_the_same_queries(
    as_alice: Client, alice: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Lumen", "Corvid", "Palisade"):
        told(alice, name)
    as_alice.get("/dashboard/")

    with django_assert_num_queries(13):
        as_alice.get("/dashboard/")


def test_nobody_stores_the_page(as_alice: Client) -> None:
    assert "no-store" in as_alice.get("/dashboard/").headers["Cache-Control"]


def test_findings_stand_between_substantive_changes_and_minor_ones(client: Client) -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    client.force_login(alice.user)
    client.post("/settings/notifications/", {"same_day": "on", "minor_same_day": "on"})
    told(alice, "Lumen", headline="A substantive one")
    factories.finding(factories.provision(factories.document(Platform.objects.get(), "Policy")), headline="A finding")
    pipeline.fan_out()
    told(alice, "Corvid", headline="A minor one", significance="minor")

    unread = client.get("/dashboard/").context["unread"]

    assert [entry.title for entry in unread] == ["A substantive one", "A finding", "A minor one"]
