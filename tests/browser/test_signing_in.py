"""Signing in, in a real browser: a new password, another address, a passkey, an authenticator app."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.models import OutgoingMail, User
from tests import factories
from tests.accounts.test_second_step import code_of

pytestmark = pytest.mark.browser
ADDRESS = "alice@example.org"
NEW_PASSWORD = "an entirely new secret"


@dataclass(frozen=True)
class Place:
    """A site by its name, since passkeys belong to names."""

    site: str

    def open(self, page: Page, path: str) -> None:
        page.goto(f"{self.site}{path}")

    def sign_in(self, page: Page, email: str = ADDRESS, password: str = factories.PASSWORD) -> None:
        self.open(page, "/accounts/login/")
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.fixture
def place(site: str) -> Place:
    factories.user(ADDRESS)
    return Place(site.replace("127.0.0.1", "localhost"))


@pytest.fixture
def reader(page: Page) -> Page:
    """A browser that may take its time."""
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    return page


def newest_mail(to: str) -> OutgoingMail:
    return OutgoingMail.objects.filter(recipient=to).latest("pk")


def confirm_password(page: Page, password: str = factories.PASSWORD) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Confirm").click()


def is_signed_in(page: Page) -> None:
    expect(page).to_have_url(re.compile(r"/dashboard/$"))


def with_virtual_passkey(page: Page) -> None:
    """A device that holds passkeys and always finds the right finger."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page, place: Place) -> None:
    place.open(page, "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_forgotten_password_is_set_anew_by_a_link(place: Place, reader: Page) -> None:
    place.open(reader, "/accounts/login/")
    reader.get_by_role("link", name="Forgot your password?").click()
    reader.get_by_label("Email").fill(ADDRESS)
    reader.get_by_role("button", name="Send the mail").click()
    expect(reader.get_by_role("heading", name="Look into your mail")).to_be_visible()

    link = re.search(r"/accounts/password/reset/key/\S+", newest_mail(ADDRESS).text)
    assert link
    place.open(reader, link[0])
    reader.get_by_label("New Password", exact=True).fill(NEW_PASSWORD)
    reader.get_by_label("New Password (again)").fill(NEW_PASSWORD)
    reader.get_by_role("button", name="Set the password").click()
    expect(reader.get_by_role("heading", name="The new password is set")).to_be_visible()

    reader.get_by_role("main").get_by_role("link", name="Sign in").click()
    place.sign_in(reader, password=NEW_PASSWORD)
    is_signed_in(reader)


def test_another_address_is_confirmed_there_and_told_to_the_old_one(
    place: Place, reader: Page, browser: Browser
) -> None:
    elsewhere = browser.new_context().new_page()
    place.sign_in(elsewhere)
    is_signed_in(elsewhere)
    place.sign_in(reader)
    is_signed_in(reader)

    place.open(reader, "/accounts/email/")
    reader.get_by_label("Email").fill("new@example.org")
    reader.get_by_role("button", name="Send a code there").click()
    confirm_password(reader)
    reader.get_by_label("Code").fill(newest_mail("new@example.org").subject.split()[0])
    reader.get_by_role("button", name="Confirm").click()
    expect(reader.get_by_text("new@example.org is confirmed.")).to_be_visible()

    assert User.objects.get().email == "new@example.org"
    assert "to new@example.org" in newest_mail(ADDRESS).text
    place.open(reader, "/settings/")
    expect(reader.get_by_role("heading", name="Profile")).to_be_visible()
    place.open(elsewhere, "/settings/")
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()


def test_passkey_is_the_second_step_and_opens_the_account_alone(place: Place, reader: Page) -> None:
    with_virtual_passkey(reader)
    place.sign_in(reader)
    is_signed_in(reader)

    place.open(reader, "/accounts/2fa/webauthn/add/")
    confirm_password(reader)
    reader.get_by_label("Name").fill("My telephone")
    expect(reader.get_by_label("without the password")).to_be_checked()
    reader.get_by_role("button", name="Add the passkey").click()
    expect(reader.get_by_role("heading", name="Recovery codes")).to_be_visible()

    sign_out(reader, place)
    place.sign_in(reader)
    expect(reader.get_by_role("heading", name="The second step")).to_be_visible()
    reader.get_by_role("button", name="Use a passkey").click()
    is_signed_in(reader)

    sign_out(reader, place)
    place.open(reader, "/accounts/login/")
    reader.get_by_role("button", name="Use a passkey").click()
    is_signed_in(reader)


def test_passkey_that_is_not_there_is_told_in_words(place: Place, reader: Page) -> None:
    with_virtual_passkey(reader)
    place.open(reader, "/accounts/login/")

    reader.get_by_role("button", name="Use a passkey").click()

    expect(reader.get_by_text("The passkey was not used")).to_be_visible()


def test_authenticator_app_is_set_up_and_asked_for(place: Place, reader: Page) -> None:
    place.sign_in(reader)
    is_signed_in(reader)
    place.open(reader, "/accounts/2fa/")
    reader.get_by_role("link", name="Set up").click()
    confirm_password(reader)
    secret = reader.locator("#authenticator_secret").inner_text()
    reader.get_by_label("Authenticator code").fill(code_of(secret, step=-1))
    reader.get_by_role("button", name="Use this app").click()
    expect(reader.get_by_role("heading", name="Recovery codes")).to_be_visible()

    sign_out(reader, place)
    place.sign_in(reader)
    reader.get_by_label("Code").fill(code_of(secret))
    reader.get_by_role("button", name="Sign in with the code").click()
    is_signed_in(reader)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_page_of_signing_in_has_a_fault_that_axe_can_see(place: Place, browser: Browser, colours: str) -> None:
    context = browser.new_context(color_scheme=colours, bypass_csp=True)  # type: ignore[arg-type]  # axe is injected inline
    page = context.new_page()
    page.set_default_timeout(20_000)
    place.sign_in(page)
    place.open(page, "/accounts/2fa/totp/activate/")
    confirm_password(page)
    faults = {}
    for path in PAGES:
        place.open(page, path)
        found = [(fault["id"], fault["nodes"][0]["html"][:120]) for fault in Axe().run(page).response["violations"]]
        if found:
            faults[path] = found
    context.close()

    assert faults == {}


@pytest.mark.parametrize("width", [360, 1440])
def test_no_page_of_signing_in_is_wider_than_the_screen(place: Place, browser: Browser, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.set_default_timeout(20_000)
    place.sign_in(page)
    place.open(page, "/accounts/2fa/totp/activate/")
    confirm_password(page)
    wide = {}
    for path in PAGES:
        place.open(page, path)
        if (found := page.evaluate("document.documentElement.scrollWidth")) > width:
            wide[path] = found
    page.close()

    assert wide == {}


PAGES = (
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/",
    "/accounts/3rdparty/",
    "/second-step/",
    "/settings/organization/",
)
