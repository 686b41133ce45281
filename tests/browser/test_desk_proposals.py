"""The proposals of the desk in a real browser."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring.catalogue import proposing
from monitoring.catalogue.models import Document, Platform, ProposalKind
from tests import factories
from tests.browser.test_desk import complaints, sign_in

__all__ = ["complaints"]

pytestmark = pytest.mark.browser

ADDRESS = "/admin/desk/proposals/"
TERMS, MOVED = "https://www.lumen.example/terms-of-service", "https://legal.lumen.example/consumers/terms-of-service"
OPENING = (
    "Terms of Service\n\nThese Terms of Service are an agreement between you and Lumen. By using the services you agree to "
    "them.\n\nYou must be at least 18 years old to use the services, and you are responsible for what is done by your account."
)


@pytest.fixture
def operator(site: str) -> User:
    return factories.user("olga@example.org", is_staff=True, staff_role="operator")


@pytest.fixture
def lumen(site: str) -> Platform:
    """A platform with one proposal of each kind, and one that was refused."""
    platform = factories.platform("Lumen")
    terms = factories.document(platform, "Terms of Service")
    factories.declaration(terms, url=TERMS, select=[".legal-text > .content--v2", "h1.page-title"])
    with tenancy.system_scope("what was noticed"):
        _notice(ProposalKind.MOVED, platform, terms, url=TERMS, target=MOVED, steps=[f"301 {MOVED}"])
        _notice(
            ProposalKind.SELECTOR,
            platform,
            terms,
            url=TERMS,
            select=[".legal-text > .content--v2", "h1.page-title"],
            proposed=[".legal-text"],
            words=4180,
            kept=98,
            opening=OPENING,
            why="None of the selectors matches anything.",
        )
        for title, kind in {"Terms of Service": "terms-of-service", "Model Welfare Statement": ""}.items():
            _notice(
                ProposalKind.DOCUMENT,
                platform,
                None,
                url=f"https://www.lumen.example/policies/{title.lower().replace(' ', '-')}",
                title=title,
                text=title,
                kind=kind,
                language="en",
                page="https://www.lumen.example/legal",
            )
    return platform


def _notice(what: ProposalKind, platform: Platform, document: Document | None, **seen: object) -> None:
    proposing.notice(
        kind=what, platform=platform, document=document, what=str(seen), seen=dict(seen), moment=clock.now()
    )


def test_operator_names_the_kind_of_a_new_document_and_accepts_it(
    page: Page, site: str, operator: User, lumen: Platform, complaints: list[str]
) -> None:
    sign_in(page, site, operator, f"{ADDRESS}?kind=document")
    card = page.get_by_role("listitem").filter(has_text="Model Welfare Statement")
    card.get_by_role("button", name="Accept").click()
    expect(card.get_by_label("Kind")).to_be_focused()  # the browser asks for what is missing

    card.get_by_label("Kind").select_option("Data practices")
    card.get_by_role("button", name="Accept").click()

    expect(page.get_by_text("Added: Lumen: Model Welfare Statement.")).to_be_visible()
    assert Document.objects.filter(platform=lumen, kind="data-practices", from_desk=True).exists()
    expect(page.get_by_role("listitem").filter(has_text="may be another address of the same text")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_sees_no_fault(
    browser: Browser, site: str, operator: User, lumen: Platform, colours: Literal["light", "dark"]
) -> None:
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # axe is injected inline
    page = context.new_page()
    sign_in(page, site, operator, ADDRESS)
    found = Axe().run(page, context=".desk", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    context.close()
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found.response["violations"]] == []


def test_it_fits_a_telephone(page: Page, site: str, operator: User, lumen: Platform) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in(page, site, operator, ADDRESS)

    expect(page.get_by_role("button", name="Refuse").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
