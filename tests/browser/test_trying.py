"""An operator tries how a document is read, in a real browser."""

from __future__ import annotations

import os
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring import trying
from monitoring.archive import incidents, scheduling
from monitoring.catalogue.models import Document
from monitoring.fetching.outcomes import Reason
from tests import factories
from tests.browser.test_desk import sign_in
from tests.monitoring.fetching import shown
from tests.wire.server import WireServer

pytestmark = pytest.mark.browser

SIZES: list[tuple[Literal["light", "dark"], int]] = [("light", 1440), ("dark", 360)]


@pytest.fixture
def operator(site: str) -> User:
    return factories.user("oscar@example.org", is_staff=True, staff_role="operator")


def read_document(policies: WireServer) -> Document:
    policies.answers("/robots.txt", status=404)
    policies.answers("/terms", body=shown.document(), headers={"Content-Type": "text/html; charset=utf-8"})
    made = factories.document(factories.platform("Lumen"))
    factories.declaration(made, url=policies.url("/terms"), reason="where the test's server is")
    return made


def try_it(page: Page) -> None:
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_text("It is being tried.")).to_be_visible()
    assert trying.try_next()


def test_a_selector_is_tried_until_it_fits_and_then_declared(page: Page, site: str, operator: User) -> None:
    with WireServer() as policies:
        document = read_document(policies)
        sign_in(page, site, operator, f"/admin/desk/documents/{document.typeid}/reading/")

        page.get_by_label("Select", exact=True).first.fill("#nowhere")
        try_it(page)
        expect(page.get_by_text("It can’t be read so")).to_be_visible()  # the page has looked again by itself

        page.get_by_label("Select", exact=True).first.fill("main")
        try_it(page)
        read = page.get_by_role("region", name="What was read")
        expect(read).to_contain_text(shown.CLAUSES[0])

        page.get_by_label("Why it is read so from now on").fill("The page has a frame now.")
        page.get_by_role("button", name="Save as declaration 3").click()
        expect(page.get_by_text("Declaration 3 is in force").first).to_be_visible()


@pytest.mark.parametrize(("colours", "width"), SIZES)
def test_a_trial_is_legible_for_everybody(
    browser: Browser, site: str, operator: User, colours: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # axe is injected inline
    with WireServer() as policies:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        document = read_document(policies)
        sign_in(page, site, operator, f"/admin/desk/documents/{document.typeid}/reading/")
        page.get_by_label("Select", exact=True).first.fill("main")
        try_it(page)
        expect(page.get_by_role("heading", name="What it would be called")).to_be_visible()

        found = Axe().run(page, context=".desk", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        if folder := os.environ.get("LOOK"):
            page.screenshot(path=f"{folder}/trial-{colours}-{width}.png", full_page=True)
        assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()


@pytest.mark.parametrize(("colours", "width"), SIZES)
def test_a_capture_is_uploaded_looked_at_and_kept(
    browser: Browser, site: str, colours: Literal["light", "dark"], width: int
) -> None:
    analyst = factories.user("alice@example.org", is_staff=True, staff_role="analyst")
    document = factories.document(factories.platform("Lumen"))
    with tenancy.system_scope("a document that is blocked"):
        scheduling.sync_schedules()
        incidents.open_of_document(document, reason=Reason.CHALLENGE, why="A challenge came.", at=clock.now())
    context = browser.new_context(color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, site, analyst, f"/admin/desk/documents/{document.typeid}/upload/")
    page.get_by_label("The page as it was saved").set_input_files(
        {"name": "terms.html", "mimeType": "text/html", "buffer": shown.document()}
    )
    page.get_by_label("When it was taken").fill("2026-11-01T09:00")
    page.get_by_label("Who took it").fill("our analyst")
    page.get_by_label("How it was got").fill("Saved with Firefox, from a network in Ireland.")
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_text("It is being judged.")).to_be_visible()
    assert trying.try_next()
    expect(page.get_by_role("button", name="Keep it as a version")).to_be_visible()
    found = Axe().run(page, context=".desk", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/upload-{colours}-{width}.png", full_page=True)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    page.get_by_role("button", name="Keep it as a version").click()
    expect(page.get_by_text("It is being kept.")).to_be_visible()
    assert trying.try_next()
    page.get_by_role("link", name="Its version").click()
    expect(page.get_by_text("Our reader did not fetch this.")).to_be_visible()
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/uploaded-{colours}-{width}.png")
    context.close()
