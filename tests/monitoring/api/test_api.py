"""The public API: what it says, what it keeps back, and how it refuses."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from atlas.kernel import clock
from monitoring.changes.models import ReleaseState
from tests import factories

pytestmark = pytest.mark.django_db


def get(client: Client, path: str) -> Any:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_platforms_are_listed_by_name(client: Client) -> None:
    factories.platform("Zeta")
    factories.platform("alpha")

    assert [p["name"] for p in get(client, "platforms/")["results"]] == ["alpha", "Zeta"]


def test_document_that_was_not_read_has_no_version(client: Client) -> None:
    document = factories.document()

    found = get(client, f"documents/{document.typeid}/")

    assert (found["latest_version"], found["last_read_at"]) == (None, None)


def test_version_comes_with_its_text_and_the_spans_of_its_blocks(client: Client) -> None:
    version = factories.version(text="# Terms\n\nWe keep it for 30 days.")

    found = get(client, f"versions/{version.typeid}/")

    spans = [found["text"][block["start"] : block["end"]] for block in found["blocks"]]
    assert spans == ["Terms", "We keep it for 30 days."]
    assert found["text_sha256"] == version.text_sha256


def test_change_that_waits_for_an_analyst_and_its_version_answer_404(client: Client) -> None:
    change = factories.release(state=ReleaseState.PENDING).change

    assert get(client, "changes/")["results"] == []
    assert client.get(f"/api/v1/changes/{change.typeid}/").status_code == 404
    assert client.get(f"/api/v1/versions/{change.new.typeid}/").status_code == 404
    versions = get(client, f"documents/{change.document.typeid}/versions/")["results"]
    assert [version["id"] for version in versions] == [change.old.typeid]


def test_released_change_says_who_wrote_its_summary(client: Client) -> None:
    change = factories.released_change(words="Kept for longer.")

    found = get(client, f"changes/{change.typeid}/")

    assert (found["summary"], found["summary_by"]) == (["Kept for longer."], "analyst")


def test_changes_are_filtered_by_platform_and_day(client: Client) -> None:
    change = factories.released_change()
    factories.released_change()
    slug = change.document.platform.slug
    later = (clock.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert [c["id"] for c in get(client, f"changes/?platform={slug}")["results"]] == [change.typeid]
    assert get(client, f"changes/?observed_from={later}")["results"] == []


def test_refusal_is_a_problem_with_a_code(client: Client) -> None:
    missing = client.get("/api/v1/platforms/nobody/")
    wrong = client.get("/api/v1/changes/?significance=loud")

    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    assert missing.json()["code"] == "not_found"
    assert wrong.status_code == 400
    assert "significance" in wrong.json()["errors"]


def test_private_document_is_not_there(client: Client) -> None:
    document = factories.document(organization=factories.organization())

    assert client.get(f"/api/v1/documents/{document.typeid}/").status_code == 404
    assert get(client, "documents/")["results"] == []


def test_list_costs_the_same_queries_for_one_and_for_many(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(7):
        factories.released_change()

    with django_assert_num_queries(1):
        assert len(get(client, "changes/")["results"]) == 7


def test_writing_is_refused(client: Client) -> None:
    assert client.post("/api/v1/platforms/", {"name": "x"}).status_code == 405


def test_schema_describes_every_address(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()

    assert "/api/v1/changes/{public_id}/" in schema["paths"]
    assert schema["info"]["title"] == "ConductAtlas API"


def test_asking_too_often_is_refused_kindly(client: Client) -> None:
    statuses = {client.get("/api/v1/platforms/").status_code for _ in range(61)}

    assert statuses == {200, 429}


@pytest.mark.parametrize(
    ("path", "cursor"),
    [
        ("changes/", b"p=abc"),
        ("changes/", b"p=9999-12-31T23:59:59-23:00"),
        ("changes/", b"p=2026-99-99T00:00:00Z"),
        ("platforms/", b"p=a%00"),
        ("documents/", b"p=a%00"),
        ("documents/", b"o=many"),
    ],
)
def test_cursor_that_we_did_not_write_is_no_page(client: Client, path: str, cursor: bytes) -> None:
    answer = client.get(f"/api/v1/{path}", {"cursor": base64.b64encode(cursor).decode()})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_next_page_begins_where_the_last_one_ended(client: Client) -> None:
    names = [f"Platform {number:03}" for number in range(51)]
    for name in names:
        factories.platform(name)

    first = get(client, "platforms/")
    second = client.get(first["next"]).json()

    assert [platform["name"] for platform in first["results"] + second["results"]] == names


def test_next_page_of_changes_begins_where_the_last_one_ended(client: Client) -> None:
    document, began = factories.document(), clock.now() - timedelta(days=60)
    for day in range(51):
        factories.released_change(document, observed_at=began + timedelta(days=day))

    first = get(client, "changes/")
    second = client.get(first["next"]).json()

    assert len({change["id"] for change in first["results"] + second["results"]}) == 51


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+14:00"])
def test_moment_that_does_not_exist_in_utc_is_refused(client: Client, moment: str) -> None:
    answer = client.get("/api/v1/changes/", {"observed_from": moment})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_versions_of_a_document_that_does_not_exist_or_is_private_are_not_found(client: Client) -> None:
    private = factories.document(organization=factories.organization())

    for document in (private.typeid, "doc_01m889x8ddebrtw53z2m6g7yf7"):
        assert client.get(f"/api/v1/documents/{document}/versions/").status_code == 404


def test_rate_is_not_escaped_by_naming_another_address(client: Client) -> None:
    statuses = {
        client.get("/api/v1/platforms/", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status_code
        for number in range(61)
    }

    assert statuses == {200, 429}
