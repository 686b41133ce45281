from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Digest, InboxItem
from monitoring.catalogue.models import Platform
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen(alice: Membership) -> Platform:
    made = factories.platform("Lumen")
    factories.watch(alice, made)
    return made


def tell(lumen: Platform, *headlines: str) -> None:
    for number, headline in enumerate(headlines):
        factories.released_change(factories.document(lumen, f"Document {number}"), headline=headline)
        pipeline.fan_out()


def digest(to: Membership) -> Digest:
    """A digest that was made for this member a minute ago."""
    with tenancy.system_scope("a digest for a test"):
        made = Digest.objects.create(
            organization=to.organization,
            membership=to,
            period_start=clock.now() - timedelta(days=7),
            period_end=clock.now(),
            platform_ids=list(Platform.objects.values_list("pk", flat=True)),
        )
        InboxItem.objects.create(organization=to.organization, membership=to, digest=made)
        return made


def titles(client: Client, query: str = "") -> list[str]:
    return [entry.title for entry in client.get(f"/inbox/{query}").context["entries"]]


def test_the_inbox_lists_the_newest_first(as_alice: Client, lumen: Platform) -> None:
    tell(lumen, "The first", "The second")

    assert titles(as_alice) == ["The second", "The first"]


def test_a_finding_is_told_by_its_headline(as_alice: Client, lumen: Platform) -> None:
    factories.finding(factories.provision(factories.document(lumen)), headline="Kept for 30 days")
    pipeline.fan_out()

    assert titles(as_alice) == ["Kept for 30 days"]


def test_one_is_marked_as_read(as_alice: Client, lumen: Platform) -> None:
    tell(lumen, "The first", "The second")
    newest = as_alice.get("/inbox/").context["entries"][0]

    as_alice.post("/inbox/read/", {"id": newest.typeid})

    assert titles(as_alice, "?show=unread") == ["The first"]


def test_all_are_marked_as_read(as_alice: Client, lumen: Platform) -> None:
    tell(lumen, "The first", "The second")

    response = as_alice.post("/inbox/read/", {"all": "1"}, follow=True)

    assert "2 marked as read." in response.content.decode()
    assert titles(as_alice, "?show=unread") == []


def test_alerts_and_digests_are_told_apart(as_alice: Client, alice: Membership, lumen: Platform) -> None:
    tell(lumen, "The first")
    made = digest(alice)

    assert titles(as_alice, "?kind=alerts") == ["The first"]
    assert titles(as_alice, "?kind=digests") == [f"Weekly digest to {made.period_end.day} {made.period_end:%B %Y}"]


def test_a_digest_opens_as_it_was_sent_and_is_read(as_alice: Client, alice: Membership, lumen: Platform) -> None:
    with clock.at(clock.now() - timedelta(days=1)):
        tell(lumen, "Retention tripled")
    made = digest(alice)

    page = as_alice.get(f"/inbox/{made.typeid}/").content.decode()

    assert "Retention tripled" in page
    assert titles(as_alice, "?show=unread&kind=digests") == []


def test_the_digest_of_another_member_is_not_found(as_alice: Client, alice: Membership) -> None:
    colleague = factories.member("bob@example.org", of=alice.organization)
    stranger = factories.member("charlie@example.org")

    answers = [as_alice.get(f"/inbox/{digest(other).typeid}/").status_code for other in (colleague, stranger)]

    assert answers == [404, 404]


def test_marking_what_another_was_told_changes_nothing(as_alice: Client, lumen: Platform) -> None:
    bob = factories.member("bob@example.org", plan="watcher")
    factories.watch(bob, lumen)
    tell(lumen, "The first")
    with tenancy.scope(bob.organization_id, bob.user_id):
        item = InboxItem.objects.select_related("event").get()
        assert item.event

    as_alice.post("/inbox/read/", {"id": item.event.typeid})

    with tenancy.scope(bob.organization_id, bob.user_id):
        assert InboxItem.objects.get().read_at is None


def test_a_malformed_id_is_not_found(as_alice: Client) -> None:
    assert as_alice.post("/inbox/read/", {"id": "evt_nonsense"}).status_code == 404


def test_an_empty_inbox_says_what_will_come(as_alice: Client) -> None:
    assert "Nothing was sent yet" in as_alice.get("/inbox/").content.decode()


def test_any_number_of_messages_takes_the_same_queries(
    as_alice: Client, lumen: Platform, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tell(lumen, "One", "Two", "Three", "Four")
    as_alice.get("/inbox/")

    with django_assert_num_queries(10):
        as_alice.get("/inbox/")


def test_a_long_inbox_has_pages(as_alice: Client, alice: Membership) -> None:
    for _ in range(26):
        digest(alice)

    assert len(titles(as_alice, "?page=2&kind=digests")) == 1
    assert "?kind=digests&amp;page=2" in as_alice.get("/inbox/?kind=digests").content.decode()


def test_opening_the_change_marks_it_as_read(as_alice: Client, lumen: Platform) -> None:
    tell(lumen, "The first", "The second")
    newest = as_alice.get("/inbox/").context["entries"][0]

    as_alice.get(newest.href)

    assert titles(as_alice, "?show=unread") == ["The first"]


def test_opening_the_provision_marks_its_finding_as_read(as_alice: Client, lumen: Platform) -> None:
    factories.finding(factories.provision(factories.document(lumen)), headline="Kept for 30 days")
    pipeline.fan_out()
    [told] = as_alice.get("/inbox/").context["entries"]

    as_alice.get(told.href)

    assert titles(as_alice, "?show=unread") == []
