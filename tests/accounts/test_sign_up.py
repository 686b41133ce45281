import re

import pytest
from allauth.account.models import EmailAddress
from django.http import HttpResponse
from django.test import Client

from accounts import tenancy
from accounts.models import Membership, OutgoingMail, User
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret"


def sign_up(client: Client, email: str = "alice@example.org", **fields: str) -> HttpResponse:
    data = {"email": email, "password1": PASSWORD, **fields}
    return client.post("/accounts/signup/", data)  # type: ignore[return-value]


def code() -> str:
    match = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", OutgoingMail.objects.latest("pk").text)
    assert match
    return match[0]


def confirm(client: Client) -> HttpResponse:
    return client.post("/accounts/confirm-email/", {"code": code()})  # type: ignore[return-value]


def test_signing_up_writes_a_mail_with_a_code_into_the_outbox(client: Client) -> None:
    sign_up(client)

    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == ("alice@example.org", f"{code()} is your code for ConductAtlas")
    assert code() in mail.html
    assert "legal advice" in mail.text


def test_the_password_is_asked_for_once_with_its_rules_in_one_line(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()

    assert page.count('type="password"') == 1
    assert "At least 10 characters" in page


def test_nobody_is_signed_in_before_the_code_is_entered(client: Client) -> None:
    sign_up(client)

    assert "_auth_user_id" not in client.session


def test_the_code_verifies_the_address_and_signs_in(client: Client) -> None:
    sign_up(client)

    confirm(client)

    assert EmailAddress.objects.get(email="alice@example.org").verified
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_a_wrong_code_verifies_nothing(client: Client) -> None:
    sign_up(client)

    client.post("/accounts/confirm-email/", {"code": "AAAA-AAAA"})

    assert not EmailAddress.objects.get().verified


def test_a_personal_organization_comes_with_the_account(client: Client) -> None:
    sign_up(client)

    alice = User.objects.get()
    with tenancy.scope(None, alice):
        assert [(m.role, m.organization.personal) for m in Membership.objects.of(alice)] == [("owner", True)]


def test_the_browsers_time_zone_is_kept(client: Client) -> None:
    sign_up(client, time_zone="Europe/Berlin")

    assert User.objects.get().time_zone == "Europe/Berlin"


def test_an_unknown_time_zone_becomes_utc(client: Client) -> None:
    sign_up(client, time_zone="../../etc/passwd")

    assert User.objects.get().time_zone == "UTC"


def test_where_one_wanted_to_go_survives_sign_up(client: Client) -> None:
    sign_up(client, next="/platforms/wrenfold/follow/?intent=signed")

    response = confirm(client)

    assert response.headers["Location"] == "/platforms/wrenfold/follow/?intent=signed"


def test_after_signing_up_nothing_is_said_but_that_the_address_is_confirmed(client: Client) -> None:
    sign_up(client)
    confirm(client)

    page = client.get("/dashboard/")

    assert [str(message) for message in page.context["messages"]] == ["alice@example.org is confirmed."]


def test_a_foreign_address_to_go_to_is_ignored(client: Client) -> None:
    sign_up(client, next="https://elsewhere.example/")

    assert confirm(client).headers["Location"] == "/dashboard/"


def test_signing_up_with_a_known_address_looks_the_same_and_tells_its_owner(client: Client) -> None:
    factories.user("alice@example.org")

    response = sign_up(client)

    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert OutgoingMail.objects.get().subject == "You already have an account at ConductAtlas"
    assert User.objects.count() == 1


def test_a_forgotten_password_gets_a_link_by_mail(client: Client) -> None:
    factories.user("alice@example.org")

    client.post("/accounts/password/reset/", {"email": "alice@example.org"})

    assert "http://testserver/accounts/password/reset/key/" in OutgoingMail.objects.get().text


def test_a_code_that_got_lost_is_sent_again(client: Client) -> None:
    sign_up(client)
    first = code()

    client.post("/accounts/confirm-email/", {"action": "resend"})

    assert OutgoingMail.objects.count() == 2
    assert code() != first


def test_an_address_with_a_slip_is_corrected_by_signing_up_again(client: Client) -> None:
    sign_up(client, "alcie@example.org")

    away = client.post("/accounts/logout/", {"next": "/accounts/signup/"})
    sign_up(client, "alice@example.org")
    confirm(client)

    assert away.headers["Location"] == "/accounts/signup/"
    assert client.session["_auth_user_id"] == str(User.objects.get(email="alice@example.org").pk)


def test_another_address_counts_once_it_is_confirmed(client: Client) -> None:
    user = factories.user("alice@example.org")
    client.post("/accounts/login/", {"login": "alice@example.org", "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})

    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    before = User.objects.get(pk=user.pk).email
    confirm(client)

    assert [before, User.objects.get(pk=user.pk).email] == ["alice@example.org", "new@example.org"]


@pytest.mark.parametrize("page", ["/accounts/email/", "/accounts/password/change/"])
def test_pages_about_signing_in_lead_back_to_the_settings(client: Client, page: str) -> None:
    factories.user("alice@example.org")
    client.post("/accounts/login/", {"login": "alice@example.org", "password": factories.PASSWORD})

    assert 'href="/settings/"' in client.get(page).content.decode()
