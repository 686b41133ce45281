"""Whether an address has an account can't be told: by the bytes of the answer, by the mails, by the work of the hasher."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import OutgoingMail, User
from tests import factories
from tests.accounts.test_sign_up import confirm

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "alice@example.org", "nobod@example.org"
PASSWORD = "a long enough secret"

LOGIN = "/accounts/login/", {"login": "ADDRESS", "password": "not the right one"}
RESET = "/accounts/password/reset/", {"email": "ADDRESS"}
SIGN_UP = "/accounts/signup/", {"email": "ADDRESS", "password1": "another long secret"}
WEAK_SIGN_UP = "/accounts/signup/", {"email": "ADDRESS", "password1": "short"}


class CountingHasher(MD5PasswordHasher):
    """Counts how often a password is hashed, to be kept or to be compared."""

    hashed = 0

    def encode(self, password: str, salt: str) -> str:
        CountingHasher.hashed += 1
        return super().encode(password, salt)


@dataclass(frozen=True)
class Seen:
    """What somebody outside can notice, and what we did."""

    pages: list[tuple[int, str, str]]
    cookies: set[str]
    mails: int
    hashed: int


def ask(question: tuple[str, dict[str, str]], address: str) -> Seen:
    """Post it as a stranger and follow where that leads; the address itself and what is random in a page are made equal."""
    CountingHasher.hashed, before = 0, OutgoingMail.objects.count()
    client = Client()
    path, data = question
    filled = {name: address if value == "ADDRESS" else value for name, value in data.items()}
    answer = client.post(path, filled)
    pages = [(answer.status_code, answer.headers.get("Location", ""), text(answer.content, address))]
    if answer.status_code == 302:
        landed = client.get(answer.headers["Location"])
        pages.append((landed.status_code, landed.headers.get("Location", ""), text(landed.content, address)))
    return Seen(pages, set(client.cookies), OutgoingMail.objects.count() - before, CountingHasher.hashed)


def text(content: bytes, address: str) -> str:
    without = re.sub(r'(name="csrfmiddlewaretoken" value=)"\w+"', r"\1…", content.decode())
    return without.replace(address, "ADDRESS")


@pytest.fixture
def alice(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    factories.user(KNOWN)


@pytest.mark.parametrize(
    ("question", "mails", "hashed"),
    [(LOGIN, 0, 1), (RESET, 1, 0), (SIGN_UP, 1, 1), (WEAK_SIGN_UP, 0, 0)],
    ids=["login", "reset", "sign-up", "weak sign-up"],
)
def test_known_and_unknown_address_get_the_same(
    alice: None, question: tuple[str, dict[str, str]], mails: int, hashed: int
) -> None:
    known, unknown = ask(question, KNOWN), ask(question, UNKNOWN)

    assert known == unknown
    assert (known.mails, known.hashed) == (mails, hashed)


@pytest.mark.parametrize("question", [LOGIN, RESET, SIGN_UP], ids=["login", "reset", "sign-up"])
def test_account_without_a_password_looks_like_none(alice: None, question: tuple[str, dict[str, str]]) -> None:
    other = factories.user("carol@example.org")
    other.set_unusable_password()
    other.save()

    assert ask(question, other.email) == ask(question, UNKNOWN)


def test_page_after_sign_up_offers_the_same_for_a_known_address(alice: None) -> None:
    known, unknown = Client(), Client()
    for client, address in ((known, KNOWN), (unknown, UNKNOWN)):
        client.post(SIGN_UP[0], {"email": address, "password1": PASSWORD})
        client.post("/accounts/confirm-email/", {"action": "resend"})

    pages = [client.get("/accounts/confirm-email/").content for client in (known, unknown)]

    assert text(pages[0], KNOWN) == text(pages[1], UNKNOWN)
    assert b"Sign up again" in pages[0]


def test_changing_to_an_address_of_another_looks_like_to_a_free_one(alice: None) -> None:
    pages = []
    for number, address in enumerate((KNOWN, UNKNOWN)):
        user = factories.user(f"bob{number}@example.org")
        client = Client()
        client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
        client.post("/accounts/email/", {"email": address, "action_add": ""})
        pages.append(text(client.get("/accounts/confirm-email/").content, address).replace(user.email, "BOB"))

    assert pages[0] == pages[1]
    assert "ADDRESS" in pages[0]


def test_code_for_an_address_of_another_account_changes_nothing(alice: None) -> None:
    bob = factories.user("bob@example.org")
    client = Client()
    client.post("/accounts/login/", {"login": bob.email, "password": factories.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    client.post("/accounts/email/", {"email": KNOWN, "action_add": ""})

    page = confirm(client).content.decode()

    assert "already registered with this email address" in page
    assert sorted(User.objects.values_list("email", flat=True)) == [KNOWN, bob.email]
