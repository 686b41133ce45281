"""A member asks for a platform and an operator answers, in a real browser."""

from __future__ import annotations

import os
import re
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts import tenancy
from monitoring.watching import requests
from tests import factories
from tests.browser.test_desk import sign_in

pytestmark = pytest.mark.browser

SIZES: list[tuple[Literal["light", "dark"], int]] = [("light", 1440), ("dark", 360)]
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def looked_at(page: Page, name: str, context: str) -> None:
    found = Axe().run(page, context=context, options={"runOnly": RULES})
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize(("colours", "width"), SIZES)
def test_a_platform_is_asked_for_and_answered(
    browser: Browser, site: str, colours: Literal["light", "dark"], width: int
) -> None:
    alice, bob = factories.member("alice@example.org"), factories.member("bob@example.org")
    operator = factories.user("oscar@example.org", is_staff=True, staff_role="operator")
    factories.platform("Obscura AI")
    with tenancy.scope(bob.organization, bob.user):
        requests.ask_for(
            membership=bob, name="A platform with a rather long name", homepage="https://long.example", why="We use it."
        )
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # axe is injected inline
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{site}/accounts/login/?next=/requests/new/")
    page.get_by_label("Email").fill(alice.user.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile("/requests/new/"))
    looked_at(page, f"ask-{colours}-{width}", "main")
    page.get_by_label("Name of the platform").fill("Obscura")
    page.get_by_label("Its homepage").fill("https://obscura.example")
    page.get_by_label("Why it matters to you").fill("Our editors use it every day.")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("You are the first to ask for it.")).to_be_visible()
    page.get_by_role("button", name="I want it too").click()
    expect(page.get_by_text("You are told when it comes.").first).to_be_visible()
    looked_at(page, f"requests-{colours}-{width}", "main")
    context.close()

    context = browser.new_context(color_scheme=colours, bypass_csp=True)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, site, operator)
    page.goto(f"{site}/admin/desk/requests/")
    page.get_by_text("Answer Obscura").click()
    looked_at(page, f"desk-requests-{colours}-{width}", ".desk")
    row = page.get_by_role("row").filter(has_text="obscura.example")
    row.get_by_label("It is read as").select_option("Obscura AI")
    row.get_by_role("button", name="Read now").click()
    expect(page.get_by_text("whoever asked for it or voted is told")).to_be_visible()
    context.close()
