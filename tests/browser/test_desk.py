"""The analysts' desk in a real browser: without the rights that the admin's theme needs it looks alive, and is dead."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts import tenancy
from accounts.models import StaffRole, User
from accounts.staff import give_role
from atlas.kernel import clock
from monitoring.changes.models import Change, Release
from monitoring.findings.models import Excerpt, Finding, FindingRevision
from tests import factories

pytestmark = pytest.mark.browser

TEXT = "Smileys 😀 are kept, too: 𝔘sers 😀 agree to that.\n\nWe keep them for 30 days. We do not sell them."


@pytest.fixture
def analyst(site: str) -> User:
    return factories.user("alice@example.org", is_staff=True, staff_role="analyst")


@pytest.fixture
def waiting(site: str) -> Change:
    change = factories.change(observed_at=clock.now() - timedelta(minutes=5))
    factories.release(change, state="pending", deadline=clock.now() + timedelta(hours=3))
    return change


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser refused or stumbled over."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found


def sign_in(page: Page, site: str, user: User, path: str = "/admin/") -> None:
    page.goto(f"{site}{path}")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/admin/desk/"))


def select(page: Page, first: str, last: str) -> None:
    """Select from the beginning of one passage to the end of another, as a mouse would."""
    page.evaluate(
        """([first, last]) => {
            const at = (words, end) => {
                const walker = document.createTreeWalker(document.querySelector("[data-text]"), NodeFilter.SHOW_TEXT);
                for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                    const place = node.data.indexOf(words);
                    if (place >= 0) return [node, place + (end ? words.length : 0)];
                }
            };
            document.getSelection().setBaseAndExtent(...at(first, false), ...at(last, true));
        }""",
        [first, last],
    )


def test_analyst_signs_in_reads_the_difference_and_approves(
    page: Page, site: str, analyst: User, waiting: Change, complaints: list[str]
) -> None:
    sign_in(page, site, analyst)
    expect(page).to_have_url(f"{site}/admin/desk/queue/")
    page.get_by_role("link", name=waiting.headline).click()
    page.wait_for_url(re.compile(f"/desk/queue/{waiting.typeid}/"))  # a key pressed before the page has loaded is lost
    page.keyboard.press("n")
    expect(page.locator("[data-passage]:focus del")).to_contain_text("30")
    page.keyboard.press("w")
    page.keyboard.type("It is kept longer.")
    page.get_by_role("button", name="Approve and release").click()

    expect(page.get_by_text("released with your words")).to_be_visible()
    assert Release.objects.get(change=waiting).words == "It is kept longer."
    assert complaints == []


def test_selected_words_are_quoted_by_code_points_and_published_by_a_second_person(
    page: Page, site: str, analyst: User, complaints: list[str]
) -> None:
    factories.provision_type("retention")
    version = factories.version(text=TEXT)
    sign_in(page, site, analyst, f"/admin/desk/findings/new/{version.typeid}/")
    select(page, "𝔘sers 😀", "for 30 days.")
    page.get_by_role("button", name="Quote what is selected").click()
    page.get_by_label("What it is about").select_option("retention")
    page.get_by_label("Headline").fill("Kept for a month")
    page.get_by_label("What the document says").fill("A period is named.")
    page.get_by_label("Why it matters to a person").fill("Somebody may read it.")
    page.get_by_label("Why it matters to an organization").fill("It belongs in the record.")
    page.get_by_label("Severity for a person").select_option("low")
    page.get_by_label("for an organization").last.select_option("low")
    page.get_by_role("button", name="Save and submit for review").click()
    expect(page.get_by_text("stands there, character for character")).to_be_visible()
    assert Excerpt.objects.get().exact == "𝔘sers 😀 agree to that.\n\nWe keep them for 30 days."
    assert FindingRevision.objects.in_review().count() == 1

    page.context.clear_cookies()
    bob = factories.user("bob@example.org", is_staff=True, staff_role="editor")
    sign_in(page, site, bob, "/admin/desk/findings/")
    page.get_by_role("link", name="Kept for a month").click()
    page.get_by_role("button", name=re.compile("^Publish")).click()

    expect(page.get_by_text("Published: its page is public")).to_be_visible()
    assert Finding.objects.published().count() == 1
    assert complaints == []


def test_words_in_the_text_can_be_selected_with_the_mouse(page: Page, site: str, analyst: User) -> None:
    version = factories.version(text=TEXT)
    sign_in(page, site, analyst, f"/admin/desk/findings/new/{version.typeid}/")
    expect(page.get_by_role("button", name="Quote what is selected")).to_be_disabled()

    page.get_by_text("We keep them for 30 days.").click(click_count=3)
    page.keyboard.press("q")

    expect(page.locator("[data-quotes] blockquote")).to_have_text("We keep them for 30 days. We do not sell them.")


def test_operator_reads_evidence_and_gives_a_role_in_the_themes_own_pages(
    page: Page, site: str, complaints: list[str]
) -> None:
    operator = factories.user("olga@example.org", is_staff=True, staff_role="operator")
    factories.user("carol@example.org")
    factories.version(factories.document(factories.platform("Lumen")))
    with tenancy.system_scope("what accounts.staff grants to operators"):
        give_role(user=operator, role=StaffRole.OPERATOR)
    sign_in(page, site, operator)
    page.goto(f"{site}/admin/archive/version/")
    page.locator("#result_list th a").first.click()
    expect(page.get_by_text("Lumen: Terms of Service").first).to_be_visible()
    page.get_by_role("link", name="Users").click()
    page.get_by_role("link", name="carol@example.org").click()
    page.locator("[name=staff_role]").select_option("editor")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert User.objects.get(email="carol@example.org").staff_role == "editor"
    assert complaints == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_of_ours_has_a_fault_that_axe_can_see(
    browser: Browser, site: str, analyst: User, waiting: Change, colours: Literal["light", "dark"]
) -> None:
    finding = factories.finding(factories.provision(waiting.document), excerpt="We do not sell them.")
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # axe is injected inline
    page = context.new_page()
    sign_in(page, site, analyst)
    faults = []
    for path in (
        "queue/",
        f"queue/{waiting.typeid}/",
        "findings/",
        "findings/documents/",
        f"findings/new/{waiting.new.typeid}/",
        f"findings/{finding.typeid}/",
        "health/",
        "platforms/",
    ):
        page.goto(f"{site}/admin/desk/{path}")
        found = Axe().run(page, context=".desk", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        faults += [(path, fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]]
    context.close()
    assert faults == []


def test_the_desk_fits_a_telephone(page: Page, site: str, analyst: User, waiting: Change) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, site, analyst, f"/admin/desk/queue/{waiting.typeid}/")
    expect(page.get_by_role("button", name="Approve and release")).to_be_visible()

    form, difference = (page.locator(part).bounding_box() for part in (".decide__form", ".decide__diff"))
    assert form is not None
    assert difference is not None
    assert form["y"] >= difference["y"] + difference["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
