"""Sessions: which there are, and what ends them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import allauth
import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.adapters import NOTICES
from accounts.models import OutgoingMail, User
from atlas.kernel import clock
from tests import factories
from tests.accounts.test_sign_up import confirm

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return factories.user("alice@example.org")


def signed_in(user: User, browser: str = "Firefox") -> Client:
    client = Client(HTTP_USER_AGENT=browser)
    client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})
    assert is_signed_in(client)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def change_address(client: Client, to: str) -> None:
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    client.post("/accounts/email/", {"email": to, "action_add": ""})
    confirm(client)


def test_every_session_is_listed_with_its_browser(alice: User) -> None:
    signed_in(alice, "Firefox on Mars")

    page = signed_in(alice, "Chrome on Venus").get("/accounts/sessions/").content.decode()

    assert "Firefox on Mars" in page
    assert "Chrome on Venus" in page
    assert page.count("this session") == 1


def test_list_names_no_session_of_another(alice: User) -> None:
    signed_in(factories.user(), "Firefox on Mars")

    assert "Mars" not in signed_in(alice).get("/accounts/sessions/").content.decode()


def test_signing_out_everywhere_else_leaves_this_session_alone(alice: User) -> None:
    other, own = signed_in(alice), signed_in(alice)

    own.post("/accounts/sessions/")

    assert [is_signed_in(other), is_signed_in(own)] == [False, True]
    assert UserSession.objects.filter(user=alice).count() == 1


def test_signing_out_everywhere_ends_a_session_that_stands_in_no_list(alice: User) -> None:
    other, own = signed_in(alice), signed_in(alice)
    UserSession.objects.all().delete()

    own.post("/accounts/sessions/")

    assert not is_signed_in(other)


def test_signing_out_everywhere_touches_nobody_else(alice: User) -> None:
    bob = signed_in(factories.user())

    signed_in(alice).post("/accounts/sessions/")

    assert is_signed_in(bob)


def test_last_use_is_noted_once_in_ten_minutes(alice: User) -> None:
    client = signed_in(alice)
    first = UserSession.objects.get().last_seen_at

    client.get("/settings/")
    soon = UserSession.objects.get().last_seen_at
    with clock.at(clock.now() + timedelta(minutes=11)):
        client.get("/settings/")

    assert (soon, UserSession.objects.get().last_seen_at > first) == (first, True)


def test_changed_address_ends_other_sessions_and_keeps_this_one(alice: User) -> None:
    other, own = signed_in(alice), signed_in(alice)

    change_address(own, "new@example.org")

    assert User.objects.get(pk=alice.pk).email == "new@example.org"
    assert [is_signed_in(other), is_signed_in(own)] == [False, True]


def test_old_address_is_told_where_the_account_went(alice: User) -> None:
    change_address(signed_in(alice), "new@example.org")

    told = OutgoingMail.objects.get(recipient="alice@example.org")
    assert told.subject == "Your address at ConductAtlas was changed"
    assert "from alice@example.org to new@example.org" in told.text
    assert "new@example.org" in told.html


def test_address_is_changed_only_by_who_knows_the_password(alice: User) -> None:
    client = signed_in(alice)

    answer = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not OutgoingMail.objects.exists()


def test_new_address_counts_only_where_its_code_is_entered(alice: User) -> None:
    own, other = signed_in(alice), signed_in(alice)
    own.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    own.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})

    confirm(other)

    assert User.objects.get(pk=alice.pk).email == "alice@example.org"


def test_new_password_by_mail_ends_every_session(alice: User) -> None:
    client, visitor = signed_in(alice), Client()
    visitor.post("/accounts/password/reset/", {"email": alice.email})
    link = re.search(r"http://testserver(\S+)", OutgoingMail.objects.latest("pk").text)
    assert link
    form = visitor.get(link[1]).headers["Location"]

    visitor.post(form, {"password1": "an entirely new secret", "password2": "an entirely new secret"})

    assert not is_signed_in(client)
    assert (
        visitor.post("/accounts/login/", {"login": alice.email, "password": "an entirely new secret"}).status_code
        == 302
    )
    assert OutgoingMail.objects.latest("pk").subject == "Your password was set anew"
    assert client.get(link[1]).content.decode().count("no longer works") == 1


def test_new_password_ends_the_other_sessions_and_is_told(alice: User) -> None:
    other, own = signed_in(alice), signed_in(alice)

    words = {
        "oldpassword": factories.PASSWORD,
        "password1": "an entirely new secret",
        "password2": "an entirely new secret",
    }
    own.post("/accounts/password/change/", words)

    assert [is_signed_in(other), is_signed_in(own)] == [False, True]
    assert OutgoingMail.objects.get().subject == "Your password was changed"


def test_every_notice_of_allauth_has_our_words() -> None:
    """A template of a notice that a new version of allauth brings shows up here."""
    folder = Path(allauth.__file__).parent / "templates"
    notices = {
        str(path.relative_to(folder)).removesuffix("_message.txt")
        for path in folder.rglob("email/*_message.txt")
        if 'extends "account/email/base_notification.txt"' in path.read_text()
    }

    assert notices - NOTICES.keys() == {"account/email/email_deleted", "account/email/email_confirm"} & notices
