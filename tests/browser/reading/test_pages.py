"""Pages whose text comes by script, read by the real pipeline in the system's Chromium."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import tenancy
from atlas.demo.policysite.history import HistoryScript, written_documents
from atlas.demo.policysite.site import PolicySite
from atlas.kernel import clock
from monitoring.archive import payloads
from monitoring.archive.models import Snapshot, Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Proposal
from monitoring.fetching.browser import asking
from monitoring.reading import STATIC_AGAIN_AFTER
from tests import factories
from tests.browser.reading.site import TERMS, TEXT, document_at, page, read_all, script, shell, source_of
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db


def text_read(document: object) -> str:
    with tenancy.system_scope("look"):
        return text_of(Version.objects.get(document=document)).text  # type: ignore[misc]


def test_page_whose_text_comes_by_script_is_read(site: WireServer) -> None:
    site.answers("/terms", shell())
    document = document_at(site.url("/terms"), language="de")

    [check] = read_all(document)

    assert (check.outcome, check.why) == ("first", "")
    assert "We keep your conversations for 30 days" in text_read(document)
    asked = next(asked for asked in site.asked if asked.path == "/terms")
    assert asked.headers["user-agent"].startswith("ConductAtlas/")
    assert asked.headers.get("sec-ch-ua-platform", '"Linux"') == '"Linux"', "we are what we say"
    assert asked.headers["accept-language"].startswith("de")


def test_response_is_kept_beside_the_page_that_was_made_of_it(site: WireServer) -> None:
    answer = shell()
    site.answers("/terms", Answer(body=answer.body + b"<!-- \xff -->", headers=answer.headers))
    document = document_at(site.url("/terms"))

    read_all(document)

    with tenancy.system_scope("look"):
        kept = Version.objects.get(document=document).readings.get().snapshot
        assert (kept.kind, b"We keep your conversations" in payloads.load(kept.payload)) == ("rendered", True)
        assert kept.response is not None
        assert payloads.load(kept.response.payload) == answer.body + b"<!-- \xff -->"
        assert Snapshot.objects.filter(document=document).count() == 2


def test_page_that_has_moved_for_good_is_proposed_at_its_new_address(site: WireServer, settings: Settings) -> None:
    settings.MOVED_AFTER = 1
    site.answers(
        "/new/terms", script(f"document.getElementById('app').innerHTML = {TERMS!r}; history.pushState(0, '', '/x')")
    )
    site.answers("/middle", page("<body><script>location.replace('/new/terms')</script></body>"))
    site.redirects("/moved", "/old/terms", status=301)
    site.redirects("/old/terms", "/new/terms", status=308)
    site.redirects("/led", "/middle", status=301)
    moved, led = (document_at(site.url(path)) for path in ("/moved", "/led"))

    assert [check.outcome for check in read_all(moved, led)] == ["first", "first"]

    with tenancy.system_scope("look"):
        [proposal] = Proposal.objects.filter(kind="moved")
        assert (proposal.document, proposal.seen["target"]) == (moved, site.url("/new/terms"))
        assert proposal.seen["steps"] == ["301 /old/terms", "308 /new/terms"]


def test_unchanged_page_is_unchanged_in_the_browser(site: WireServer) -> None:
    site.answers("/terms", shell())
    document = document_at(site.url("/terms"))
    read_all(document)

    [check] = read_all(document)

    assert check.outcome == "unchanged"


def test_source_that_may_be_read_either_way_remembers_that_it_needs_a_browser(site: WireServer) -> None:
    site.answers("/terms", shell())
    document = document_at(site.url("/terms"), reading="auto")

    [first] = read_all(document)
    since = source_of(document).state.in_browser_since
    [second] = read_all(document)

    assert (first.outcome, second.outcome) == ("first", "unchanged")
    assert since is not None
    assert source_of(document).state.in_browser_since == since
    assert site.paths_asked().count("/terms") == 3  # statically, in the browser, and then in the browser at once


def test_source_that_may_be_read_either_way_stays_static_where_that_suffices(site: WireServer) -> None:
    site.answers("/terms", page(TERMS))
    document = document_at(site.url("/terms"), reading="auto")

    [check] = read_all(document)

    assert check.outcome == "first"
    assert source_of(document).state.in_browser_since is None
    assert site.paths_asked() == ["/robots.txt", "/terms"]


def test_after_a_month_a_source_is_read_statically_again(site: WireServer) -> None:
    site.answers("/terms", shell())
    document = document_at(site.url("/terms"), reading="auto")
    read_all(document)
    site.answers("/terms", page(TERMS))

    with clock.at(clock.now() + STATIC_AGAIN_AFTER + timedelta(minutes=1)):
        [check] = read_all(document)

    assert check.outcome == "unchanged"
    assert source_of(document).state.in_browser_since is None


def test_source_is_read_statically_again_when_the_browser_is_gone(site: WireServer, settings: Settings) -> None:
    site.answers("/terms", shell())
    document = document_at(site.url("/terms"), reading="auto")
    read_all(document)
    site.answers("/terms", page(TERMS))
    settings.BROWSER = "off"

    [check] = read_all(document)

    assert check.outcome == "unchanged"
    assert source_of(document).state.in_browser_since is None


def test_text_that_comes_late_is_waited_for_where_a_selector_is_declared(site: WireServer) -> None:
    late = f"setTimeout(() => document.getElementById('app').innerHTML = {TERMS!r}, 4000)"
    site.answers("/terms", script(late, before=f"<div id=app></div><aside>{'Much beside it. ' * 60}</aside>"))
    document = document_at(site.url("/terms"), select=("main",))

    [check] = read_all(document)

    assert check.outcome == "first"


def test_text_that_comes_late_is_waited_for_where_there_is_hardly_any(site: WireServer) -> None:
    late = f"setTimeout(() => document.getElementById('app').innerHTML = {TERMS!r}, 4000)"
    site.answers("/terms", script(late, before="<div id=app>Loading …</div>"))

    [check] = read_all(document_at(site.url("/terms")))

    assert check.outcome == "first"


def test_page_that_never_stands_still_is_read_as_far_as_it_is(site: WireServer) -> None:
    site.answers("/terms", script("setInterval(() => clock.textContent++, 50)", before=f"<p id=clock>1</p>{TERMS}"))

    [check] = read_all(document_at(site.url("/terms")))

    assert check.outcome == "first"


def test_text_in_a_shadow_tree_and_in_a_large_frame_is_read_in_its_place(site: WireServer) -> None:
    opening, rest = TERMS.split("</p>", 1)
    rest = rest.removesuffix("</main>")
    code = "const r = part.attachShadow({mode: 'open'}); r.innerHTML = '<section><slot></slot></section>'"
    content = f"{opening}</p><div id=part>{rest}</div><iframe src=/more width=800 height=400></iframe></main>"
    site.answers("/terms", script(code, before=content))
    site.answers("/more", page("<p>This stands in a frame, and is a part of the agreement.</p>"))
    document = document_at(site.url("/terms"))

    [check] = read_all(document)

    assert check.outcome == "first"
    text = text_read(document)
    assert text.count("We keep your conversations for 30 days") == 1
    assert "This stands in a frame" in text


def test_page_that_breaks_what_scripts_stand_on_is_read(site: WireServer) -> None:
    breaks = "Array.prototype.toJSON = Array.from = JSON.stringify = document.querySelectorAll = () => 'broken'"
    site.answers("/terms", script(breaks, before=TERMS))

    [check] = read_all(document_at(site.url("/terms")))

    assert check.outcome == "first"


def test_document_that_is_no_page_is_read_as_received(site: WireServer) -> None:
    words = b"# Terms of Service\n\n" + b"\n\n".join(text.encode() for text in TERMS.split("<p>")[1:])
    site.answers("/terms", Answer(body=words, headers={"Content-Type": "text/markdown; charset=utf-8"}))
    document = document_at(site.url("/terms"))

    [check] = read_all(document)

    assert check.outcome == "first"
    with tenancy.system_scope("look"):
        kept = Snapshot.objects.get(document=document)
        assert (kept.kind, kept.media_type, payloads.load(kept.payload)) == ("response", "text/markdown", words)


def test_robots_txt_speaks_for_the_browser_too_and_for_where_a_page_leads(site: WireServer) -> None:
    site.answers("/robots.txt", body=b"User-agent: *\nDisallow: /private", headers={"Content-Type": "text/plain"})
    site.answers("/private", TEXT)
    site.redirects("/redirects", "/private")
    site.answers("/leads", script("location = '/private'"))
    documents = [document_at(site.url(path)) for path in ("/private", "/redirects", "/leads")]

    checks = read_all(*documents)

    assert [(check.outcome, check.reason) for check in checks] == [("disallowed", "robots")] * 3
    assert "/private" not in site.paths_asked()


def test_without_a_browser_the_check_says_what_to_do(site: WireServer, settings: Settings) -> None:
    settings.BROWSER = "/nowhere/chromium"
    site.answers("/terms", shell())

    checks = read_all(document_at(site.url("/terms")), document_at(site.url("/terms"), reading="auto"))

    assert [(check.outcome, check.reason) for check in checks] == [("needs_browser", "js_shell")] * 2
    assert "apt-get install chromium" in checks[0].why
    assert "ATLAS_BROWSER" in checks[1].why


def test_nothing_is_read_in_the_browser_inside_a_transaction() -> None:
    from django.db import transaction

    from atlas.kernel.egress import InsideTransaction

    with transaction.atomic(), pytest.raises(InsideTransaction):
        asking.read("http://127.0.0.1:1/")


def test_operator_sees_what_stood_in_the_window_when_a_page_failed(site: WireServer, client: Client) -> None:
    site.answers("/terms", script("app.innerHTML = '<h1>This page is not available</h1>'"))
    document = document_at(site.url("/terms"))

    read_all(document)

    client.force_login(factories.user(is_staff=True, staff_role="operator"))
    answer = client.get(f"/admin/desk/documents/{document.typeid}/window/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert f"/admin/desk/documents/{document.typeid}/window/" in client.get("/admin/desk/health/").content.decode()


def test_demo_publishes_a_page_that_needs_a_browser(tmp_path: Path) -> None:
    server = PolicySite(HistoryScript(written_documents(), tmp_path / "state.json")).server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        document = document_at(f"{server.url}/hexmoor/acceptable-use", reading="auto", kind="acceptable-use-policy")
        [check] = read_all(document)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert (check.outcome, check.reason) == ("first", "")
    assert "You may not use the services" in text_read(document)
