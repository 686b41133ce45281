"""The catalogue, and one platform."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts import tenancy
from monitoring.archive.models import Incident
from monitoring.catalogue.models import Document, FormerSlug, Platform
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def fail(document: Document, outcome: str = "unreachable", reason: str = "timeout") -> None:
    since = datetime(2026, 4, 21, tzinfo=UTC)
    with tenancy.system_scope("an incident for a test"):
        Incident.objects.create(document=document, outcome=outcome, reason=reason, opened_at=since, last_seen_at=since)


def test_platforms_that_are_read_stand_before_those_that_are_not(client: Client) -> None:
    stories.document(platform="Lumen")
    factories.document(factories.platform("Aurora"))

    context = client.get("/platforms/").context

    assert [card.platform.name for card in context["read"]] == ["Lumen"]
    assert [card.platform.name for card in context["unread"]] == ["Aurora"]


def test_a_platform_that_is_not_read_says_so(client: Client) -> None:
    factories.document(factories.platform("Aurora"))

    page = client.get("/platforms/").content.decode()

    assert page.index("Not read yet") < page.index("Aurora")


def test_the_catalogue_takes_the_same_queries_for_any_number_of_platforms(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for name in ("Lumen", "Corvid", "Palisade"):
        stories.change(stories.document(platform=name))

    with django_assert_num_queries(3):
        client.get("/platforms/")


def test_a_platform_lists_its_documents_and_changes(client: Client) -> None:
    document = stories.document()
    change = stories.change(document)

    page = client.get("/platforms/lumen/").content.decode()

    assert "/platforms/lumen/terms-of-service/" in page
    assert f"/c/{change.typeid}/" in page
    assert "2 versions" in page


def test_a_failing_document_says_since_when_and_that_the_last_version_stands(client: Client) -> None:
    fail(stories.document())

    page = client.get("/platforms/lumen/").content.decode()

    assert "not reachable since 21 April 2026: the last good version stands" in page


def test_a_failing_document_without_a_version_claims_none(client: Client) -> None:
    fail(factories.document(factories.platform("Aurora")), "blocked", "challenge")

    page = client.get("/platforms/aurora/").content.decode()

    assert "its site turns our reader away since 21 April 2026: nothing has been read yet" in page


def test_published_findings_stand_by_topic(client: Client) -> None:
    document = stories.document()
    factories.finding(factories.provision(document), headline="Kept for a month")

    topics = client.get("/platforms/lumen/").context["topics"]

    assert [topic["name"] for topic in topics] == ["Data"]
    assert [row.headline for row in topics[0]["findings"]] == ["Kept for a month"]


def test_a_draft_is_not_shown(client: Client) -> None:
    factories.finding(factories.provision(stories.document()), state="draft")

    assert client.get("/platforms/lumen/").context["topics"] == []


def test_a_former_slug_leads_to_the_platform(client: Client) -> None:
    with tenancy.system_scope("a former slug for a test"):
        FormerSlug.objects.create(slug="lumen-labs", platform=factories.platform("Lumen"))

    answer = client.get("/platforms/lumen-labs/")

    assert (answer.status_code, answer["Location"]) == (301, "/platforms/lumen/")


def test_an_unknown_platform_is_not_found(client: Client) -> None:
    assert client.get("/platforms/nobody/").status_code == 404


def test_a_platform_takes_the_same_queries_for_any_number_of_rows(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = stories.document("Terms of Service")
    factories.finding(factories.provision(first))
    stories.change(first)
    for title in ("Privacy Policy", "Usage Policy"):
        more = factories.document(first.platform, title)
        factories.version(more, stories.OLD, observed_at=stories.FIRST)
        stories.change(more)

    with django_assert_num_queries(9):
        client.get("/platforms/lumen/")


def test_data_of_open_terms_archive_is_named(client: Client) -> None:
    platform = factories.platform("Lumen", provenance_source="OpenTermsArchive/contrib-versions, commit 1")
    factories.document(platform)

    assert "Open Terms Archive contributors, ODC-BY 1.0" in client.get("/platforms/lumen/").content.decode()


@pytest.fixture
def retired() -> Document:
    """A document with a history, whose platform is no longer read."""
    document = stories.document()
    stories.change(document)
    with tenancy.system_scope("retire a platform"):
        Platform.objects.filter(pk=document.platform_id).update(retired_at=datetime(2026, 6, 1, tzinfo=UTC))
    return document


def test_pages_of_a_retired_platform_stay_and_say_so(client: Client, retired: Document) -> None:
    platform, document = client.get("/platforms/lumen/"), client.get("/platforms/lumen/terms-of-service/")

    assert "no longer read since 1 June 2026" in platform.content.decode()
    assert document.context["health"].words == "no longer read since 1 June 2026"
    assert (platform.context["follow"], document.context["follow"]) == (None, None)


def test_a_retired_platform_is_not_in_the_catalogue(client: Client, retired: Document) -> None:
    assert client.get("/platforms/").context["total"] == 0


def test_a_retired_document_is_listed_where_it_has_a_history(client: Client) -> None:
    document = stories.document()
    factories.document(document.platform, "Never read", retired_at=stories.SECOND)
    with tenancy.system_scope("retire a document"):
        Document.objects.filter(pk=document.pk).update(retired_at=stories.SECOND)

    [row] = client.get("/platforms/lumen/").context["documents"]

    assert (row.name, row.health.words) == ("Terms of Service", "no longer read since 31 March 2026")


def test_every_link_of_a_retired_platforms_change_leads_somewhere(client: Client, retired: Document) -> None:
    page = client.get("/changes/").content.decode()

    links = set(re.findall(r'href="(/(?:c|platforms)/[^"?]*)"', page))
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert "/platforms/lumen/terms-of-service/" in links
