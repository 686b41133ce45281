"""Operators decide what reading has noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring.archive import scheduling
from monitoring.archive.models import CheckSchedule
from monitoring.catalogue import proposing
from monitoring.catalogue.models import Declaration, Document, Platform, Proposal, ProposalKind
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/desk/proposals/"
OLD, NEW = "https://chat.example/terms", "https://chat.example/legal/terms"


@pytest.fixture
def operator() -> User:
    return staff("operator", "olga@example.org")


@pytest.fixture
def client(operator: User) -> Client:
    return signed_in(operator)


def noticed(what: ProposalKind, platform: Platform, document: Document | None, **seen: Any) -> Proposal:
    with tenancy.system_scope("a proposal"):
        return proposing.notice(
            kind=what,
            platform=platform,
            document=document,
            what=str(sorted(seen.items())),
            seen=seen,
            moment=clock.now(),
        )


def moved(document: Document | None = None) -> Proposal:
    if document is None:
        document = factories.document(title="Terms of Service")
        factories.declaration(document, url=OLD)
    return noticed(ProposalKind.MOVED, document.platform, document, url=OLD, target=NEW, steps=["301 /legal/terms"])


def new_document(
    platform: Platform | None = None, *, title: str = "Privacy Policy", kind: str = "privacy-policy"
) -> Proposal:
    return noticed(
        ProposalKind.DOCUMENT,
        platform or factories.platform("Example Chat"),
        None,
        url="https://chat.example/privacy",
        title=title,
        text=title,
        kind=kind,
        language="en",
        page=OLD,
    )


def other_selector() -> Proposal:
    document = factories.document(title="Terms of Service")
    factories.declaration(document, url=OLD, select=[".legal-text"])
    return noticed(
        ProposalKind.SELECTOR,
        document.platform,
        document,
        url=OLD,
        select=[".legal-text"],
        proposed=["main"],
        words=1200,
        kept=98,
        opening="Terms of Service",
        why="No selector matched anything.",
    )


def send(client: Client, proposal: Proposal, action: str, **fields: Any) -> Any:
    return client.post(ADDRESS, {"proposal": proposal.typeid, "action": action, **fields}, follow=True)


def sources(document: Document | None) -> list[tuple[str, list[Any]]]:
    assert document is not None
    declaration = Declaration.objects.in_force(document)
    assert declaration is not None
    return [(source.url, source.select) for source in declaration.sources.all()]


def again(proposal: Proposal) -> Proposal:
    return Proposal.objects.get(pk=proposal.pk)


def test_each_kind_says_what_was_seen(client: Client) -> None:
    moved()
    new_document()
    other_selector()

    page = client.get(ADDRESS).content.decode()

    for words in (OLD, NEW, "301 /legal/terms", "https://chat.example/privacy", ".legal-text", "1200 words", "98 %"):
        assert words in page
    assert "Seen 1 time" in page


def test_kinds_can_be_shown_alone(client: Client) -> None:
    moved()
    new_document()

    page = client.get(ADDRESS + "?kind=moved").content.decode()

    assert NEW in page
    assert "https://chat.example/privacy" not in page


def test_accepting_a_new_address_makes_a_declaration_that_is_read_at_once(client: Client, operator: User) -> None:
    proposal = moved()
    with tenancy.system_scope("not due"):
        scheduling.sync_schedules()
        CheckSchedule.objects.update(next_check_at=clock.now() + timedelta(hours=20))

    page = send(client, proposal, "accept", note="Looked at it.").content.decode()

    assert "Declaration 3 of" in page
    assert sources(proposal.document) == [(NEW, [])]
    decided = again(proposal)
    assert (decided.state, decided.decided_by, decided.note) == ("accepted", operator, "Looked at it.")
    assert decided.declaration is not None
    assert decided.declaration.reason == f"Looked at it. (the address has moved: {OLD})"
    assert CheckSchedule.objects.get(document=proposal.document).next_check_at <= clock.now()


def test_accepting_other_selectors_keeps_the_address(client: Client) -> None:
    proposal = other_selector()

    send(client, proposal, "accept")

    assert sources(proposal.document) == [(OLD, ["main"])]


def test_accepting_a_new_document_adds_it_with_its_first_declaration(client: Client, operator: User) -> None:
    proposal = new_document()
    fields = {"title": "Privacy Notice", "kind": "privacy-policy", "language": "en", "adopted": "on"}

    page = send(client, proposal, "accept", **fields).content.decode()

    made = Document.objects.get(platform=proposal.platform)
    assert (made.title, made.slug, made.kind, made.language) == (
        "Privacy Notice",
        "privacy-notice",
        "privacy-policy",
        "en",
    )
    assert made.adopted_at is not None
    assert made.provenance_source == f"linked from {OLD}"
    assert sources(made) == [("https://chat.example/privacy", [])]
    assert [source.reading for source in made.declarations.get().sources.all()] == ["auto"]
    assert CheckSchedule.objects.filter(document=made).exists()
    assert again(proposal).document == made
    assert "public at once" in page


def test_a_document_that_nobody_has_looked_at_is_not_adopted(client: Client) -> None:
    proposal = new_document()

    send(client, proposal, "accept", title="Privacy Policy", kind="privacy-policy", language="en")

    assert Document.objects.get(platform=proposal.platform).adopted_at is None


def test_a_second_document_of_the_same_title_gets_an_address_of_its_own(client: Client) -> None:
    proposal = new_document()
    factories.document(proposal.platform, "Privacy Policy")
    assert "may be another address of the same text" in client.get(ADDRESS).content.decode()

    send(client, proposal, "accept", title="Privacy Policy", kind="privacy-policy", language="en")

    slugs = Document.objects.filter(platform=proposal.platform).values_list("slug", flat=True)
    assert sorted(slugs) == ["privacy-policy", "privacy-policy-2"]


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client: Client) -> None:
    proposal = new_document(kind="")

    answer = send(client, proposal, "accept", title="Fair Use", kind="", language="english", note="Mine")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say what kind of document it is." in page
    assert "A language is written as en or pt-BR." in page
    assert 'value="Fair Use"' in page
    assert 'value="Mine"' in page
    assert again(proposal).state == "open"


def test_what_was_refused_is_not_proposed_again(client: Client, operator: User) -> None:
    proposal = moved()

    send(client, proposal, "refuse", note="It is only for visitors of one country.")
    moved(proposal.document)

    decided = again(proposal)
    assert (decided.state, decided.times, decided.decided_by) == ("refused", 2, operator)
    page = client.get(ADDRESS).content.decode()
    assert "Nothing is proposed." in page
    assert "It is only for visitors of one country." in page
    assert len(sources(proposal.document)) == 1


def test_refusing_needs_no_title(client: Client) -> None:
    proposal = new_document(kind="")

    send(client, proposal, "refuse", title="", kind="", language="")

    assert again(proposal).state == "refused"


def test_what_was_decided_meanwhile_is_not_decided_again(client: Client) -> None:
    proposal = moved()
    send(client, proposal, "refuse")

    page = send(client, proposal, "accept").content.decode()

    assert "has decided this already" in page
    assert again(proposal).state == "refused"


def test_a_document_that_is_read_elsewhere_by_now_is_left_alone(client: Client) -> None:
    proposal = moved()
    assert proposal.document is not None
    factories.declaration(proposal.document, url="https://chat.example/third")

    page = send(client, proposal, "accept").content.decode()

    assert "no longer fits" in page
    assert "Nothing was changed." in page
    assert sources(proposal.document) == [("https://chat.example/third", [])]


def test_only_the_page_that_moved_is_changed(client: Client) -> None:
    proposal = moved()
    assert proposal.document is not None
    declaration = Declaration.objects.in_force(proposal.document)
    assert declaration is not None
    with tenancy.system_scope("a second page"):
        declaration.sources.create(position=1, url="https://chat.example/annex", select=["article"])

    send(client, proposal, "accept")

    assert sources(proposal.document) == [(NEW, []), ("https://chat.example/annex", ["article"])]


def test_analysts_look_and_do_not_decide(desk: Client) -> None:
    proposal = moved()

    assert "Accept" not in desk.get(ADDRESS).content.decode()
    assert send(desk, proposal, "accept").status_code == 403
    assert again(proposal).state == "open"


@pytest.mark.parametrize("proposal", ["", "prp_x", "doc_01h455vb4pex5vsknk084sn02q", "prp_01h455vb4pex5vsknk084sn02q"])
def test_an_unknown_proposal_is_not_found(client: Client, proposal: str) -> None:
    assert client.post(ADDRESS, {"proposal": proposal, "action": "accept"}).status_code == 404


def test_what_is_noticed_too_seldom_or_no_longer_is_not_shown(client: Client) -> None:
    for state in ("noticed", "gone"):
        proposal = moved()
        with tenancy.system_scope("set it"):
            Proposal.objects.filter(pk=proposal.pk).update(state=state)

    page = client.get(ADDRESS).content.decode()

    assert NEW not in page


def test_the_sidebar_counts_what_waits(client: Client) -> None:
    assert client.get("/admin/desk/health/").status_code == 200
    new_document()

    page = client.get("/admin/desk/health/").content.decode()

    assert "Proposals" in page
    item = page[page.index("desk/proposals/") :][:1200]
    assert ">1<" in item.replace("\n", "").replace(" ", "")


def test_the_page_asks_as_much_for_many_as_for_one(client: Client) -> None:
    client.get(ADDRESS)
    platform = factories.platform("Example Chat")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        return len(queries)

    new_document(platform, title="First")
    one = asked()
    for number in range(8):
        new_document(platform, title=f"Number {number}")

    assert asked() == one
