"""How a document is read is tried on its live pages before it is declared."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import tenancy
from atlas.kernel import clock
from monitoring import trying
from monitoring.archive import scheduling, trials
from monitoring.archive.models import Check, Host, Incident, LedgerEntry, Snapshot, Trial, Version
from monitoring.catalogue import declaring
from monitoring.catalogue.models import Declaration, Document
from monitoring.changes.models import Change
from monitoring.desk.trials import shown
from tests.monitoring.desk.conftest import signed_in, staff
from tests.monitoring.pipeline.conftest import document as document
from tests.monitoring.pipeline.conftest import site as site
from tests.monitoring.pipeline.site import BODY, OPENING, Site, read

pytestmark = pytest.mark.django_db

EVIDENCE = (Check, Snapshot, Version, Change, Incident, LedgerEntry, Declaration)


@pytest.fixture
def operator() -> Client:
    return signed_in(staff("operator", "oscar@example.org"))


def address(document: Document) -> str:
    return f"/admin/desk/documents/{document.typeid}/reading/"


def written(*pages: dict[str, str]) -> dict[str, str]:
    """The form with these pages, as a browser sends it."""
    sent = {"source-TOTAL_FORMS": str(len(pages) + 1), "source-INITIAL_FORMS": "1", "do": "try"}
    for number, fields in enumerate([*pages, {}]):
        for name, value in {"reading": "static", **fields}.items():
            sent[f"source-{number}-{name}"] = value
    return sent


def try_out(client: Client, document: Document, *pages: dict[str, str]) -> str:
    """Try these pages, and let the worker answer; the address of the trial."""
    answer = client.post(address(document), written(*pages))
    assert answer.status_code == 302, answer.content.decode()
    trying.try_next()
    return str(answer["Location"])


def rows() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in EVIDENCE}


def test_what_was_tried_stands_beside_the_page_and_nothing_of_the_archive_is_written(
    operator: Client, document: Document, site: Site
) -> None:
    site.noise = "<div>Prices and offers of today</div>"
    before = rows()

    where = try_out(operator, document, {"url": site.address, "select": "main"})
    page = operator.get(where).content.decode()

    assert OPENING.replace("'", "&#x27;") in page
    assert "first version" in page
    assert "Prices and offers of today" in page  # grey, on the side of the page as it came
    assert "1 match," in page
    assert "1 heading" in page
    assert rows() == before


def test_while_it_waits_the_page_looks_again_by_itself(operator: Client, document: Document, site: Site) -> None:
    asked = operator.post(address(document), written({"url": site.address}))

    page = operator.get(asked["Location"])

    assert page["Refresh"] == "2"
    assert "It is being tried" in page.content.decode()


def test_what_was_tried_is_declared_with_a_reason_and_in_the_admins_log(
    operator: Client, document: Document, site: Site
) -> None:
    where = try_out(operator, document, {"url": site.address, "select": "main", "remove": "h1"})

    operator.post(where, {"do": "declare", "reason": "The page has a frame now."})

    made = Declaration.objects.in_force(document)
    assert made is not None
    assert (made.number, made.reason, made.from_desk) == (3, "The page has a frame now.", True)
    [source] = made.sources.all()
    assert (source.url, source.select, source.remove) == (site.address, ["main"], ["h1"])
    assert LogEntry.objects.get().change_message == "Declaration 3: The page has a frame now."


def test_a_declared_way_is_how_the_next_reading_reads(operator: Client, document: Document, site: Site) -> None:
    read(document)
    where = try_out(operator, document, {"url": site.address, "select": "main p"})
    operator.post(where, {"do": "declare", "reason": "Without its heading."})

    check = read(document, at=clock.now())

    assert check.declaration == Declaration.objects.in_force(document)
    newest = Version.objects.latest_of(document)
    assert newest is not None
    assert newest.cause == "declaration"


def test_without_a_reason_nothing_is_declared(operator: Client, document: Document, site: Site) -> None:
    where = try_out(operator, document, {"url": site.address, "select": "main p"})

    answer = operator.post(where, {"do": "declare", "reason": " "})

    assert answer.status_code == 422
    assert "Say why" in answer.content.decode()
    assert document.declarations.count() == 2


def test_declared_meanwhile_by_another_is_a_conflict_that_keeps_the_words(
    operator: Client, document: Document, site: Site
) -> None:
    where = try_out(operator, document, {"url": site.address, "select": "main p"})
    with tenancy.system_scope("somebody was quicker"):
        in_force = Declaration.objects.in_force(document)
        assert in_force is not None
        declaring.write(document=document, number=3, sources=declaring.entries_of(in_force), reason="quicker")

    answer = operator.post(where, {"do": "declare", "reason": "My own reason."})

    assert answer.status_code == 409
    assert "My own reason." in answer.content.decode()
    assert document.declarations.count() == 3


def test_what_could_not_be_read_can_not_be_declared(operator: Client, document: Document, site: Site) -> None:
    where = try_out(operator, document, {"url": site.address, "select": "#nowhere"})

    assert operator.post(where, {"do": "declare", "reason": "All the same."}).status_code == 404
    assert document.declarations.count() == 2


def test_a_selector_that_matches_nothing_is_said_beside_the_page(
    operator: Client, document: Document, site: Site
) -> None:
    where = try_out(operator, document, {"url": site.address, "select": "#nowhere"})

    page = operator.get(where).content.decode()

    assert "selector" in page
    assert "matched nothing" in page
    assert BODY[0] in page  # what came is shown, so that a better one can be written
    assert 'value="#nowhere"' in page or ">#nowhere</textarea>" in page


@pytest.mark.parametrize("line", ["main[", '{"startBefore": "h1"}', '{"startBefore": ', "{}", "[]"])
def test_what_is_no_selector_is_refused_before_anything_is_asked_for(
    operator: Client, document: Document, site: Site, line: str
) -> None:
    answer = operator.post(address(document), written({"url": site.address, "select": line}))

    assert answer.status_code == 422
    assert "This line is not" in answer.content.decode()
    assert site.address in answer.content.decode()
    assert not Trial.objects.exists()


def test_a_range_is_written_as_in_the_files_and_kept(operator: Client, document: Document, site: Site) -> None:
    line = '{"startAfter": "h1", "endAfter": "main"}'
    where = try_out(operator, document, {"url": site.address, "select": line})
    operator.post(where, {"do": "declare", "reason": "A range."})

    made = Declaration.objects.in_force(document)
    assert made is not None
    assert made.sources.get().select == [{"startAfter": "h1", "endAfter": "main"}]
    assert "startAfter" in operator.get(address(document)).content.decode()


def test_a_page_that_robots_txt_forbids_is_not_asked_for(operator: Client, document: Document, site: Site) -> None:
    site.robots_status, site.robots = 200, b"User-agent: *\nDisallow: /\n"

    where = try_out(operator, document, {"url": site.address})

    assert site.asked == []
    assert "does not allow us" in operator.get(where).content.decode()


def test_a_page_that_can_not_be_reached_is_told_in_words_and_the_form_kept(
    operator: Client, document: Document
) -> None:
    where = try_out(operator, document, {"url": "http://127.0.0.1:1/terms"})

    page = operator.get(where).content.decode()

    assert "(connect)" in page
    assert "http://127.0.0.1:1/terms" in page


def test_a_failing_page_is_shown_with_what_it_says(operator: Client, document: Document, site: Site) -> None:
    site.status, site.raw = 404, b"<html><body><h1>Gone fishing</h1></body></html>"

    where = try_out(operator, document, {"url": site.address})

    page = operator.get(where).content.decode()
    assert "http_404" in page
    assert "Gone fishing" in page


def test_ours_and_the_platforms_part_of_a_difference_are_told_apart(
    operator: Client, document: Document, site: Site
) -> None:
    read(document)
    site.paragraphs = [OPENING, *BODY[:1], "We keep your conversations for 90 days after you delete them.", *BODY[2:]]

    try_out(operator, document, {"url": site.address, "select": "main p"})

    found = Trial.objects.get().found
    assert found is not None
    assert found["ours"]["words_removed"] == 3  # the heading, which is no longer selected
    assert found["theirs"]["significance"] == "substantive"


def test_nothing_of_a_foreign_page_reaches_ours_as_markup(operator: Client, document: Document, site: Site) -> None:
    site.paragraphs = [OPENING, "&lt;script&gt;alert(1)&lt;/script&gt;", *BODY]
    site.noise = "<script>alert(2)</script><nav onclick='alert(3)'>Menu</nav>"

    page = operator.get(try_out(operator, document, {"url": site.address})).content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(" not in page
    assert "onclick" not in page


def test_a_host_that_another_worker_reads_is_not_asked_a_second_time(
    operator: Client, document: Document, site: Site
) -> None:
    with tenancy.system_scope("another worker"):
        lease = scheduling.take_host(Host.objects.get(name=scheduling.host_of(site.address)))
    assert lease is not None

    where = try_out(operator, document, {"url": site.address})

    assert site.asked == []
    assert "waits for its host" in operator.get(where).content.decode()

    with tenancy.system_scope("it is done"):
        scheduling.give_back(lease, next_request_at=clock.now())
        Trial.objects.update(next_try_at=clock.now())
    trying.try_next()
    assert "first version" in operator.get(where).content.decode()


def test_a_host_that_asked_us_to_stay_away_is_left_alone_and_the_operator_told(
    operator: Client, document: Document, site: Site
) -> None:
    with tenancy.system_scope("it has asked"):
        Host.objects.update(next_request_at=clock.now() + trials.PATIENCE * 10)
    operator.post(address(document), written({"url": site.address}))

    with clock.at(clock.now() + trials.PATIENCE):
        trying.try_next()

    assert site.asked == []
    found = Trial.objects.get().found
    assert found is not None
    assert "asked us to stay away" in found["why"]
    assert Host.objects.get(name=scheduling.host_of(site.address)).next_request_at > clock.now() + trials.PATIENCE


def test_hosts_are_given_back_after_a_trial(operator: Client, document: Document, site: Site) -> None:
    try_out(operator, document, {"url": site.address})

    assert not Host.objects.filter(leased_until__isnull=False).exists()


def test_a_trial_that_ended_its_worker_twice_is_not_tried_again(
    operator: Client, document: Document, site: Site
) -> None:
    operator.post(address(document), written({"url": site.address}))
    for _ in range(trials.MOST_ATTEMPTS):
        with tenancy.system_scope("a worker that dies"):
            trials.claim(moment=clock.now())
            Trial.objects.update(leased_until=clock.now())

    trying.try_next()

    found = Trial.objects.get().found
    assert found is not None
    assert "ended the worker" in found["why"]
    assert site.asked == []


def test_pages_are_read_in_the_order_of_their_places(operator: Client, document: Document, site: Site) -> None:
    asked = written(
        {"url": site.address, "ORDER": "2"},
        {"url": f"{site.address}?second", "ORDER": "1"},
        {"url": f"{site.address}?third", "ORDER": "3", "DELETE": "on"},
    )

    operator.post(address(document), asked)

    assert [source["url"] for source in Trial.objects.get().sources] == [f"{site.address}?second", site.address]


@pytest.mark.parametrize("url", ["", "ftp://example.org/terms", "javascript:alert(1)", "not an address"])
def test_only_addresses_of_the_web_are_tried(operator: Client, document: Document, url: str) -> None:
    assert operator.post(address(document), written({"url": url})).status_code == 422
    assert not Trial.objects.exists()


def test_analysts_look_and_do_not_try(desk: Client, document: Document, site: Site) -> None:
    assert ">Try</button>" not in desk.get(address(document)).content.decode()
    assert desk.post(address(document), written({"url": site.address})).status_code == 403
    assert not Trial.objects.exists()


def test_a_trial_of_another_document_is_not_found(operator: Client, document: Document, site: Site) -> None:
    from tests import factories

    where = try_out(operator, document, {"url": site.address})
    other = factories.document(title="Privacy Policy")

    assert operator.get(f"{address(other)}?{where.partition('?')[2]}").status_code == 404
    assert operator.get(f"{address(document)}?trial=nonsense").status_code == 404


def test_a_document_that_nobody_has_adopted_can_be_tried(operator: Client, document: Document, site: Site) -> None:
    with tenancy.system_scope("not adopted"):
        Document.objects.update(adopted_at=None)

    try_out(operator, document, {"url": site.address})

    assert shown(Trial.objects.get()).text is not None
    assert Document.objects.get(pk=document.pk).adopted_at is None


def test_documents_of_a_platform_lead_to_how_they_are_read(operator: Client, document: Document) -> None:
    page: Any = operator.get(f"/admin/desk/platforms/{document.platform.slug}/")

    assert address(document) in page.content.decode()
