import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import tenancy
from accounts.models import Membership, Role
from atlas.kernel import clock
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db


def watched(by: Membership) -> dict[str, bool]:
    """Slug → is it running."""
    with tenancy.scope(by.organization_id, by.user_id):
        return {item.platform.slug: item.paused_at is None for item in WatchlistItem.objects.select_related("platform")}


def test_a_followed_platform_stands_with_its_newest_change(as_alice: Client, alice: Membership) -> None:
    lumen = factories.platform("Lumen")
    factories.watch(alice, lumen)
    document = factories.document(lumen)
    factories.released_change(document, headline="The older one")
    newest = factories.released_change(document, headline="The newer one")

    page = as_alice.get("/watchlist/").content.decode()

    assert f'<a href="/c/{newest.typeid}/">The newer one</a>' in page
    assert "The older one" not in page
    assert "1 of 10 platforms" in page


@pytest.mark.parametrize("typed", ["Lumen", "lumen", " LUMEN ", "Lum", "The Lamp", "the la"])
def test_a_platform_is_added_by_name_alias_or_beginning(as_alice: Client, alice: Membership, typed: str) -> None:
    factories.platform("Lumen", aliases=["The Lamp"])
    factories.platform("Corvid")

    as_alice.post("/watchlist/", {"platform": typed})

    assert watched(alice) == {"lumen": True}


def test_an_exact_name_wins_over_a_longer_one(as_alice: Client, alice: Membership) -> None:
    factories.platform("Lumen")
    factories.platform("Lumen Studio")

    as_alice.post("/watchlist/", {"platform": "lumen"})

    assert watched(alice) == {"lumen": True}


def test_an_ambiguous_name_is_asked_back(as_alice: Client, alice: Membership) -> None:
    factories.platform("Lumen Chat")
    factories.platform("Lumen Studio")

    page = as_alice.post("/watchlist/", {"platform": "lumen"}).content.decode()

    assert "Which one do you mean: Lumen Chat, Lumen Studio?" in page
    assert watched(alice) == {}


def test_an_unknown_name_says_so_and_stays_in_the_field(as_alice: Client) -> None:
    page = as_alice.post("/watchlist/", {"platform": "Nowhere"}).content.decode()

    assert "No platform that we read has this name." in page
    assert 'value="Nowhere"' in page


def test_pausing_and_resuming(as_alice: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"))

    as_alice.post("/watchlist/lumen/pause/")
    paused = watched(alice)
    as_alice.post("/watchlist/lumen/resume/")

    assert [paused, watched(alice)] == [{"lumen": False}, {"lumen": True}]


def test_resuming_over_the_limit_is_refused_in_words(client: Client) -> None:
    bob = factories.member("bob@example.org")
    factories.watch(bob, factories.platform("Lumen"))
    factories.watch(bob, factories.platform("Corvid"), paused_at=clock.now())
    client.force_login(bob.user)

    page = client.post("/watchlist/corvid/resume/", follow=True).content.decode()

    assert "The Free plan follows 1 platform" in page
    assert watched(bob)["corvid"] is False


def test_a_note_is_kept(as_alice: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"))

    page = as_alice.post("/watchlist/lumen/note/", {"note": "Ask legal <first>"}, follow=True).content.decode()

    assert 'value="Ask legal &lt;first&gt;"' in page


def test_a_note_that_is_too_long_is_refused(as_alice: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"), note="kept")

    page = as_alice.post("/watchlist/lumen/note/", {"note": "x" * 301}, follow=True).content.decode()

    assert 'value="kept"' in page


def test_what_the_plan_paused_is_said(as_alice: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"), paused_at=clock.now(), paused_by_plan=True)

    assert "over the plan’s limit" in as_alice.get("/watchlist/").content.decode()


def test_an_empty_watchlist_teaches_one_action(as_alice: Client) -> None:
    assert "Nothing is followed yet" in as_alice.get("/watchlist/").content.decode()


@pytest.mark.parametrize("action", ["pause", "resume", "note"])
def test_what_another_organization_follows_is_not_found(as_alice: Client, action: str) -> None:
    bob = factories.member("bob@example.org")
    factories.watch(bob, factories.platform("Lumen"))

    assert as_alice.post(f"/watchlist/lumen/{action}/", {"note": "mine"}).status_code == 404
    assert watched(bob) == {"lumen": True}


def test_what_another_organization_follows_isnt_shown(as_alice: Client) -> None:
    factories.watch(factories.member("bob@example.org"), factories.platform("Lumen"), note="Bob's secret")

    page = as_alice.get("/watchlist/").content.decode()

    assert "Bob" not in page
    assert "0 of 10 platforms" in page


def test_viewer_reads_but_changes_nothing(client: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"), note="For the viewer too")
    viewer = factories.member("viewer@example.org", role=Role.VIEWER, of=alice.organization)
    client.force_login(viewer.user)

    page = client.get("/watchlist/").content.decode()

    assert "For the viewer too" in page
    assert "/watchlist/lumen/pause/" not in page
    answers = [
        client.post(f"/watchlist/{path}").status_code for path in ("lumen/pause/", "lumen/resume/", "lumen/note/")
    ]
    assert answers == [403, 403, 403]
    assert client.post("/watchlist/", {"platform": "Lumen"}).status_code == 403


def test_a_colleague_sees_the_same_list(client: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform("Lumen"))
    bob = factories.member("bob@example.org", role=Role.MEMBER, of=alice.organization)
    client.force_login(bob.user)

    client.post("/watchlist/lumen/pause/")

    assert watched(alice) == {"lumen": False}


def test_any_number_of_platforms_takes_the_same_queries(
    as_alice: Client, alice: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Lumen", "Corvid", "Palisade", "Hexmoor"):
        platform = factories.platform(name)
        factories.watch(alice, platform)
        factories.released_change(factories.document(platform))
    as_alice.get("/watchlist/")

    with django_assert_num_queries(10):
        as_alice.get("/watchlist/")


def test_a_visitor_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/watchlist/").headers["Location"] == "/accounts/login/?next=/watchlist/"
