"""500 attempts in a row, at every door: locked, logged once, never an error. With Redis lost, and with it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs

from accounts import lockout, organizations
from accounts.lockout import Kind
from accounts.models import Attempts, OutgoingMail, User
from atlas.kernel import clock
from tests import factories
from tests.accounts.test_second_step import code_of, enter, is_signed_in, set_up_app, sign_in

pytestmark = pytest.mark.django_db
MANY = 500
HOUR = timedelta(hours=1, seconds=1)


@pytest.fixture
def alice() -> User:
    return factories.user("alice@example.org")


def attempts(ask: Callable[[int], Any]) -> tuple[Counter[int], list[MutableMapping[str, Any]]]:
    """Ask 500 times: how often which status came, and what was logged of locking."""
    with capture_logs() as logs:
        statuses = Counter(ask(number).status_code for number in range(MANY))
    return statuses, [line for line in logs if line["event"] == "locked_out"]


def log_in(password: str, email: str = "alice@example.org", client: Client | None = None) -> Any:
    return (client or Client()).post("/accounts/login/", {"login": email, "password": password})


def test_login_is_locked_for_the_address_and_not_for_others(alice: User) -> None:
    bob = factories.user()

    statuses, locked = attempts(lambda number: log_in(f"guess {number}"))

    assert statuses == {200: MANY}
    assert [line["kind"] for line in locked] == ["login"]
    assert "alice" not in str(locked)
    assert "wait an hour" in log_in(factories.PASSWORD).content.decode()
    bobs = Client(REMOTE_ADDR="203.0.113.9")
    assert log_in(factories.PASSWORD, bob.email, bobs).status_code == 302


def test_one_password_tried_on_many_addresses_locks_the_network(alice: User) -> None:
    limit = lockout.LIMITS[Kind.LOGIN_FROM].attempts
    for number in range(limit):
        log_in("a common password", f"person{number}@example.org")

    assert "wait an hour" in log_in(factories.PASSWORD).content.decode()


def test_lock_of_an_address_looks_the_same_where_there_is_no_account(alice: User) -> None:
    pages: list[str] = []
    for email in ("alice@example.org", "nobod@example.org"):
        client = Client(REMOTE_ADDR=f"203.0.113.{len(pages) + 1}")
        for _ in range(lockout.LIMITS[Kind.LOGIN].attempts):
            log_in("a guess", email, client)
        pages.append(log_in("a guess", email, client).context["form"].errors.as_json())

    assert pages[0] == pages[1]
    assert "wait an hour" in pages[0]


def test_lock_ends_after_an_hour(alice: User) -> None:
    attempts(lambda number: log_in(f"guess {number}"))

    with clock.at(clock.now() + HOUR):
        assert log_in(factories.PASSWORD).status_code == 302


def test_owner_opens_a_locked_account_by_mail(alice: User) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    for number in range(30):
        log_in(f"guess {number}")
    client.post("/accounts/password/reset/", {"email": alice.email})
    link = next(word for word in OutgoingMail.objects.get().text.split() if "/password/reset/key/" in word)
    form = client.get(link.removeprefix("http://testserver")).headers["Location"]

    client.post(form, {"password1": "an entirely new secret", "password2": "an entirely new secret"})

    assert log_in("an entirely new secret", client=client).status_code == 302


def test_right_passwords_are_not_counted(alice: User) -> None:
    for _ in range(30):
        assert log_in(factories.PASSWORD).status_code == 302


def test_second_step_is_locked(alice: User) -> None:
    secret = set_up_app(sign_in(alice))
    client = sign_in(alice)

    statuses, locked = attempts(lambda number: enter(client, f"{number:06}"))

    assert set(statuses) <= {200, 302}
    assert [line["kind"] for line in locked] == ["second_step"]
    fresh = sign_in(alice)
    assert "wait an hour" in enter(fresh, code_of(secret)).content.decode()
    assert not is_signed_in(fresh)


def test_sign_up_is_locked_for_the_network(alice: User) -> None:
    words = {"password1": "a long enough secret"}

    statuses, locked = attempts(
        lambda number: Client().post("/accounts/signup/", {"email": f"new{number}@example.org", **words})
    )

    assert statuses == {302: 50, 429: MANY - 50}
    assert [line["kind"] for line in locked] == ["sign_up_from"]
    assert User.objects.count() == 51
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/accounts/signup/", {"email": "more@example.org", **words}).status_code == 302


@pytest.mark.parametrize("email", ["alice@example.org", "nobod@example.org"])
def test_reset_sends_ten_mails_and_no_more(alice: User, email: str) -> None:
    statuses, locked = attempts(lambda number: Client().post("/accounts/password/reset/", {"email": email}))

    assert statuses == {302: 10, 429: MANY - 10}
    assert [line["kind"] for line in locked] == ["mail_to", "reset_from"]
    assert OutgoingMail.objects.filter(recipient=email).count() == 10


def test_guessing_invitations_is_locked_for_the_network() -> None:
    statuses, locked = attempts(lambda number: Client().get(f"/invitations/guess-{number}/"))

    assert statuses == {404: 50, 429: MANY - 50}
    assert [line["kind"] for line in locked] == ["invitation_from"]


def test_with_redis_the_lock_comes_sooner_and_is_no_error(alice: User, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.SIGN_IN_LIMITS

    statuses = Counter(log_in(f"guess {number}").status_code for number in range(40))
    other = Counter(
        Client().post("/accounts/signup/", {"email": f"new{number}@example.org", "password1": "short"}).status_code
        for number in range(40)
    )

    assert statuses == {200: 30, 429: 10}
    assert log_in(factories.PASSWORD).status_code == 429
    assert other == {200: 20, 429: 20}
    assert Attempts.objects.filter(kind="login", count__gt=5).count() == 0


def test_table_names_nobody(alice: User) -> None:
    log_in("a guess")

    assert "alice" not in str(list(Attempts.objects.values_list()))


def test_old_attempts_are_forgotten(alice: User) -> None:
    log_in("a guess")

    with clock.at(clock.now() + lockout.KEPT + HOUR):
        assert lockout.forget_old() == 2


def test_account_that_was_never_confirmed_is_forgotten_after_a_week(alice: User) -> None:
    Client().post("/accounts/signup/", {"email": "slip@example.org", "password1": "a long enough secret"})

    with clock.at(clock.now() + timedelta(days=6)):
        soon = organizations.forget_unconfirmed()
    with clock.at(clock.now() + timedelta(days=8)):
        later = organizations.forget_unconfirmed()

    assert [soon, later] == [0, 1]
    assert list(User.objects.values_list("email", flat=True)) == ["alice@example.org"]
