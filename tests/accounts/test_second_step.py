"""The second step of signing in: setting it up, asking for it, and who demands it."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts import staff, tenancy
from accounts.models import AuditEntry, Membership, OutgoingMail, Role, StaffRole, User
from tests import factories

pytestmark = pytest.mark.django_db


def sign_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": factories.PASSWORD})
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(secret: str, *, step: int = 0) -> str:
    """What an authenticator app with this secret shows, `step` half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step)))


def set_up_app(client: Client) -> str:
    """Set up an authenticator app for who is signed in here; its secret."""
    client.post("/accounts/reauthenticate/", {"password": factories.PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret">(\w+)<', page)
    assert secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1], step=-1)})
    assert answer.headers["Location"] == "/accounts/2fa/recovery-codes/"
    return secret[1]


def enter(client: Client, code: str) -> HttpResponse:
    return client.post("/accounts/2fa/authenticate/", {"code": code})  # type: ignore[return-value]


@pytest.fixture
def alice() -> User:
    return factories.user("alice@example.org")


def test_password_alone_no_longer_opens_the_account(alice: User) -> None:
    secret = set_up_app(sign_in(alice))
    client = sign_in(alice)

    before = is_signed_in(client)
    enter(client, code_of(secret))

    assert [before, is_signed_in(client)] == [False, True]


def test_wrong_code_opens_nothing(alice: User) -> None:
    set_up_app(sign_in(alice))
    client = sign_in(alice)

    page = enter(client, "000000").content.decode()

    assert "Incorrect code" in page
    assert not is_signed_in(client)


def test_code_of_an_app_works_once(alice: User) -> None:
    secret = set_up_app(sign_in(alice))
    first, second = sign_in(alice), sign_in(alice)
    code = code_of(secret)

    enter(first, code)
    enter(second, code)

    assert [is_signed_in(first), is_signed_in(second)] == [True, False]


def test_recovery_code_opens_the_account_once(alice: User) -> None:
    owner = sign_in(alice)
    set_up_app(owner)
    [code, *others] = re.findall(r"<code>(\d{8})</code>", owner.get("/accounts/2fa/recovery-codes/").content.decode())
    first, second = sign_in(alice), sign_in(alice)

    enter(first, code)
    enter(second, code)

    assert len(others) == 9
    assert [is_signed_in(first), is_signed_in(second)] == [True, False]


def test_secrets_lie_encrypted(alice: User) -> None:
    secret = set_up_app(sign_in(alice))

    kept = str(list(Authenticator.objects.values_list("data", flat=True)))

    assert secret not in kept
    assert kept.count("gAAAA") == 2  # what Fernet's tokens begin with: the app's secret and the seed of the codes


def test_secrets_stay_readable_after_a_change_of_the_key(alice: User, settings: Settings) -> None:
    secret = set_up_app(sign_in(alice))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 10, [settings.SECRET_KEY]
    client = sign_in(alice)

    enter(client, code_of(secret))

    assert is_signed_in(client)


def test_setting_it_up_needs_the_password_again_and_is_told(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    client = sign_in(alice)

    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    with django_capture_on_commit_callbacks(execute=True):
        set_up_app(client)

    assert asked.startswith("/accounts/reauthenticate/")
    assert OutgoingMail.objects.filter(subject="An authenticator app was added", recipient=alice.email).exists()


# --- An organization demands it ---------------------------------------------------------------------------------------


@pytest.fixture
def strict() -> Membership:
    """The owner of an organization that demands it, without a second step themselves; and what nobody else may see."""
    owner = factories.member("owner@example.org", plan="watcher")
    with tenancy.system_scope("demanded for a test"):
        owner.organization.name, owner.organization.demands_second_step = "Strict Ltd", True
        owner.organization.save()
    factories.watch(owner, factories.platform("Lumen"))
    return owner


MEMBERS_PAGES = ["/dashboard/", "/watchlist/", "/inbox/", "/settings/", "/settings/organization/"]


@pytest.mark.parametrize("page", MEMBERS_PAGES)
def test_member_without_it_sees_nothing_of_the_organization(strict: Membership, page: str) -> None:
    answer = sign_in(strict.user).get(page)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/second-step/")


def test_page_that_leads_there_names_who_asks_and_how(strict: Membership) -> None:
    own = factories.organization("Mine alone")
    with tenancy.system_scope("a second organization"):
        Membership.objects.create(organization=own, user=strict.user, role=Role.OWNER)

    page = sign_in(strict.user).get("/second-step/").content.decode()

    assert "Strict Ltd" in page
    assert "/accounts/2fa/webauthn/add/" in page
    assert f"/dashboard/?org={own.typeid}" in page


def test_public_page_shows_a_member_without_it_nothing_of_the_organization(strict: Membership) -> None:
    page = sign_in(strict.user).get("/platforms/lumen/").content.decode()

    assert "Following Lumen" not in page
    assert "Follow Lumen" in page


def test_following_is_refused_until_it_is_set_up(strict: Membership) -> None:
    assert sign_in(strict.user).post("/platforms/lumen/follow/").headers["Location"] == "/second-step/"


def test_member_who_has_set_it_up_goes_on(strict: Membership) -> None:
    client = sign_in(strict.user)

    set_up_app(client)

    assert [client.get(page).status_code for page in MEMBERS_PAGES] == [200] * len(MEMBERS_PAGES)


def test_admin_demands_it_only_of_others_who_has_it_themselves() -> None:
    owner = factories.member("owner@example.org")
    client = sign_in(owner.user)

    refused = client.post("/settings/organization/second-step/", {"demanded": "1"}).headers["Location"]
    set_up_app(client)
    client.post("/settings/organization/second-step/", {"demanded": "1"})

    with tenancy.scope(owner.organization, owner.user):
        owner.organization.refresh_from_db()
        actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert refused == "/accounts/2fa/"
    assert owner.organization.demands_second_step
    assert "organization.second_step_demanded" in actions


# --- Staff must have it -----------------------------------------------------------------------------------------------


@pytest.fixture
def analyst(settings: Settings) -> User:
    settings.STAFF_MFA = "required"
    made = factories.user("analyst@example.org")
    with tenancy.system_scope("staff for a test"):
        staff.give_role(user=made, role=StaffRole.ANALYST)
    return made


@pytest.mark.parametrize("page", ["/admin/", "/admin/desk/queue/", "/admin/look-into/", "/admin/archive/version/"])
def test_desk_is_shut_to_staff_without_it(analyst: User, page: str) -> None:
    assert sign_in(analyst).get(page).headers["Location"] == "/accounts/2fa/"


def test_staff_without_it_read_what_everybody_reads(analyst: User) -> None:
    hidden = factories.change()
    factories.release(hidden, state="pending")

    assert sign_in(analyst).get(f"/c/{hidden.typeid}/").status_code == 404


def test_desk_opens_to_staff_who_have_set_it_up(analyst: User) -> None:
    client = sign_in(analyst)

    set_up_app(client)

    assert client.get("/admin/desk/queue/").status_code == 200


def test_admin_warns_where_staff_may_do_without(analyst: User, settings: Settings) -> None:
    settings.STAFF_MFA = "off"

    page = sign_in(analyst).get("/admin/desk/queue/").content.decode()

    assert "Staff sign in without a second step here" in page
