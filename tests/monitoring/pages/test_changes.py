"""The list of all changes, and one change."""

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from monitoring.changes.models import Significance
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def test_the_list_has_the_newest_first(client: Client) -> None:
    document = stories.document()
    older, newer = stories.change(document), stories.change(document, stories.OLD)

    assert [row.href for row in client.get("/changes/").context["rows"]] == [
        f"/c/{newer.typeid}/",
        f"/c/{older.typeid}/",
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 2),
        ({"platform": "lumen"}, 1),
        ({"platform": "nobody"}, 2),
        ({"significance": "minor"}, 1),
        ({"since": "2026-04-05"}, 1),
        ({"until": "2026-04-05"}, 1),
        ({"since": "2027-01-01"}, 0),
        ({"significance": "loud"}, 2),
    ],
)
def test_the_list_is_filtered(client: Client, query: dict[str, str], found: int) -> None:
    stories.change(stories.document())
    factories.released_change(
        stories.document(platform="Corvid"),
        significance=Significance.MINOR,
        observed_at=stories.SECOND.replace(month=4, day=20),
    )

    assert len(client.get("/changes/", query).context["rows"]) == found


@pytest.mark.parametrize("state", ["pending", "held", "suppressed"])
def test_what_was_not_released_to_be_told_is_not_listed(client: Client, state: str) -> None:
    stories.change(stories.document(), state=state)

    assert client.get("/changes/").context["rows"] == []


def test_the_list_takes_the_same_queries_for_any_number_of_rows(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Lumen", "Corvid", "Palisade"):
        stories.change(stories.document(platform=name))

    with django_assert_num_queries(3):
        client.get("/changes/")


def test_a_change_shows_words_before_and_after(client: Client) -> None:
    change = stories.change(stories.document())

    page = client.get(f"/c/{change.typeid}/").content.decode()

    assert "<del>30</del><ins>90</ins>" in page
    assert "30 days → 90 days" in page


def test_side_by_side_keeps_old_words_left_and_new_words_right(client: Client) -> None:
    change = stories.change(stories.document())

    page = client.get(f"/c/{change.typeid}/", {"view": "split"}).content.decode()

    assert "for <del>30</del> days" in page
    assert "for <ins>90</ins> days" in page
    assert '<span role="columnheader">Before</span><span role="columnheader">After</span>' in page


def test_both_layouts_are_links_and_the_address_alone_decides(client: Client) -> None:
    change = stories.change(stories.document())
    unified, split = (client.get(f"/c/{change.typeid}/", query) for query in ({}, {"view": "split"}))

    assert (unified.context["view"].split, split.context["view"].split) == (False, True)
    for page in (unified, split):
        assert 'href="?view=split#reading"' in page.content.decode()
        assert 'href="?view=unified#reading"' in page.content.decode()
        assert page.cookies == {}


def test_the_words_of_the_analyst_come_first(client: Client) -> None:
    change = stories.change(stories.document(), words="Your conversations are kept three times as long.")

    page = client.get(f"/c/{change.typeid}/").content.decode()

    assert "Your conversations are kept three times as long." in page
    assert "Written by an analyst" in page


def test_an_automatic_summary_is_marked_as_one(client: Client) -> None:
    change = stories.change(stories.document(), state="automatic")

    assert "Automatic summary: the time for review ran out" in client.get(f"/c/{change.typeid}/").content.decode()


def test_a_change_that_is_never_reviewed_is_not_said_to_have_waited_for_it(client: Client) -> None:
    change = stories.change(
        stories.document(), stories.OLD.replace("your rights", "your good rights"), state="automatic"
    )

    page = client.get(f"/c/{change.typeid}/").content.decode()

    assert change.significance == "minor"
    assert "Automatic summary." in page
    assert "ran out" not in page


@pytest.mark.parametrize("state", ["pending", "held"])
def test_an_undecided_change_is_not_found(client: Client, state: str) -> None:
    change = stories.change(stories.document(), state=state)

    assert client.get(f"/c/{change.typeid}/").status_code == 404


def test_staff_see_an_undecided_change_and_that_it_is_one(client: Client) -> None:
    change = stories.change(stories.document(), state="pending")
    client.force_login(factories.user(is_staff=True))

    assert "Not released yet" in client.get(f"/c/{change.typeid}/").content.decode()


def test_noise_keeps_its_page_and_is_called_so(client: Client) -> None:
    change = stories.change(stories.document(), state="suppressed")

    assert "marked this as noise" in client.get(f"/c/{change.typeid}/").content.decode()


def test_it_leads_to_the_provision_whose_quotation_it_touched(client: Client) -> None:
    document = stories.document()
    factories.finding(factories.provision(document), headline="Kept for a month")
    change = stories.change(document)

    rows = client.get(f"/c/{change.typeid}/").context["provisions"]

    assert [row["headline"] for row in rows] == ["Kept for a month"]


def test_a_provision_elsewhere_in_the_document_is_not_named(client: Client) -> None:
    document = stories.document()
    factories.finding(factories.provision(document), excerpt="We do not sell them.")
    change = stories.change(document)

    assert client.get(f"/c/{change.typeid}/").context["provisions"] == []


def test_the_citation_names_hash_and_permanent_address(client: Client) -> None:
    change = stories.change(stories.document())

    citation = client.get(f"/c/{change.typeid}/").context["citation"]

    assert change.new.text_sha256 in citation
    assert citation.endswith(f"/c/{change.typeid}/")


def test_a_change_takes_a_fixed_number_of_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    document = stories.document()
    for type in ("retention", "deletion"):
        factories.finding(factories.provision(document, type))
    change = stories.change(document)

    for query in ({}, {"view": "split"}):
        with django_assert_num_queries(2):
            client.get(f"/c/{change.typeid}/", query)


def test_data_of_open_terms_archive_is_named_where_its_changes_are_listed(client: Client) -> None:
    stories.change(stories.document(provenance_source="Captures by Open Terms Archive contributors"))

    assert "Contains data from Open Terms Archive contributors, ODC-BY 1.0" in client.get("/changes/").content.decode()
