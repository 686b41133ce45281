"""The home page."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from atlas.kernel import clock
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def test_it_counts_what_is_public(client: Client) -> None:
    document = stories.document()
    stories.change(document)

    figures = client.get("/").context["figures"]

    assert figures == {"platforms": 1, "documents": 1, "versions": 2, "changes_of_week": 0}


def test_a_change_of_this_week_is_counted(client: Client) -> None:
    factories.released_change(observed_at=clock.now())

    assert client.get("/").context["figures"]["changes_of_week"] == 1


def test_it_shows_the_newest_substantive_changes(client: Client) -> None:
    change = stories.change(stories.document())

    assert f"/c/{change.typeid}/" in client.get("/").content.decode()


def test_a_change_that_nobody_decided_on_is_not_shown(client: Client) -> None:
    stories.change(stories.document(), state="pending")

    assert client.get("/").context["changes"] == []


def test_the_newest_finding_is_the_example_with_its_evidence(client: Client) -> None:
    document = stories.document()
    factories.finding(factories.provision(document))

    page = client.get("/").content.decode()

    assert "We keep your conversations for 30 days." in page
    assert "in context" in page


def test_without_findings_there_is_no_empty_example(client: Client) -> None:
    assert "stands on its evidence" not in client.get("/").content.decode()


def test_the_number_of_queries_does_not_grow(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for platform in ("Lumen", "Corvid", "Palisade"):
        stories.change(stories.document(platform=platform))

    with django_assert_num_queries(6):
        client.get("/")


def test_data_of_open_terms_archive_is_named_where_it_is_shown(client: Client) -> None:
    stories.change(stories.document(provenance_source="Captures by Open Terms Archive contributors"))

    assert "Contains data from Open Terms Archive contributors, ODC-BY 1.0" in client.get("/").content.decode()
