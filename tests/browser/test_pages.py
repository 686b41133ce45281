"""The public pages in a real browser: policy of the site, reading by keyboard, small screens, without JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.browser
DOCUMENT = "/platforms/lumen/terms-of-service/"
PHONE = {"width": 360, "height": 780}


@dataclass(frozen=True)
class Site:
    """A site that has read one document twice, with a finding on it."""

    address: str
    pages: dict[str, str]

    def of(self, name: str) -> str:
        return f"{self.address}{self.pages[name]}"


@pytest.fixture
def read_site(site: str) -> Site:
    document = stories.document()
    provision = factories.provision(document)
    factories.finding(provision)
    new = stories.NEW.replace("We do not sell them.", "We may sell them to others.\n\nWe ask before we do.")
    change = stories.change(document, new, words="Kept for longer, and no longer only for you.")
    pages = {
        "home": "/",
        "platforms": "/platforms/",
        "platform": "/platforms/lumen/",
        "document": DOCUMENT,
        "version": f"/v/{change.new.typeid}/",
        "change": f"/c/{change.typeid}/",
        "sides": f"/c/{change.typeid}/?view=split",
        "compare": f"{DOCUMENT}compare/",
        "changes": "/changes/",
        "provision": f"/p/{provision.typeid}/lumen-retention/",
        "pricing": "/pricing/",
        "methodology": "/methodology/",
        "about": "/about/",
        "signup": "/accounts/signup/",
        "login": "/accounts/login/",
        "missing": "/nothing-here/",
    }
    return Site(site, pages)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_has_a_fault_that_axe_can_see(read_site: Site, browser: Browser, colours: str) -> None:
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # type: ignore[arg-type]  # axe is injected inline
    page = context.new_page()
    faults = {}
    for name in read_site.pages:
        page.goto(read_site.of(name))
        found = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in Axe().run(page).response["violations"]]
        if found:
            faults[name] = found
    context.close()

    assert faults == {}


def test_nothing_on_a_page_breaks_the_policy_of_the_site(read_site: Site, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for name in read_site.pages:
        if name != "missing":
            page.goto(read_site.of(name))

    assert said == []


def test_no_page_is_wider_than_a_telephone(read_site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    wide = []
    for name in read_site.pages:
        page.goto(read_site.of(name))
        if page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
            wide.append(name)
    context.close()

    assert wide == []


def test_what_is_pressed_alone_is_as_high_as_a_finger(read_site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    low = {}
    for name in ("home", "document", "change", "sides", "signup", "changes"):
        page.goto(read_site.of(name))
        low[name] = page.evaluate(
            """[...document.querySelectorAll('button, .button, select, nav a, .evidence a, .change-row a, .account a')]
                .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
                .map((e) => e.outerHTML.slice(0, 90))"""
        )
    context.close()

    assert {name: found for name, found in low.items() if found} == {}


def test_n_and_p_go_from_one_changed_passage_to_the_next(read_site: Site, page: Page) -> None:
    page.goto(read_site.of("change"))
    passages = page.locator("[data-passage]")
    assert passages.count() >= 2

    page.keyboard.press("n")
    expect(passages.nth(0)).to_be_focused()
    page.keyboard.press("n")
    expect(passages.nth(1)).to_be_focused()
    page.keyboard.press("p")
    expect(passages.nth(0)).to_be_focused()


@pytest.fixture
def moved_change(read_site: Site) -> str:
    """The address of a change in which the first passage went to the end, and others stayed."""
    lines = [f"Passage number {word} says something of its own." for word in "one two three four five six".split()]
    document = stories.document("Privacy Policy", platform="Corvid")
    stories.change(document, "\n\n".join(["# Policy", *lines]))
    change = stories.change(document, "\n\n".join(["# Policy", *lines[1:], lines[0]]))
    return f"{read_site.address}/c/{change.typeid}/"


def test_side_by_side_is_kept_for_the_next_change_and_left_again(
    read_site: Site, moved_change: str, page: Page
) -> None:
    page.goto(read_site.of("change"))
    page.get_by_role("link", name="Side by side").click()
    row = page.get_by_role("row").filter(has=page.locator("del", has_text="30"))
    before, after = row.evaluate("row => [...row.children].map((cell) => cell.getBoundingClientRect().toJSON())")
    assert (before["top"], before["bottom"]) == (after["top"], after["bottom"])
    assert before["right"] <= after["left"]

    page.goto(moved_change)
    expect(page.get_by_role("link", name="Side by side")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(f"{moved_change}?view=split")

    page.get_by_role("link", name="Unified").click()
    page.goto(read_site.of("change"))
    expect(page.get_by_role("link", name="Unified")).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("table")).to_have_count(0)


def test_without_javascript_the_switch_is_a_link(read_site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(read_site.of("change"))

    page.get_by_role("link", name="Side by side").click()

    expect(page.get_by_role("columnheader", name="Before").first).to_be_attached()
    expect(page.get_by_role("cell").filter(has=page.locator("ins", has_text="90"))).to_be_visible()
    context.close()


@pytest.mark.parametrize("view", ["unified", "split"])
def test_a_move_leads_to_its_other_place_and_back(moved_change: str, page: Page, view: str) -> None:
    page.set_viewport_size({"width": 1000, "height": 300})
    page.goto(f"{moved_change}?view={view}")

    page.get_by_role("link", name="Moved to").click()
    came = page.locator(":target")
    expect(came).to_contain_text("Passage number one says something of its own.")
    expect(came).to_be_in_viewport()

    came.get_by_role("link", name="Moved from").click()
    expect(page.locator(":target")).to_contain_text("Moved to")
    expect(page.locator(":target")).to_be_in_viewport()


def test_on_a_telephone_the_remembered_side_by_side_gives_way(read_site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(read_site.of("change"))
    page.get_by_role("link", name="Side by side").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    page.goto(read_site.of("change"))
    expect(page.get_by_role("link", name="Unified")).to_have_attribute("aria-current", "true")
    context.close()


def test_a_question_mark_lists_the_keys_and_escape_closes_the_list(read_site: Site, page: Page) -> None:
    page.goto(read_site.of("change"))

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


def test_keys_of_one_letter_can_be_switched_off_for_good(read_site: Site, page: Page) -> None:
    page.goto(read_site.of("change"))
    page.keyboard.press("?")
    page.get_by_label("Keys of one letter are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()

    page.keyboard.press("n")
    expect(page.locator("[data-passage]").nth(0)).not_to_be_focused()


def test_the_choice_of_colours_is_remembered(read_site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(read_site.of("home"))
    button = page.locator("[data-theme-toggle]")
    button.click()
    button.click()
    expect(button).to_have_text("Colours: dark")

    page.goto(read_site.of("changes"))
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"


def test_the_citation_is_copied(read_site: Site, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(read_site.of("change"))

    page.get_by_role("button", name="Copy as citation").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("ConductAtlas, “Lumen, Terms of Service")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(read_site: Site, page: Page) -> None:
    page.goto(read_site.of("home"))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_without_javascript_two_versions_are_picked_and_compared(read_site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(read_site.of("document"))

    page.get_by_role("button", name="Compare the two picked versions").click()

    expect(page.locator("del", has_text="30")).to_be_visible()
    assert page.locator("button:visible").all_inner_texts() == ["Compare"]
    context.close()


def test_a_quotation_leads_to_its_place_in_the_archived_text(read_site: Site, page: Page) -> None:
    page.goto(read_site.of("provision"))

    page.get_by_role("link", name="in context").click()

    expect(page.locator("mark#quotation")).to_have_text("We keep your conversations for 30 days.")
    expect(page.locator("mark#quotation")).to_be_in_viewport()
