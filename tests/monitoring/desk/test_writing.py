"""Writing a finding on words of a version."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from monitoring.archive.models import Version
from monitoring.findings.models import Excerpt, Finding, FindingRevision, FindingState
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db

QUOTED = "We keep your conversations for 30 days."
TYPED = {
    "type": "retention",
    "headline": "Kept for a month",
    "description": "A period is named.",
    "why_person": "Somebody may read it.",
    "why_organization": "It belongs in the record.",
    "severity_person": "medium",
    "severity_person_words": "stated and limited",
    "severity_organization": "low",
}
SELECTED = {"quote_start": "0", "quote_end": str(len(QUOTED)), "quote_exact": QUOTED}


@pytest.fixture
def version() -> Version:
    factories.provision_type("retention")
    return factories.version()


def post(client: Client, version: Version, **fields: Any) -> Any:
    return client.post(f"/admin/desk/findings/new/{version.typeid}/", {**TYPED, "save": "draft", **fields})


def written(version: Version, author: User, excerpt: str = QUOTED) -> Finding:
    """A draft of this analyst."""
    provision = factories.provision(version.document)
    return factories.finding(provision, state=FindingState.DRAFT, author=author, excerpt=excerpt)


def test_the_text_says_where_each_block_begins(desk: Client, version: Version) -> None:
    page = desk.get(f"/admin/desk/findings/new/{version.typeid}/").content.decode()

    assert f'data-start="0">{QUOTED}</span>' in page
    assert f'data-start="{len(QUOTED) + 2}">We do not sell them.</span>' in page


def test_selected_words_become_a_draft(desk: Client, analyst: User, version: Version) -> None:
    answer = post(desk, version, **SELECTED)

    finding = Finding.objects.get()
    assert answer["Location"] == f"/admin/desk/findings/{finding.typeid}/"
    revision = finding.revisions.get()
    assert (finding.state, revision.author, revision.headline) == ("draft", analyst, "Kept for a month")
    assert revision.excerpts.get().exact == QUOTED


def test_pasted_words_are_found_by_the_server(desk: Client, version: Version) -> None:
    post(desk, version, pasted="We do not\nsell them.")

    excerpt = Excerpt.objects.get()
    assert (excerpt.exact, excerpt.start) == ("We do not sell them.", len(QUOTED) + 2)


def test_a_quotation_over_two_paragraphs_survives_the_line_ends_of_forms(desk: Client, version: Version) -> None:
    words = f"{QUOTED}\n\nWe do"

    post(desk, version, quote_start="0", quote_end=str(len(words)), quote_exact=words.replace("\n", "\r\n"))

    assert Excerpt.objects.get().exact == words


def test_save_and_submit_asks_a_second_person(desk: Client, version: Version) -> None:
    post(desk, version, **SELECTED, save="submit")

    assert FindingRevision.objects.in_review().get().headline == "Kept for a month"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**SELECTED, "quote_end": str(len(QUOTED) - 1)}, "not, character for character, those of the version"),
        ({**SELECTED, "quote_start": "x"}, "not, character for character, those of the version"),
        ({"pasted": "We keep your conversations for 31 days."}, "copy them from its text"),
        ({"pasted": "We"}, "more than once"),
        ({}, "Quote the words of the document"),
    ],
)
def test_what_is_not_one_verbatim_passage_is_refused_and_nothing_typed_is_lost(
    desk: Client, version: Version, fields: dict[str, str], said: str
) -> None:
    answer = post(desk, version, **fields)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert said in page
    for typed in (*TYPED.values(), fields.get("pasted", "")):
        assert typed in page
    assert not Finding.objects.exists()


def test_a_missing_part_is_named_and_the_quotation_kept(desk: Client, version: Version) -> None:
    answer = post(desk, version, **SELECTED, description="")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_description-error"' in page
    assert f'name="quote_exact" value="{QUOTED}"' in page
    assert not Finding.objects.exists()


def test_a_quotation_is_added_without_a_script_and_without_saving(desk: Client, version: Version) -> None:
    page = post(desk, version, pasted=QUOTED, save="quote", headline="").content.decode()

    assert f"<mark>{QUOTED}</mark>" in page
    assert f'name="quote_exact" value="{QUOTED}"' in page
    assert "A period is named." in page
    assert "Still missing." not in page
    assert not Finding.objects.exists()


def test_a_quotation_is_removed_without_a_script(desk: Client, version: Version) -> None:
    page = post(desk, version, **SELECTED, remove="0").content.decode()

    assert "quote_exact" not in page
    assert "A period is named." in page


def test_a_revision_begins_with_the_words_and_quotations_of_the_last_one(
    desk: Client, analyst: User, version: Version
) -> None:
    finding = written(version, analyst)

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/revise/").content.decode()

    assert "The document names a period" in page
    assert f"<mark>{QUOTED}</mark>" in page


def test_a_revision_is_saved_beside_the_last_one(desk: Client, analyst: User, version: Version) -> None:
    finding = written(version, analyst)

    desk.post(f"/admin/desk/findings/{finding.typeid}/revise/", {**TYPED, **SELECTED, "read": "1", "save": "draft"})

    headlines = finding.revisions.order_by("number").values_list("headline", flat=True)
    assert list(headlines) == ["Your conversations are kept for 30 days", "Kept for a month"]


def test_a_revision_written_meanwhile_is_told_and_nothing_typed_is_lost(
    desk: Client, analyst: User, version: Version
) -> None:
    finding = written(version, analyst)
    address = f"/admin/desk/findings/{finding.typeid}/revise/"
    sent = {**TYPED, **SELECTED, "read": "1", "save": "draft"}
    signed_in(staff("analyst", "bob@example.org")).post(address, {**sent, "headline": "Bob's"})

    answer = desk.post(address, sent)

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "bob@example.org wrote revision 2" in page
    assert "Kept for a month" in page
    assert finding.revisions.count() == 2


def test_quotations_are_carried_into_the_newest_text(desk: Client, analyst: User, version: Version) -> None:
    finding = written(version, analyst, "We do not sell them.")
    factories.release(factories.change(version.document))

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/revise/?version=newest").content.decode()

    assert "<mark>We do not sell them.</mark>" in page
    assert QUOTED not in page


def test_quotations_that_no_longer_stand_are_told(desk: Client, analyst: User, version: Version) -> None:
    finding = written(version, analyst)
    factories.release(factories.change(version.document))

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/revise/?version=newest").content.decode()

    assert "stand in this version any more" in page


def test_operators_do_not_write(version: Version) -> None:
    assert signed_in(staff("operator")).get(f"/admin/desk/findings/new/{version.typeid}/").status_code == 403
