"""One version: the text and the evidence behind it."""

import hashlib

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from monitoring.archive.models import Version
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def newest() -> Version:
    return Version.objects.order_by("-observed_at")[0]


def test_it_shows_the_text_with_a_permanent_link_to_each_block(client: Client) -> None:
    stories.document()

    page = client.get(f"/v/{newest().typeid}/").content.decode()

    assert "We keep your conversations for 30 days." in page
    assert page.count('class="leaf__number"') == 4


def test_the_evidence_is_complete(client: Client) -> None:
    stories.document()

    evidence = client.get(f"/v/{newest().typeid}/").context["evidence"]

    assert evidence["sources"][0]["sha256"] == hashlib.sha256(stories.OLD.encode()).hexdigest()
    assert evidence["text_sha256"] == newest().text_sha256
    assert (evidence["stood_from"], evidence["stood_until"], evidence["checks"]) == (stories.FIRST, stories.SECOND, 30)
    assert evidence["ledger"]


def test_the_text_alone_has_the_hash_that_the_card_names(client: Client) -> None:
    stories.document()

    answer = client.get(f"/v/{newest().typeid}/text")

    assert hashlib.sha256(answer.content).hexdigest() == newest().text_sha256
    assert answer["Content-Type"] == "text/plain; charset=utf-8"


def test_a_version_is_not_found_until_its_change_is_released(client: Client) -> None:
    stories.change(stories.document(), state="pending")

    assert client.get(f"/v/{newest().typeid}/").status_code == 404
    assert client.get(f"/v/{newest().typeid}/text").status_code == 404


def test_staff_see_it_before(client: Client) -> None:
    stories.change(stories.document(), state="pending")
    client.force_login(factories.user(is_staff=True))

    assert client.get(f"/v/{newest().typeid}/").status_code == 200


def test_an_older_version_leads_to_the_next(client: Client) -> None:
    document = stories.document()
    first = newest()
    stories.change(document)

    assert client.get(f"/v/{first.typeid}/").context["newer"]["href"] == f"/v/{newest().typeid}/"


def test_a_quotation_of_a_published_finding_is_marked(client: Client) -> None:
    finding = factories.finding(factories.provision(stories.document()))
    assert finding.published is not None
    excerpt = finding.published.excerpts.get()

    page = client.get(f"/v/{newest().typeid}/", {"mark": excerpt.typeid}).content.decode()

    assert f'<mark id="quotation">{excerpt.exact}</mark>' in page


def test_a_quotation_of_a_draft_is_not_marked(client: Client) -> None:
    finding = factories.finding(factories.provision(stories.document()), state="draft")
    excerpt = finding.revisions.get().excerpts.get()

    assert "<mark" not in client.get(f"/v/{newest().typeid}/", {"mark": excerpt.typeid}).content.decode()


@pytest.mark.parametrize("name", ["ver_01", "chg_01m889x8ddebrtw53z2m6g7yf7", "ver_01m889x8ddebrtw53z2m6g7yf7"])
def test_what_is_no_version_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/v/{name}/").status_code == 404


def test_the_page_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    stories.change(stories.document())
    address = f"/v/{newest().typeid}/"

    with django_assert_num_queries(6):
        client.get(address)
