"""A document's history, and its text as it stood on a day."""

from datetime import timedelta

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts import tenancy
from monitoring.archive import incidents
from monitoring.archive.models import Cause, DocumentHead, Version
from monitoring.fetching.outcomes import Reason
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db
ADDRESS = "/platforms/lumen/terms-of-service/"


def test_the_history_has_the_newest_first(client: Client) -> None:
    change = stories.change(stories.document())

    entries = client.get(ADDRESS).context["entries"]

    assert [(entry.significance, entry.line) for entry in entries] == [
        ("substantive", change.headline),
        ("first", "First reading: 17 words"),
    ]


def test_a_version_whose_change_is_undecided_is_not_in_the_history(client: Client) -> None:
    stories.change(stories.document(), state="pending")

    assert len(client.get(ADDRESS).context["entries"]) == 1


def test_our_own_rereadings_are_told_apart(client: Client) -> None:
    document = stories.document()
    factories.released_change(document, cause=Cause.DECLARATION, observed_at=stories.SECOND)

    context = client.get(ADDRESS).context

    assert len(context["entries"]) == 1
    assert [row["line"] for row in context["rereads"]] == ["we read another part of the page"]


def test_noise_stays_in_the_history_and_is_called_so(client: Client) -> None:
    stories.change(stories.document(), state="suppressed")

    assert "marked as noise" in client.get(ADDRESS).content.decode()


def test_the_day_shows_the_text_as_it_stood(client: Client) -> None:
    stories.change(stories.document())

    page = client.get(ADDRESS, {"on": "2026-03-15"}).content.decode()

    assert "text as it stood on 15 March 2026" in page
    assert "for 30 days" in page


def test_a_later_day_shows_the_later_text(client: Client) -> None:
    stories.change(stories.document())

    assert "for 90 days" in client.get(ADDRESS, {"on": "2026-05-01"}).content.decode()


def test_an_undecided_version_is_not_shown_for_its_day(client: Client) -> None:
    stories.change(stories.document(), state="pending")

    assert "for 30 days" in client.get(ADDRESS, {"on": "2026-05-01"}).content.decode()


def test_a_day_before_the_first_reading_is_said_to_be_unknown(client: Client) -> None:
    stories.document()

    assert (
        "We had not read this document by 1 January 2020" in client.get(ADDRESS, {"on": "2020-01-01"}).content.decode()
    )


def test_a_day_that_is_none_says_how_to_write_one(client: Client) -> None:
    stories.document()

    assert "A day is written like 2026-03-01." in client.get(ADDRESS, {"on": "soon"}).content.decode()


def test_a_document_that_was_never_read_says_so(client: Client) -> None:
    factories.document(factories.platform("Lumen"))

    page = client.get(ADDRESS).content.decode()

    assert "Not read yet" in page
    assert "https://lumen.example/terms-of-service" in page


def test_a_private_document_is_not_found(client: Client) -> None:
    factories.document(factories.platform("Lumen"), organization=factories.organization())

    assert client.get(ADDRESS).status_code == 404


def test_the_history_takes_the_same_queries_for_any_number_of_versions(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    document = stories.document()
    for days in (60, 90, 120):
        stories.change(document, stories.OLD.replace("30", str(days)))
    assert Version.objects.filter(document=document).count() == 4

    with django_assert_num_queries(7):
        client.get(ADDRESS)


def test_a_reading_that_found_undecided_words_confirms_nothing(client: Client) -> None:
    document = stories.document()
    before = client.get(ADDRESS).context["health"].words
    stories.change(document, state="pending")
    with tenancy.system_scope("the undecided words are seen again and again"):
        DocumentHead.objects.filter(document=document).update(last_read_at=stories.SECOND + timedelta(days=20))

    assert client.get(ADDRESS).context["health"].words == before
    [row] = client.get("/platforms/lumen/").context["documents"]
    assert row.health.words == before


def test_a_document_that_nobody_has_adopted_yet_is_not_read_yet(client: Client) -> None:
    document = factories.document(factories.platform("Lumen"))
    with tenancy.system_scope("nobody has adopted it"):
        incidents.open_of_document(document, reason=Reason.NOT_ADOPTED, why="", at=stories.FIRST)

    assert client.get(ADDRESS).context["health"].words == "not read yet"
