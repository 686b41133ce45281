"""Signing in by way of another service, against an OpenID Connect provider of our own that runs as a process."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.models import OutgoingMail, User
from accounts.social import Adapter, Door
from atlas.demo.processes import free_port
from tests import factories
from tests.accounts.test_second_step import is_signed_in, set_up_app, sign_in
from tests.accounts.test_sign_up import confirm
from tests.wire.openid import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, openid_provider

pytestmark = pytest.mark.django_db
BOB = {"sub": "bob-1", "email": "bob@example.org", "email_verified": True, "name": "Bob"}


@pytest.fixture(scope="module")
def process() -> Iterator[OpenIdProvider]:
    with openid_provider() as running:
        yield running


@pytest.fixture
def provider(process: OpenIdProvider, settings: Settings) -> OpenIdProvider:
    configure(settings, process.url)
    return process


def configure(settings: Settings, url: str) -> None:
    app = {"provider_id": "oidc", "name": "Example ID", "client_id": CLIENT_ID, "secret": CLIENT_SECRET}
    apps = [{**app, "settings": {"server_url": url}}]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
    settings.SOCIAL_ORIGINS = [url]


class Stay(urllib.request.HTTPRedirectHandler):
    """The browser's part is ours: see where one is sent."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def go_through(client: Client, query: str = "") -> HttpResponse:
    """Press the button, be sent to the provider and back; what our site answers then."""
    there = client.post(f"/accounts/oidc/oidc/login/{query}").headers["Location"]
    try:
        urllib.request.build_opener(Stay).open(there, timeout=10)
    except urllib.error.HTTPError as redirect:
        back = urlsplit(redirect.headers["Location"])
    return client.get(f"{back.path}?{back.query}")  # type: ignore[return-value]


def test_service_that_is_not_configured_is_not_shown(client: Client) -> None:
    for page in ("/accounts/login/", "/accounts/signup/"):
        assert "Go on with" not in client.get(page).content.decode()


def test_service_that_is_configured_is_shown_and_may_be_gone_to(provider: OpenIdProvider, client: Client) -> None:
    for page in ("/accounts/login/", "/accounts/signup/"):
        answer = client.get(page)
        assert "Go on with Example ID" in answer.content.decode()
        assert f"form-action 'self' {provider.url}" in answer.headers["Content-Security-Policy"]


def test_newcomer_confirms_the_address_that_the_service_told(provider: OpenIdProvider, client: Client) -> None:
    provider.is_signed_in(**BOB)

    sent = go_through(client).headers["Location"]
    before = is_signed_in(client)
    confirm(client)

    assert (sent, before, is_signed_in(client)) == ("/accounts/confirm-email/", False, True)
    assert User.objects.get().email == "bob@example.org"
    assert {"POST /token", "GET /userinfo"} <= set(provider.asked())


def test_service_whose_addresses_are_trusted_spares_the_code(
    provider: OpenIdProvider, client: Client, settings: Settings
) -> None:
    settings.OIDC_TRUST_EMAIL = True
    provider.is_signed_in(**BOB)

    go_through(client)

    assert is_signed_in(client)
    assert EmailAddress.objects.get().verified


def test_trusted_service_that_hasnt_checked_an_address_spares_nothing(
    provider: OpenIdProvider, client: Client, settings: Settings
) -> None:
    settings.OIDC_TRUST_EMAIL = True
    provider.is_signed_in(**{**BOB, "email_verified": False})

    go_through(client)

    assert not is_signed_in(client)


@pytest.mark.parametrize("trusted", [True, False])
def test_address_of_an_account_never_opens_or_links_it(
    provider: OpenIdProvider, client: Client, settings: Settings, trusted: bool
) -> None:
    settings.OIDC_TRUST_EMAIL = trusted
    factories.user("bob@example.org")
    provider.is_signed_in(**BOB)

    answer = go_through(client)

    assert answer.headers["Location"] == "/accounts/confirm-email/"  # as for an unknown address
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    assert "connect that service under" in OutgoingMail.objects.get().text


def test_owner_connects_the_service_and_then_signs_in_with_it(provider: OpenIdProvider) -> None:
    bob = factories.user("bob@example.org")
    provider.is_signed_in(**BOB)
    owner, later = sign_in(bob), Client()
    owner.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})

    go_through(owner, "?process=connect")
    go_through(later)

    assert later.session["_auth_user_id"] == str(bob.pk)
    assert OutgoingMail.objects.filter(subject="Example ID was connected", recipient=bob.email).exists()


def test_connecting_needs_the_password_again(provider: OpenIdProvider) -> None:
    provider.is_signed_in(**BOB)

    answer = go_through(sign_in(factories.user()), "?process=connect")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SocialAccount.objects.exists()


def test_second_step_is_asked_for_all_the_same(provider: OpenIdProvider) -> None:
    bob = factories.user("bob@example.org")
    owner = sign_in(bob)
    provider.is_signed_in(**BOB)
    set_up_app(owner)
    go_through(owner, "?process=connect")
    client = Client()

    answer = go_through(client)

    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_where_one_wanted_to_go_survives(provider: OpenIdProvider, client: Client) -> None:
    provider.is_signed_in(**BOB)

    go_through(client, "?next=/watchlist/")

    assert confirm(client).headers["Location"] == "/watchlist/"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refused", "You stopped on the way"),
        ("no token", "did not answer"),
        ("two users", "did not answer"),
    ],
)
def test_what_goes_wrong_there_is_told_in_words(
    provider: OpenIdProvider, client: Client, fault: str, words: str
) -> None:
    provider.is_signed_in(**BOB, fault=fault)

    answer = go_through(client)
    page = client.get(answer.headers["Location"]) if answer.status_code == 302 else answer

    assert words in page.content.decode()
    assert not User.objects.exists()


def test_service_that_is_away_is_told_in_words(client: Client, settings: Settings) -> None:
    configure(settings, f"http://127.0.0.1:{free_port()}")

    answer = client.post("/accounts/oidc/oidc/login/")

    assert answer.status_code == 502
    assert "did not answer" in answer.content.decode()


def test_service_inside_of_our_network_is_not_asked(client: Client, settings: Settings) -> None:
    configure(settings, "http://10.0.0.1")

    assert client.post("/accounts/oidc/oidc/login/").status_code == 502


@pytest.mark.parametrize(("service", "believed"), [("google", True), ("github", True), ("microsoft", False)])
def test_claim_of_an_address_is_believed_only_of_who_checks_it(
    rf: RequestFactory, service: str, believed: bool
) -> None:
    address = EmailAddress(email="bob@example.org", verified=True)
    told = SocialLogin(account=SocialAccount(provider=service, extra_data={}), email_addresses=[address])

    Adapter().pre_social_login(rf.get("/"), told)

    assert address.verified is believed


def test_nothing_of_allauth_leaves_but_through_the_door() -> None:
    session = Adapter().get_requests_session()

    assert {type(session.get_adapter(url)) for url in ("http://a.example", "https://a.example")} == {Door}


@pytest.mark.parametrize("told", [{"sub": "x"}, {"sub": "x", "email": ""}])
def test_service_without_an_address_leads_to_a_question(
    provider: OpenIdProvider, client: Client, told: dict[str, str]
) -> None:
    provider.is_signed_in(**told)

    answer = go_through(client)

    assert answer.headers["Location"] == "/accounts/3rdparty/signup/"
    assert "Where may we write to you" in client.get("/accounts/3rdparty/signup/").content.decode()
