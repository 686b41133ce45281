"""Redis may be lost at any moment: pages, sign-in and the API go on without it."""

import pytest
from django.conf import LazySettings, settings
from django.core.cache import cache
from django.test import Client

from accounts.models import OutgoingMail
from tests import factories

pytestmark = pytest.mark.django_db
NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_redis(settings: LazySettings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": NOBODY_LISTENS}}
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip"}


@pytest.mark.usefixtures("no_redis")
def test_people_sign_up_without_redis(client: Client) -> None:
    secret = factories.PASSWORD
    client.post("/accounts/signup/", {"email": "alice@example.org", "password1": secret, "password2": secret})

    assert OutgoingMail.objects.get().recipient == "alice@example.org"


@pytest.mark.usefixtures("no_redis")
def test_people_sign_in_without_redis(client: Client) -> None:
    user = factories.user("bob@example.org")

    client.post("/accounts/login/", {"login": "bob@example.org", "password": "not this"})
    client.post("/accounts/login/", {"login": "bob@example.org", "password": factories.PASSWORD})

    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.usefixtures("no_redis")
def test_pages_and_the_api_answer_without_redis(client: Client) -> None:
    old = factories.version()
    new = factories.released_change(old.document).new
    document = old.document
    compare = f"/platforms/{document.platform.slug}/{document.slug}/compare/?from={old.typeid}&to={new.typeid}"

    assert [client.get(path).status_code for path in ("/", compare, "/api/v1/changes/")] == [200, 200, 200]


@pytest.mark.usefixtures("no_redis")
def test_readiness_says_that_the_cache_is_away_and_the_site_serves(client: Client) -> None:
    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "cache": "not reachable"})


@pytest.mark.usefixtures("no_redis")
def test_cache_without_a_server_answers_as_an_empty_one() -> None:
    cache.set("key", 1)

    assert cache.get("key", "nothing") == "nothing"
    assert cache.get_many(["key"]) == {}
    assert not cache.delete("key")
    assert "key" not in cache


def test_failed_sign_ins_are_counted_while_redis_is_there(client: Client, settings: LazySettings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/5m/key"}
    factories.user("bob@example.org")
    for _ in range(3):
        client.post("/accounts/login/", {"login": "bob@example.org", "password": "not this"})

    client.post("/accounts/login/", {"login": "bob@example.org", "password": factories.PASSWORD})

    assert "_auth_user_id" not in client.session


def test_cache_waits_seconds_for_a_silent_server_not_minutes() -> None:
    assert settings.CACHES["default"]["OPTIONS"]["socket_timeout"] <= 2
