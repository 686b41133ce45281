"""Keys of the API: who they speak for, what they may, how they end; and the watchlist by machine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import TimeMachineFixture

from accounts import keys, tenancy
from accounts.models import ApiKey, AuditEntry, KeyScope, Membership, Role
from atlas.kernel import clock
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db
KEYS = "/settings/keys/"
WATCHLIST = "/api/v1/watchlist/"


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="professional")


def with_key(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def of(alice: Membership, **fields: Any) -> Client:
    return with_key(factories.key(alice, **fields).secret)


def refusal(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def followed(alice: Membership) -> list[str]:
    with tenancy.scope(alice.organization_id, alice.user_id):
        return list(WatchlistItem.objects.order_by("pk").values_list("platform__slug", flat=True))


# --- Making and ending -----------------------------------------------------------------------------------------------


def as_(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def secret_in(page: str) -> str:
    return page.split('<code class="secret">')[1].split("<")[0]


def test_a_key_is_made_shown_once_and_works(alice: Membership) -> None:
    made = as_(alice).post(KEYS, {"name": "CI", "scope": "write", "days": "90"}).content.decode()
    secret = secret_in(made)

    assert secret.startswith("atlas_")
    assert secret not in as_(alice).get(KEYS).content.decode()
    assert with_key(secret).get(WATCHLIST).status_code == 200
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert secret not in str(list(ApiKey.objects.values()))
        assert AuditEntry.objects.get().detail == {"made": secret[:12], "scope": "write"}


def test_a_renewed_key_goes_on_for_a_day(alice: Membership, time_machine: TimeMachineFixture) -> None:
    old = factories.key(alice)

    new = secret_in(as_(alice).post(f"{KEYS}{old.key.typeid}/renew/").content.decode())

    assert [with_key(each).get(WATCHLIST).status_code for each in (old.secret, new)] == [200, 200]
    time_machine.move_to(clock.now() + timedelta(hours=25), tick=False)
    assert [with_key(each).get(WATCHLIST).status_code for each in (old.secret, new)] == [401, 200]


def test_an_ended_key_is_refused_at_once(alice: Membership) -> None:
    made = factories.key(alice)

    as_(alice).post(f"{KEYS}{made.key.typeid}/revoke/")

    assert refusal(with_key(made.secret).get(WATCHLIST)) == (401, "key_revoked")


def test_a_key_ends_when_it_was_to(alice: Membership) -> None:
    assert refusal(of(alice, expires_at=clock.now()).get(WATCHLIST)) == (401, "key_expired")


def test_member_neither_sees_nor_makes_keys(alice: Membership) -> None:
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)

    assert as_(bob).get(KEYS).status_code == 403
    assert as_(bob).post(KEYS, {"name": "Mine", "scope": "read", "days": "0"}).status_code == 403


def test_free_has_no_keys_and_says_so() -> None:
    free = factories.member("free@example.org")

    assert "The Free plan has no keys" in as_(free).get(KEYS).content.decode()
    as_(free).post(KEYS, {"name": "CI", "scope": "read", "days": "0"})
    with tenancy.scope(free.organization_id, free.user_id):
        assert not ApiKey.objects.exists()


def test_when_it_was_used_last_is_shown(alice: Membership) -> None:
    made = factories.key(alice)
    assert "never used" in as_(alice).get(KEYS).content.decode()

    with_key(made.secret).get(WATCHLIST)

    assert "last used just now" in as_(alice).get(KEYS).content.decode()


@pytest.mark.parametrize(("said", "works"), [("end", False), ("keep", True), ("", False)])
def test_what_happens_to_the_keys_of_one_who_leaves_is_chosen(alice: Membership, said: str, works: bool) -> None:
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.ADMIN)
    made = factories.key(bob)
    assert "A key" in as_(bob).get("/settings/people/leave/").content.decode()

    as_(bob).post("/settings/people/leave/", {"keys": said} if said else {})

    assert (with_key(made.secret).get(WATCHLIST).status_code == 200) == works


def test_the_same_is_chosen_by_who_removes_somebody(alice: Membership) -> None:
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.ADMIN)
    made = factories.key(bob)
    page = f"/settings/people/{bob.typeid}/remove/"
    assert "Their API keys: A key" in as_(alice).get(page).content.decode()

    as_(alice).post(page, {"keys": "keep"})

    assert with_key(made.secret).get(WATCHLIST).status_code == 200


# --- What they may ---------------------------------------------------------------------------------------------------


def test_without_a_key_the_watchlist_says_how_to_ask(client: Client) -> None:
    answer = client.get(WATCHLIST)

    assert refusal(answer) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="ConductAtlas"'


@pytest.mark.parametrize("path", ["watchlist/", "platforms/"])
@pytest.mark.parametrize("header", ["Bearer atlas_made-up", "Bearer nonsense", "Basic YTpi", "Bearer"])
def test_a_key_that_doesnt_exist_is_refused_everywhere(client: Client, path: str, header: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Authorization": header})

    assert refusal(answer) == (401, "key_unknown")


def test_a_key_sees_its_own_organization_alone(alice: Membership) -> None:
    bob = factories.member("bob@example.org", plan="professional")
    factories.watch(alice, factories.platform("Wrenfold"))
    factories.watch(bob, factories.platform("Tintavox"))

    found = of(alice).get(WATCHLIST).json()["results"]

    assert [item["platform"] for item in found] == ["wrenfold"]
    assert of(alice).get(f"{WATCHLIST}tintavox/").status_code == 404
    assert of(alice).delete(f"{WATCHLIST}tintavox/").status_code == 404
    assert followed(bob) == ["tintavox"]


def test_an_answer_to_a_key_is_stored_by_nobody(alice: Membership, client: Client) -> None:
    assert "no-store" in of(alice).get("/api/v1/platforms/")["Cache-Control"]
    assert "Authorization" in client.get("/api/v1/platforms/")["Vary"]


def test_a_key_that_reads_changes_nothing(alice: Membership) -> None:
    factories.platform("Wrenfold")

    answer = of(alice, scope=KeyScope.READ).post(WATCHLIST, {"platform": "wrenfold"}, "application/json")

    assert refusal(answer) == (403, "scope_missing")
    assert followed(alice) == []


def test_on_watcher_keys_read_only() -> None:
    bob = factories.member("bob@example.org", plan="watcher")
    factories.platform("Wrenfold")

    assert of(bob).get(WATCHLIST).status_code == 200
    answer = of(bob).post(WATCHLIST, {"platform": "wrenfold"}, "application/json")
    assert refusal(answer) == (403, "plan_reads_only")


def test_keys_rest_while_the_plan_has_none() -> None:
    bob = factories.member("bob@example.org")

    assert refusal(of(bob).get(WATCHLIST)) == (403, "plan_without_keys")


# --- The watchlist ---------------------------------------------------------------------------------------------------


def test_a_platform_is_followed_noted_paused_resumed_and_left(alice: Membership) -> None:
    factories.platform("Wrenfold")
    client, json = of(alice), "application/json"

    made = client.post(WATCHLIST, {"platform": "wrenfold", "note": "Our supplier."}, json)
    again = client.post(WATCHLIST, {"platform": "wrenfold"}, json)
    paused = client.patch(f"{WATCHLIST}wrenfold/", {"paused": True}, json)
    resumed = client.patch(f"{WATCHLIST}wrenfold/", {"paused": False, "note": "Ours."}, json)
    left = client.delete(f"{WATCHLIST}wrenfold/")

    assert [answer.status_code for answer in (made, again, paused, resumed, left)] == [201, 200, 200, 200, 204]
    assert (made.json()["note"], made.json()["paused"]) == ("Our supplier.", False)
    assert paused.json()["paused"]
    assert (resumed.json()["note"], resumed.json()["paused"]) == ("Ours.", False)
    assert followed(alice) == []


def test_the_log_says_which_key_did_it(alice: Membership) -> None:
    factories.platform("Wrenfold")
    made = factories.key(alice)

    with_key(made.secret).post(WATCHLIST, {"platform": "wrenfold"}, "application/json")

    page = as_(alice).get("/settings/organization/audit/").content.decode()
    assert f"The key {made.key.beginning}…" in page
    assert "followed Wrenfold" in page


def test_above_the_limit_the_code_says_so_and_nothing_changes(alice: Membership) -> None:
    factories.platform("Wrenfold")
    with tenancy.system_scope("a plan of one platform that writes, which no plan is"):
        alice.organization.entitlement.plan_slug = "watcher"
        alice.organization.entitlement.save()
    for _ in range(10):
        factories.watch(alice, factories.platform())
    key = factories.key(alice).key
    with tenancy.scope(alice.organization_id):
        from monitoring.catalogue.models import Platform
        from monitoring.watching import services
        from monitoring.watching.errors import LimitReached

        with pytest.raises(LimitReached):
            services.follow(by=key, platform=Platform.objects.get(slug="wrenfold"))

    assert "wrenfold" not in followed(alice)


def test_an_unknown_platform_is_refused_with_where_to_look(alice: Membership) -> None:
    answer = of(alice).post(WATCHLIST, {"platform": "nobody"}, "application/json")

    assert refusal(answer) == (400, "invalid")
    assert "/api/v1/platforms/" in answer.json()["errors"]["platform"][0]


def test_a_retired_platform_cant_be_followed(alice: Membership) -> None:
    factories.platform("Wrenfold", retired_at=clock.now())

    answer = of(alice).post(WATCHLIST, {"platform": "wrenfold"}, "application/json")

    assert refusal(answer) == (409, "platform_retired")


def test_what_cant_be_read_is_refused(alice: Membership) -> None:
    answer = of(alice).post(WATCHLIST, "{", "application/json")

    assert refusal(answer) == (400, "parse_error")


# --- How often -------------------------------------------------------------------------------------------------------


def test_every_answer_says_where_one_stands(client: Client, alice: Membership) -> None:
    assert client.get("/api/v1/platforms/")["RateLimit-Policy"] == '"public";q=60;w=60'
    key = of(alice)

    answers = [key.get(WATCHLIST) for _ in range(2)]

    assert answers[0]["RateLimit-Policy"] == '"key";q=600;w=60'
    assert [answer["RateLimit"].partition(";t=")[0] for answer in answers] == ['"key";r=599', '"key";r=598']


def test_past_the_rate_one_waits(client: Client) -> None:
    for _ in range(60):
        client.get("/api/v1/platforms/")

    answer = client.get("/api/v1/platforms/")

    assert refusal(answer) == (429, "throttled")
    assert int(answer["Retry-After"]) > 0
    assert answer["RateLimit"].startswith('"public";r=0;')


def test_keys_are_counted_apart(alice: Membership, client: Client) -> None:
    for _ in range(60):
        client.get("/api/v1/platforms/")

    assert of(alice).get("/api/v1/platforms/").status_code == 200


def test_a_secret_is_found_by_its_hash_and_gives_ids_alone(alice: Membership) -> None:
    made = factories.key(alice)

    found = keys.find(made.secret)

    assert found == keys.Found(made.key.pk, alice.organization_id)
    assert keys.find(made.key.secret_hash) is None
