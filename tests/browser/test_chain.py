"""The whole product on the processes of `make run`: one visitor's way from the first click to the last mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from atlas.demo.people import DOMAIN
from tests.browser.demo import (
    Demo,
    approve,
    next_monday_morning,
    open_from_queue,
    publish,
    running_demo,
    sign_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.servers]
ZONE = "Asia/Tokyo"
VISITOR = "dana@reader.example"
COLLEAGUE = "erin@reader.example"
WORDS = "Conversations now train the models unless you switch that off, also in accounts that exist already."
HEADLINE = "Wrenfold changed its Terms of Service"
SECONDS_TO_THE_QUEUE = 15
ARBITRATION = "Disputes with Wrenfold go to a private arbitrator"
EXCERPT = (
    "If that fails, the dispute will be decided by one neutral arbitrator in binding arbitration, and not by a judge or a "
    "jury."
)


@contextmanager
def step(name: str) -> Iterator[None]:
    """What fails inside says at which step of the chain it did."""
    try:
        yield
    except (AssertionError, Error) as error:
        raise AssertionError(f"at the step “{name}”") from error


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("chain") / "state") as running:
        yield running


def person(browser: Browser) -> Page:
    """A browser of their own, with its own cookies, in Tokyo."""
    page = browser.new_context(timezone_id=ZONE).new_page()
    page.set_default_timeout(20_000)
    return page


def test_from_the_first_click_to_the_weekly_digest(demo: Demo, browser: Browser) -> None:
    expect.set_options(timeout=20_000)
    visitor = person(browser)

    with step("a visitor presses Follow and signs up"):
        sign_up_to_follow(visitor, demo)
    with step("the code from the caught mail verifies the address, and the platform is followed"):
        verify(visitor, demo)
    with step("the Free plan follows one platform, and says so on the second"):
        meet_the_limit(visitor, demo)
    with step("an operator says why, looks into the organization and grants the Watcher plan"):
        grant_watcher(person(browser), demo)
    with step("the larger plan holds: a second platform is followed, and the log tells who granted it"):
        use_the_larger_plan(visitor, demo)

    with step("a colleague is invited, signs up by the link, joins, goes back to their own organization, and leaves"):
        invite_and_leave(visitor, person(browser), demo)

    analyst = person(browser)
    with step("the demo publishes, and within 15 s the change stands in the analysts' queue"):
        sign_in(analyst, demo, f"analyst1@{DOMAIN}", "/admin/")
        publish(person(browser), demo, "wrenfold/terms-of-service")
        open_from_queue(analyst, "Wrenfold · Terms of Service", seconds=SECONDS_TO_THE_QUEUE)
        expect(analyst.locator("ins", has_text="turned on for existing accounts").first).to_be_visible()
    with step("the analyst approves in their own words"):
        approve(analyst, WORDS)

    with step("the mail is caught, and its link opens the change"):
        alert = demo.newest_mail(VISITOR, HEADLINE)
        read_alert(visitor, demo, alert)
    with step("the inbox says the same"):
        read_inbox(visitor, demo)
    with step("one click in the mail stops such mails"):
        unsubscribe(visitor, demo, alert)

    with step("the digest of Monday morning names the change"):
        demo.send_digests(next_monday_morning(ZONE))  # in UTC that is still Sunday
        read_digest(visitor, demo)
    with step("the plan decides who was told on the same day"):
        assert len(told(demo, "watcher")) == 1
        assert told(demo, "free") == []
    with step("the finding's page shows its excerpt, marked in the archived text"):
        read_finding(visitor, demo)


def sign_up_to_follow(page: Page, demo: Demo) -> None:
    page.goto(demo.site)
    page.get_by_role("navigation").get_by_role("link", name="Platforms").first.click()
    page.get_by_role("link", name="Wrenfold", exact=True).first.click()
    page.get_by_role("link", name="Follow Wrenfold").click()
    page.get_by_label("Email").fill(VISITOR)
    page.get_by_label("Password").fill("a sentence that I can keep")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Confirm your address")).to_be_visible()


def verify(page: Page, demo: Demo) -> None:
    mail = demo.newest_mail(VISITOR, "is your code")
    code = mail["subject"].split()[0]
    assert code in mail["text"]

    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()

    expect(page).to_have_url(f"{demo.site}/platforms/wrenfold/")
    expect(page.get_by_text("You follow Wrenfold.")).to_be_visible()
    expect(page.get_by_role("button", name="Following Wrenfold")).to_be_visible()


def meet_the_limit(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.site}/platforms/tintavox/")
    expect(page.get_by_text("1 of 1 followed on the Free plan.")).to_be_visible()
    expect(page.get_by_role("button", name="Follow Tintavox")).to_have_count(0)

    page.get_by_role("link", name="See the plans").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert urlsplit(page.url).path == "/pricing/"


def grant_watcher(page: Page, demo: Demo) -> None:
    sign_in(page, demo, f"operator@{DOMAIN}", "/admin/look-into/")
    page.get_by_label("Address of a member").fill(VISITOR)
    page.get_by_label("Why").fill("Asked for a trial by mail")
    page.get_by_role("button", name="Look into it").click()
    expect(page.get_by_text("has the plan Free")).to_be_visible()

    page.get_by_role("link", name="Add grant").click()
    page.get_by_label("Plan").select_option(label="Watcher")
    page.locator("[name=until_0]").fill(f"{datetime.now(ZoneInfo('UTC')) + timedelta(days=30):%Y-%m-%d}")
    page.locator("[name=until_1]").fill("12:00:00")
    page.get_by_label("Reason").fill("A trial of thirty days")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("has the plan Watcher")).to_be_visible()


def use_the_larger_plan(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.site}/platforms/tintavox/")
    page.get_by_role("button", name="Follow Tintavox").click()
    expect(page.get_by_text("2 of 10 followed on the Watcher plan.")).to_be_visible()

    page.goto(f"{demo.site}/settings/")
    page.get_by_role("link", name="Audit log").click()
    expect(
        page.get_by_role("listitem").filter(has_text="granted the Watcher plan: A trial of thirty days")
    ).to_be_visible()
    expect(
        page.get_by_role("listitem").filter(has_text="looked into the organization: Asked for a trial")
    ).to_be_visible()


def invite_and_leave(page: Page, colleague: Page, demo: Demo) -> None:
    page.goto(f"{demo.site}/settings/people/")
    page.get_by_label("Address").fill(COLLEAGUE)
    page.get_by_label("Role", exact=True).select_option(label="Viewer")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text(f"{COLLEAGUE} is invited.")).to_be_visible()

    mail = demo.newest_mail(COLLEAGUE, "on ConductAtlas")
    colleague.goto(next(link for link in mail["links"] if "/invitations/" in link))
    colleague.get_by_role("main").get_by_role("link", name="Sign up").click()
    colleague.get_by_label("Email").fill(COLLEAGUE)
    colleague.get_by_label("Password").fill("another sentence to keep")
    colleague.get_by_role("button", name="Create the account").click()
    expect(colleague.get_by_role("heading", name="Confirm your address")).to_be_visible()
    code = demo.newest_mail(COLLEAGUE, "is your code")["subject"].split()[0]
    colleague.get_by_label("Code").fill(code)
    colleague.get_by_role("button", name="Confirm").click()
    colleague.get_by_role("button", name="Join").click()
    expect(colleague.get_by_text("You speak for")).to_be_visible()
    colleague.goto(f"{demo.site}/watchlist/")
    expect(colleague.get_by_role("link", name="Tintavox").first).to_be_visible()

    colleague.goto(f"{demo.site}/settings/organization/")
    colleague.get_by_role("listitem").get_by_role("link", name=COLLEAGUE).click()
    colleague.goto(f"{demo.site}/watchlist/")
    expect(colleague.get_by_role("link", name="Tintavox")).to_have_count(0)
    colleague.goto(f"{demo.site}/settings/organization/")
    colleague.get_by_role("listitem").get_by_role("link", name=VISITOR).click()
    colleague.goto(f"{demo.site}/settings/people/")
    colleague.get_by_role("link", name="Leave").click()
    colleague.get_by_role("button", name="Leave").click()
    expect(colleague.get_by_text("You have left")).to_be_visible()
    page.reload()
    expect(page.get_by_text(COLLEAGUE)).to_have_count(0)


def read_alert(page: Page, demo: Demo, alert: dict[str, Any]) -> None:
    for body in (alert["text"], alert["html"]):
        assert WORDS in body
    assert "because you follow Wrenfold" in alert["text"]
    link = next(link for link in alert["links"] if "/c/" in link)
    assert link.startswith(f"{demo.site}/c/chg_")
    assert "?org=org_" in link

    page.goto(link)

    expect(page.get_by_text(WORDS)).to_be_visible()
    expect(page.get_by_text("Written by an analyst")).to_be_visible()
    expect(page.locator("ins", has_text="turned on for existing accounts").first).to_be_visible()


def read_inbox(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.site}/inbox/")
    row = page.get_by_role("listitem").filter(has_text="Wrenfold · Terms of Service")
    expect(row).to_contain_text("Substantive")
    row.get_by_role("link").click()
    expect(page.get_by_text(WORDS)).to_be_visible()


def unsubscribe(page: Page, demo: Demo, alert: dict[str, Any]) -> None:
    page.goto(f"{demo.mail}/messages/{alert['id']}")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Unsubscribe").click()
    expect(opened.value.get_by_role("heading", name="You won’t get same-day alerts any more")).to_be_visible()
    opened.value.close()

    page.goto(f"{demo.site}/settings/notifications/")
    expect(page.get_by_label("Substantive changes and findings")).not_to_be_checked()
    expect(page.get_by_label("Weekly digest")).to_be_checked()


def told(demo: Demo, member: str) -> list[str]:
    """The mails about the change to one of the demo's own members, whose Monday has yet to come."""
    return [mail["subject"] for mail in demo.mails(f"{member}@{DOMAIN}") if HEADLINE in mail["subject"]]


def read_digest(page: Page, demo: Demo) -> None:
    digest = next(mail for mail in demo.mails(VISITOR) if "once a week because you follow" in mail["text"])
    assert HEADLINE in digest["subject"]
    assert WORDS in digest["text"]

    page.goto(next(link for link in digest["links"] if "/inbox/" in link))
    expect(page.get_by_role("heading", name="Weekly digest")).to_be_visible()
    change = page.get_by_role("listitem").filter(has_text="Wrenfold · Terms of Service")
    expect(change).to_contain_text("Substantive")


def read_finding(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.site}/platforms/wrenfold/")
    page.get_by_role("link", name=re.compile(ARBITRATION)).click()
    expect(page.locator("blockquote")).to_have_text(EXCERPT)

    page.get_by_role("link", name="in context").click()

    expect(page.locator("mark#quotation")).to_have_text(EXCERPT)
    expect(page.locator("mark#quotation")).to_be_in_viewport()
