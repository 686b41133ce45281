"""One provision: what a document says on one subject."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from monitoring.findings.models import Provision
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def address(provision: Provision) -> str:
    return f"/p/{provision.typeid}/lumen-retention/"


def published() -> Provision:
    provision = factories.provision(stories.document())
    factories.finding(provision)
    return provision


def test_it_shows_headline_description_and_verbatim_excerpt_with_its_source(client: Client) -> None:
    page = client.get(address(published())).content.decode()

    assert "Your conversations are kept for 30 days" in page
    assert "The document names a period" in page
    assert "We keep your conversations for 30 days." in page
    assert "?mark=exc_" in page


@pytest.mark.parametrize("words", ["", "wrong-words/"])
def test_wrong_words_redirect_to_the_right_ones(client: Client, words: str) -> None:
    provision = published()

    answer = client.get(f"/p/{provision.typeid}/{words}")

    assert (answer.status_code, answer["Location"]) == (301, address(provision))


@pytest.mark.parametrize("state", ["draft", "in_review", "retracted"])
def test_what_is_not_published_is_not_found(client: Client, state: str) -> None:
    provision = factories.provision(stories.document())
    factories.finding(provision, state=state)

    assert client.get(address(provision)).status_code == 404


def test_it_says_when_the_words_were_last_seen(client: Client) -> None:
    page = client.get(address(published())).content.decode()

    assert "These words stood in the document on 31 March 2026" in page


def test_it_says_when_the_words_are_gone(client: Client) -> None:
    provision = published()
    stories.change(provision.document)

    page = client.get(address(provision)).content.decode()

    assert "no longer in the document as we read it on 31 March 2026" in page


def test_it_lists_the_changes_of_its_document(client: Client) -> None:
    provision = published()
    change = stories.change(provision.document)

    page = client.get(address(provision)).content.decode()

    assert "Lumen has changed this document before" in page
    assert f"/c/{change.typeid}/" in page


def test_it_does_not_call_itself_legal_advice(client: Client) -> None:
    assert "no legal advice" in client.get(address(published())).content.decode()


def test_the_page_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    provision = published()
    for type in ("deletion", "sale"):
        factories.finding(factories.provision(provision.document, type))
    stories.change(provision.document)

    with django_assert_num_queries(8):
        client.get(address(provision))
