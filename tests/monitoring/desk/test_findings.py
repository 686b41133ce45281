"""Findings by what is to be done with them, and what may be done with one."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import User
from monitoring.findings.models import Finding, FindingRevision, FindingState
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db


def written(author: User, state: str = FindingState.IN_REVIEW, **fields: Any) -> Finding:
    version = factories.version()
    return factories.finding(factories.provision(version.document), state=state, author=author, **fields)


def act(client: Client, finding: Finding, action: str, **fields: str) -> Any:
    return client.post(f"/admin/desk/findings/{finding.typeid}/", {"action": action, "read": "1", **fields})


def state_of(finding: Finding) -> str:
    return Finding.objects.get(pk=finding.pk).state


@pytest.fixture
def bob() -> User:
    return staff("analyst", "bob@example.org")


def test_a_second_person_publishes(desk: Client, analyst: User, bob: User) -> None:
    finding = written(bob)

    act(desk, finding, "publish")

    assert state_of(finding) == "published"
    assert finding.revisions.get().reviewer == analyst


def test_the_author_is_offered_no_publication_and_refused_one(desk: Client, analyst: User) -> None:
    finding = written(analyst)

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/").content.decode()
    answer = act(desk, finding, "publish")

    assert 'value="publish"' not in page
    assert "you wrote this revision yourself" in page
    assert answer.status_code == 409
    assert state_of(finding) == "in_review"


def test_a_quotation_that_differs_is_shown_and_refused(desk: Client, bob: User) -> None:
    finding = written(bob)
    wrong = FindingRevision.objects.get()
    with tenancy.system_scope("behind the services"):
        wrong.pk, wrong.number = None, 2
        wrong.save()
        wrong.excerpts.create(
            version=finding.revisions.get(number=1).excerpts.get().version, exact="We keep all", start=0, end=11
        )

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/").content.decode()
    answer = act(desk, finding, "publish", read="2")

    assert "differs from the version" in page
    assert answer.status_code == 409
    assert state_of(finding) == "in_review"


def test_what_the_reviewer_did_not_read_is_not_published(desk: Client, bob: User) -> None:
    answer = act(desk, finding := written(bob), "publish", read="7")

    assert answer.status_code == 409
    assert "wrote revision 1 after the one you read" in answer.content.decode()
    assert state_of(finding) == "in_review"


def test_a_note_sends_it_back(desk: Client, bob: User) -> None:
    finding = written(bob)

    act(desk, finding, "send_back", note="Name the period.")

    assert state_of(finding) == "draft"
    assert "Name the period." in desk.get("/admin/desk/findings/").content.decode()


def test_sending_back_needs_a_note(desk: Client, bob: User) -> None:
    finding = written(bob)

    assert act(desk, finding, "send_back", note=" ").status_code == 409
    assert state_of(finding) == "in_review"


def test_a_draft_is_submitted(desk: Client, analyst: User) -> None:
    finding = written(analyst, FindingState.DRAFT)

    act(desk, finding, "submit")

    assert state_of(finding) == "in_review"


def test_a_retraction_needs_and_keeps_a_reason(desk: Client, bob: User) -> None:
    finding = written(bob, FindingState.PUBLISHED)

    assert act(desk, finding, "retract", because="").status_code == 409
    act(desk, finding, "retract", because="We misread it.")

    assert state_of(finding) == "retracted"
    assert "We misread it." in desk.get(f"/admin/desk/findings/{finding.typeid}/").content.decode()


def test_operators_read_and_do_not_act(bob: User) -> None:
    operator, finding = signed_in(staff("operator")), written(bob)

    assert operator.get(f"/admin/desk/findings/{finding.typeid}/").status_code == 200
    assert act(operator, finding, "publish").status_code == 403


def test_every_revision_is_listed(desk: Client, bob: User) -> None:
    finding = written(bob, headline="The first words")
    with tenancy.system_scope("behind the services"):
        revision = FindingRevision.objects.get()
        revision.pk, revision.number, revision.headline = None, 2, "The second words"
        revision.save()

    page = desk.get(f"/admin/desk/findings/{finding.typeid}/").content.decode()

    assert page.index("The second words") < page.index("The first words")


@pytest.mark.parametrize(
    ("state", "heading", "after"),
    [("in_review", "In review", "Drafts"), ("draft", "Drafts", "Published"), ("published", "Published", "</main")],
)
def test_findings_stand_under_what_is_to_be_done(desk: Client, bob: User, state: str, heading: str, after: str) -> None:
    written(bob, state, headline="Kept for a month")

    page = desk.get("/admin/desk/findings/").content.decode()

    section = page.partition(f"<h2>{heading}</h2>")[2].partition(f"<h2>{after}</h2>")[0]
    assert "Kept for a month" in section


def test_twenty_findings_take_as_many_queries_as_one(desk: Client, bob: User) -> None:
    counted = []
    for rows in (1, 6):
        for _ in range(rows):
            for state in ("in_review", "draft", "published"):
                written(bob, state)
        desk.get("/admin/desk/findings/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/admin/desk/findings/")
        counted.append(len(queries))

    assert counted[0] == counted[1]


def test_documents_that_were_read_can_be_searched(desk: Client) -> None:
    for title in ("Privacy Policy", "Terms of Service"):
        factories.version(factories.document(factories.platform(), title))
    factories.document(title="Never read policy")

    page = desk.get("/admin/desk/findings/documents/?q=polic").content.decode()

    assert "Privacy Policy" in page
    assert "Terms of Service" not in page
    assert "Never read" not in page
