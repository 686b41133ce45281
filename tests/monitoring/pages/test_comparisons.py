"""Any two versions of one document, compared."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from monitoring.archive.models import Version
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db
ADDRESS = "/platforms/lumen/terms-of-service/compare/"


def refs() -> list[str]:
    return [version.typeid for version in Version.objects.order_by("observed_at")]


def test_two_versions_that_do_not_follow_each_other_are_compared(client: Client) -> None:
    document = stories.document()
    stories.change(document)
    stories.change(document, stories.OLD.replace("30 days", "120 days"))

    page = client.get(ADDRESS, {"from": refs()[0], "to": refs()[2]}).content.decode()

    assert "<del>30</del><ins>120</ins>" in page


def test_without_a_choice_the_last_two_are_compared(client: Client) -> None:
    stories.change(stories.document())

    context = client.get(ADDRESS).context

    assert [context["from_ref"], context["to_ref"]] == refs()


def test_a_second_reader_gets_the_kept_comparison(client: Client) -> None:
    stories.change(stories.document())
    first = client.get(ADDRESS).context["reading"]

    assert client.get(ADDRESS).context["reading"] == first


def test_a_version_against_itself_says_that_nothing_differs(client: Client) -> None:
    stories.document()
    pair = {"from": refs()[0], "to": refs()[0]}

    assert "Not a word differs" in client.get(ADDRESS, pair).content.decode()


def test_a_version_of_another_document_is_refused_in_words(client: Client) -> None:
    stories.document()
    other = factories.version(observed_at=stories.SECOND)

    answer = client.get(ADDRESS, {"from": refs()[0], "to": other.typeid})

    assert answer.status_code == 404
    assert "has no such version" in answer.content.decode()


def test_an_undecided_version_can_not_be_compared(client: Client) -> None:
    stories.change(stories.document(), state="pending")

    assert client.get(ADDRESS, {"from": refs()[0], "to": refs()[1]}).status_code == 404


def test_the_page_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    document = stories.document()
    stories.change(document)
    stories.change(document, stories.OLD.replace("30 days", "120 days"))

    with django_assert_num_queries(3):
        client.get(ADDRESS)
