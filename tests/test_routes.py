"""Who gets what at which address: one list of all routes, held against the URLconf in both directions.

A new route without an entry fails, and so does an entry without a route. Each is asked for as a visitor, as a viewer, a
member and the owner of one organization, as the owner of another, and as an analyst and an operator of our staff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from accounts import staff, tenancy
from accounts.models import Membership, Role, StaffRole, User
from atlas.kernel import clock
from monitoring.alerts.models import Digest, InboxItem
from monitoring.alerts.unsubscribing import MailKind, token_of
from monitoring.archive import scheduling
from monitoring.changes.models import ReleaseState
from monitoring.findings.models import Finding
from monitoring.pages.rows import provision_words
from monitoring.watching import requests
from monitoring.watching.models import PlatformRequest
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


class Seen(NamedTuple):
    """The status that each of them gets."""

    visitor: int
    viewer: int
    member: int
    owner: int
    stranger: int
    analyst: int
    operator: int


class Route(NamedTuple):
    """`pattern` as the URLconf joins it; `gate` as `accounts.access` marks the view, empty for other people's views.
    `of` names objects of the story that replace the usual ones, `post` says that it is asked with POST."""

    pattern: str
    gate: str
    seen: Seen
    of: dict[str, str] = {}
    post: dict[str, str] | None = None


PUBLIC, OUTSIDE, MACHINE, NO_GATE = "public", "outside", "machine", ""
STAFF_PAGE, ANALYSTS_PAGE = "staff:analyst,editor,operator", "staff:analyst,editor"
VIEWER, MEMBER, ADMIN, OWNER, USER = "member:viewer", "member:member", "member:admin", "member:owner", "signed in"

EVERYBODY = Seen(200, 200, 200, 200, 200, 200, 200)
NOBODY = Seen(404, 404, 404, 404, 404, 404, 404)
STAFF = Seen(404, 404, 404, 404, 404, 200, 200)
REDIRECTED = Seen(301, 301, 301, 301, 301, 301, 301)
SIGNED_IN = Seen(302, 200, 200, 200, 200, 200, 200)
"""Everybody has a personal organization: each sees their own."""
VISITORS = Seen(200, 302, 302, 302, 302, 302, 302)
NOT_BY_GET = Seen(302, 403, 405, 405, 405, 405, 405)
DONE = Seen(302, 302, 302, 302, 302, 302, 302)
"""Sent on: to sign in first, or since there is nothing (left) to do."""
DONE_BY_MEMBERS = Seen(302, 403, 302, 302, 302, 302, 302)
NOTHING_YET = Seen(302, 404, 404, 404, 404, 404, 404)
"""About what a person has, who has none."""
SIGNED_IN_MEMBERS = Seen(302, 403, 200, 200, 200, 200, 200)
SIGNED_IN_MEMBERS_ASK = Seen(302, 403, 422, 422, 422, 422, 422)
"""Members are let in; what is posted here names nothing."""
DESK = Seen(302, 403, 403, 403, 403, 200, 200)
DESK_OF_ANALYSTS = Seen(302, 403, 403, 403, 403, 200, 403)
TO_OPERATORS_ALONE = Seen(302, 403, 403, 403, 403, 403, 404)
"""An operator is let in; what is posted here names no document."""
DESK_WITHOUT_A_PICTURE = Seen(302, 403, 403, 403, 403, 404, 404)
OPERATORS_TRY = Seen(302, 403, 403, 403, 403, 403, 404)
"""An operator is let in; nothing was tried that could be declared."""
ANALYSTS_KEEP = Seen(302, 403, 403, 403, 403, 404, 403)
"""An analyst is let in; there is no capture that could be kept."""
OF_THE_ORGANIZATION = Seen(302, 403, 302, 302, 404, 404, 404)
WITH_A_KEY = Seen(401, 401, 401, 401, 401, 401, 401)
"""Being signed in is no key: tests/monitoring/api/test_keys.py asks with one."""
OF_ITS_ADMINS = Seen(302, 403, 403, 302, 404, 404, 404)
DONE_BY_OWNERS = Seen(302, 403, 403, 302, 302, 302, 302)
"""Everybody owns their personal organization."""
INVITED = {"email": "new@example.org", "role": "viewer"}
"""No seat is left in the organization of the three, nor on Free: the page says so."""

HIDDEN_VERSION, HIDDEN_CHANGE = {"ver:public_id": "hidden version"}, {"chg:public_id": "hidden change"}
DRAFT = {"prv:public_id": "draft provision"}
RETIRED = {"slug:platform": "retired platform"}

ROUTES = [
    Route("health/live", OUTSIDE, EVERYBODY),
    Route("health/ready", OUTSIDE, EVERYBODY),
    # Public pages
    Route("", PUBLIC, EVERYBODY),
    Route("robots.txt", OUTSIDE, EVERYBODY),
    Route("favicon.ico", OUTSIDE, REDIRECTED),
    Route("platforms/", PUBLIC, EVERYBODY),
    Route("platforms/<slug:slug>/", PUBLIC, EVERYBODY),
    Route("platforms/<slug:platform>/<slug:slug>/", PUBLIC, EVERYBODY),
    Route("platforms/<slug:platform>/<slug:slug>/compare/", PUBLIC, EVERYBODY),
    Route("v/<ver:public_id>/", PUBLIC, EVERYBODY),
    Route("v/<ver:public_id>/", PUBLIC, STAFF, of=HIDDEN_VERSION),
    Route("v/<ver:public_id>/text", PUBLIC, EVERYBODY),
    Route("v/<ver:public_id>/text", PUBLIC, STAFF, of=HIDDEN_VERSION),
    Route("c/<chg:public_id>/", PUBLIC, EVERYBODY),
    Route("c/<chg:public_id>/", PUBLIC, STAFF, of=HIDDEN_CHANGE),
    Route("p/<prv:public_id>/", PUBLIC, REDIRECTED),
    Route("p/<prv:public_id>/", PUBLIC, NOBODY, of=DRAFT),
    Route("p/<prv:public_id>/<slug:words>/", PUBLIC, EVERYBODY),
    Route("p/<prv:public_id>/<slug:words>/", PUBLIC, NOBODY, of=DRAFT),
    Route("changes/", PUBLIC, EVERYBODY),
    Route("pricing/", PUBLIC, EVERYBODY),
    Route("methodology/", PUBLIC, EVERYBODY),
    Route("about/", PUBLIC, EVERYBODY),
    Route("unsubscribe/<str:token>/", OUTSIDE, EVERYBODY),
    Route("unsubscribe/<str:token>/", OUTSIDE, EVERYBODY, post={}),
    Route("unsubscribe/<str:token>/", OUTSIDE, NOBODY, of={"str:token": "forged token"}),
    # Members' own pages
    Route("platforms/<slug:slug>/follow/", PUBLIC, SIGNED_IN),
    Route("platforms/<slug:slug>/follow/", PUBLIC, DONE_BY_MEMBERS, post={}),
    Route("platforms/<slug:slug>/unfollow/", MEMBER, NOT_BY_GET),
    Route("platforms/<slug:slug>/unfollow/", MEMBER, DONE_BY_MEMBERS, post={}),
    Route("requests/", PUBLIC, EVERYBODY),
    Route("requests/new/", MEMBER, SIGNED_IN_MEMBERS),
    Route("requests/new/", MEMBER, SIGNED_IN_MEMBERS_ASK, post={}),
    Route("requests/<req:public_id>/vote/", MEMBER, NOT_BY_GET),
    Route("requests/<req:public_id>/vote/", MEMBER, DONE_BY_MEMBERS, post={}),
    Route("dashboard/", VIEWER, SIGNED_IN),
    Route("dashboard/first-hour/", VIEWER, Seen(302, 405, 405, 405, 405, 405, 405)),
    Route("dashboard/first-hour/", VIEWER, DONE, post={}),
    Route("watchlist/", VIEWER, SIGNED_IN),
    Route("watchlist/", VIEWER, DONE_BY_MEMBERS, post={"platform": "Lumen"}),
    Route("watchlist/<slug:slug>/pause/", MEMBER, NOT_BY_GET),
    Route("watchlist/<slug:slug>/pause/", MEMBER, OF_THE_ORGANIZATION, post={}),
    Route("watchlist/<slug:slug>/resume/", MEMBER, OF_THE_ORGANIZATION, post={}),
    Route("watchlist/<slug:slug>/note/", MEMBER, OF_THE_ORGANIZATION, post={"note": "Our supplier."}),
    Route("inbox/", VIEWER, SIGNED_IN),
    Route("inbox/read/", VIEWER, Seen(302, 405, 405, 405, 405, 405, 405)),
    Route("inbox/read/", VIEWER, DONE, post={"all": "1"}),
    Route("inbox/<dig:public_id>/", VIEWER, Seen(302, 404, 200, 404, 404, 404, 404)),
    Route("settings/", VIEWER, SIGNED_IN),
    Route("settings/notifications/", VIEWER, SIGNED_IN),
    Route("settings/organization/", VIEWER, SIGNED_IN),
    Route("settings/organization/new/", USER, SIGNED_IN),
    Route("settings/organization/new/", USER, DONE, post={"name": "Second"}),
    Route("settings/organization/close/", OWNER, Seen(302, 403, 403, 200, 200, 200, 200)),
    Route("settings/organization/close/", OWNER, Seen(302, 403, 403, 200, 200, 200, 200), post={"name": "Another"}),
    Route("settings/organization/reopen/", OWNER, Seen(302, 403, 403, 405, 405, 405, 405)),
    Route("settings/organization/reopen/", OWNER, DONE_BY_OWNERS, post={}),
    Route("settings/organization/second-step/", ADMIN, Seen(302, 403, 403, 405, 405, 405, 405)),
    Route("settings/organization/second-step/", ADMIN, Seen(302, 403, 403, 302, 302, 302, 302), post={}),
    Route("second-step/", USER, SIGNED_IN),
    Route("settings/organization/audit/", ADMIN, Seen(302, 403, 403, 200, 200, 200, 200)),
    Route("settings/organization/audit/export/", ADMIN, Seen(302, 403, 403, 200, 200, 200, 200)),
    Route("settings/data/", VIEWER, SIGNED_IN),
    Route("settings/data/mine/", USER, SIGNED_IN, post={}),
    Route("settings/data/organization/", ADMIN, Seen(302, 403, 403, 200, 200, 200, 200), post={}),
    Route("settings/data/delete/", USER, SIGNED_IN),
    Route("settings/data/delete/", USER, DONE, post={}),  # on to the password
    Route("settings/data/keep/", USER, DONE, post={}),
    Route("settings/keys/", ADMIN, Seen(302, 403, 403, 200, 200, 200, 200)),
    Route("settings/keys/", ADMIN, Seen(302, 403, 403, 200, 200, 200, 200), post={"name": "CI", "scope": "read"}),
    Route("settings/keys/<key:public_id>/renew/", ADMIN, Seen(302, 403, 403, 302, 404, 404, 404), post={}),
    Route("settings/keys/<key:public_id>/revoke/", ADMIN, OF_ITS_ADMINS, post={}),
    Route("settings/people/", VIEWER, SIGNED_IN),
    Route("settings/people/", VIEWER, Seen(302, 403, 403, 200, 302, 200, 200), post=INVITED),
    Route("settings/people/leave/", VIEWER, SIGNED_IN),
    Route("settings/people/<mem:public_id>/role/", ADMIN, OF_ITS_ADMINS, post={"role": "viewer"}),
    Route("settings/people/<mem:public_id>/remove/", ADMIN, Seen(302, 403, 403, 200, 404, 404, 404)),
    Route("settings/people/<mem:public_id>/remove/", ADMIN, OF_ITS_ADMINS, post={}),
    Route("settings/people/<mem:public_id>/hand-over/", OWNER, OF_ITS_ADMINS, post={}),
    Route("settings/people/<inv:public_id>/revoke/", ADMIN, OF_ITS_ADMINS, post={}),
    Route("settings/people/<inv:public_id>/confirm/", ADMIN, OF_ITS_ADMINS, post={"asker": "0"}),
    Route("invitations/<str:token>/", OUTSIDE, EVERYBODY, of={"str:token": "invitation"}),
    Route("invitations/<str:token>/", OUTSIDE, NOBODY, of={"str:token": "forged token"}),
    # The API: the same for all, whoever asks
    Route("api/v1/platforms/", MACHINE, EVERYBODY),
    Route("api/v1/platforms/<slug:slug>/", MACHINE, EVERYBODY),
    Route("api/v1/documents/", MACHINE, EVERYBODY),
    Route("api/v1/documents/<doc:public_id>/", MACHINE, EVERYBODY),
    Route("api/v1/documents/<doc:public_id>/versions/", MACHINE, EVERYBODY),
    Route("api/v1/versions/<ver:public_id>/", MACHINE, EVERYBODY),
    Route("api/v1/versions/<ver:public_id>/", MACHINE, NOBODY, of=HIDDEN_VERSION),
    Route("api/v1/changes/", MACHINE, EVERYBODY),
    Route("api/v1/changes/<chg:public_id>/", MACHINE, EVERYBODY),
    Route("api/v1/changes/<chg:public_id>/", MACHINE, NOBODY, of=HIDDEN_CHANGE),
    Route("api/v1/watchlist/", MACHINE, WITH_A_KEY),
    Route("api/v1/watchlist/<slug:slug>/", MACHINE, WITH_A_KEY),
    Route("api/schema/", MACHINE, EVERYBODY),
    Route("api/docs/", MACHINE, EVERYBODY),
    # The desk
    Route("admin/", NO_GATE, Seen(302, 302, 302, 302, 302, 302, 302)),
    Route("admin/login/", NO_GATE, Seen(302, 403, 403, 403, 403, 302, 302)),
    Route("admin/look-into/", NO_GATE, Seen(302, 302, 302, 302, 302, 403, 200)),
    Route("admin/desk/health/", STAFF_PAGE, DESK),
    Route("admin/desk/health/", STAFF_PAGE, TO_OPERATORS_ALONE, post={}),
    Route("admin/desk/platforms/", STAFF_PAGE, DESK),
    Route("admin/desk/platforms/<slug:slug>/", STAFF_PAGE, DESK),
    Route("admin/desk/documents/<desk_doc:public_id>/reading/", STAFF_PAGE, DESK),
    Route("admin/desk/documents/<desk_doc:public_id>/window/", STAFF_PAGE, DESK_WITHOUT_A_PICTURE),
    Route("admin/desk/documents/<desk_doc:public_id>/reading/", STAFF_PAGE, OPERATORS_TRY, post={"do": "declare"}),
    Route("admin/desk/proposals/", STAFF_PAGE, DESK),
    Route("admin/desk/proposals/", STAFF_PAGE, TO_OPERATORS_ALONE, post={}),
    Route("admin/desk/documents/<desk_doc:public_id>/upload/", STAFF_PAGE, DESK),
    Route("admin/desk/documents/<desk_doc:public_id>/upload/", STAFF_PAGE, ANALYSTS_KEEP, post={"do": "keep"}),
    Route("admin/desk/requests/", STAFF_PAGE, DESK),
    Route("admin/desk/requests/", STAFF_PAGE, TO_OPERATORS_ALONE, post={}),
    Route("admin/desk/queue/", STAFF_PAGE, DESK),
    Route("admin/desk/queue/<desk_chg:public_id>/", STAFF_PAGE, DESK),
    Route("admin/desk/findings/", STAFF_PAGE, DESK),
    Route("admin/desk/findings/<desk_fnd:public_id>/", STAFF_PAGE, DESK),
    Route("admin/desk/findings/documents/", ANALYSTS_PAGE, DESK_OF_ANALYSTS),
    Route("admin/desk/findings/new/<desk_ver:public_id>/", ANALYSTS_PAGE, DESK_OF_ANALYSTS),
    Route("admin/desk/findings/<desk_fnd:public_id>/revise/", ANALYSTS_PAGE, DESK_OF_ANALYSTS),
    # Sign-in: allauth's
    Route("accounts/login/", NO_GATE, VISITORS),
    Route("accounts/logout/", NO_GATE, SIGNED_IN),
    Route("accounts/signup/", NO_GATE, VISITORS),
    Route("accounts/inactive/", NO_GATE, EVERYBODY),
    Route("accounts/reauthenticate/", NO_GATE, SIGNED_IN),
    Route("accounts/email/", NO_GATE, SIGNED_IN),
    Route("accounts/confirm-email/", NO_GATE, DONE),
    Route("accounts/password/change/", NO_GATE, SIGNED_IN),
    Route("accounts/password/set/", NO_GATE, DONE),
    Route("accounts/password/reset/", NO_GATE, EVERYBODY),
    Route("accounts/login/code/confirm/", NO_GATE, DONE),
    Route("accounts/password/reset/key/done/", NO_GATE, EVERYBODY),
    Route("accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", NO_GATE, EVERYBODY),
    Route("accounts/password/reset/done/", NO_GATE, EVERYBODY),
    Route("accounts/sessions/", NO_GATE, SIGNED_IN),
    Route("accounts/2fa/", NO_GATE, SIGNED_IN),
    Route("accounts/2fa/authenticate/", NO_GATE, DONE),
    Route("accounts/2fa/reauthenticate/", NO_GATE, DONE),
    Route("accounts/2fa/totp/activate/", NO_GATE, DONE),
    Route("accounts/2fa/totp/deactivate/", NO_GATE, NOTHING_YET),
    Route("accounts/2fa/webauthn/", NO_GATE, SIGNED_IN),
    Route("accounts/2fa/webauthn/add/", NO_GATE, DONE),
    Route("accounts/2fa/webauthn/login/", NO_GATE, DONE),
    Route("accounts/2fa/webauthn/reauthenticate/", NO_GATE, DONE),
    Route("accounts/2fa/webauthn/keys/<int:pk>/remove/", NO_GATE, DONE),
    Route("accounts/2fa/webauthn/keys/<int:pk>/edit/", NO_GATE, DONE),
    Route("accounts/2fa/recovery-codes/", NO_GATE, NOTHING_YET),
    Route("accounts/2fa/recovery-codes/generate/", NO_GATE, DONE),
    Route("accounts/2fa/recovery-codes/download/", NO_GATE, NOTHING_YET),
    Route("accounts/3rdparty/", NO_GATE, SIGNED_IN),
    Route("accounts/3rdparty/login/cancelled/", NO_GATE, EVERYBODY),
    Route("accounts/3rdparty/login/error/", NO_GATE, Seen(401, 401, 401, 401, 401, 401, 401)),
    Route("accounts/3rdparty/signup/", NO_GATE, DONE),
    Route("accounts/social/login/cancelled/", NO_GATE, REDIRECTED),
    Route("accounts/social/login/error/", NO_GATE, REDIRECTED),
    Route("accounts/social/signup/", NO_GATE, REDIRECTED),
    Route("accounts/social/connections/", NO_GATE, REDIRECTED),
    # Providers that are not configured
    Route("accounts/github/login/", NO_GATE, NOBODY),
    Route("accounts/github/login/callback/", NO_GATE, NOBODY),
    Route("accounts/microsoft/login/", NO_GATE, NOBODY),
    Route("accounts/microsoft/login/callback/", NO_GATE, NOBODY),
    Route("accounts/oidc/^(?P<provider_id>[^/]+)/login/", NO_GATE, NOBODY),
    Route("accounts/oidc/^(?P<provider_id>[^/]+)/login/callback/", NO_GATE, NOBODY),
]
ADMIN_ROOT = "admin/"
"""What stands below it and isn't listed is the admin's own: it asks for staff first, and then for their permissions."""


LISTED = {route.pattern for route in ROUTES}


def walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        pattern = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from walk(entry, pattern)
        else:
            yield pattern, entry


def all_routes() -> dict[str, URLPattern]:
    return dict(walk(get_resolver()))


def is_admins_own(pattern: str, found: URLPattern) -> bool:
    return pattern.startswith(ADMIN_ROOT) and not hasattr(found.callback, "gate") and pattern not in LISTED


def test_every_route_has_an_entry_and_every_entry_a_route() -> None:
    routes = {pattern for pattern, found in all_routes().items() if not is_admins_own(pattern, found)}
    assert routes == LISTED


def test_every_view_stands_behind_the_gate_of_its_entry() -> None:
    gates = {pattern: getattr(found.callback, "gate", NO_GATE) for pattern, found in all_routes().items()}
    assert {route.pattern: gates[route.pattern] for route in ROUTES} == {route.pattern: route.gate for route in ROUTES}


def test_only_other_peoples_views_have_no_gate() -> None:
    ours = ("atlas.", "accounts.", "billing.", "monitoring.")
    without = {p: f.callback.__module__ for p, f in all_routes().items() if not hasattr(f.callback, "gate")}
    assert [p for p, module in without.items() if module.startswith(ours) and not p.startswith(ADMIN_ROOT)] == []


# --- The story --------------------------------------------------------------------------------------------------------


class Story(NamedTuple):
    """`objects`: what stands in an address, by the converter and the name that the pattern gives it."""

    people: dict[str, User]
    objects: dict[str, str]


@pytest.fixture
def story() -> Story:
    """A document with a released and an undecided change, a finding and a draft; an organization that follows it."""
    document = stories.document()
    with tenancy.system_scope("what is read has a schedule"):
        scheduling.sync_schedules()
    change = stories.change(document)
    hidden = stories.change(document, stories.NEW.replace("90", "120"), state=ReleaseState.PENDING)
    finding = factories.finding(factories.provision(document), excerpt="We do not sell them.")
    draft = factories.finding(factories.provision(document, "sale"), state="draft", excerpt="We do not sell them.")
    owner = factories.member(plan="watcher")
    member = factories.member(of=owner.organization, role=Role.MEMBER)
    viewer = factories.member(of=owner.organization, role=Role.VIEWER)
    factories.watch(owner, document.platform)
    invitation, token = factories.invitation(owner)
    people = {
        "viewer": viewer.user,
        "member": member.user,
        "owner": owner.user,
        "stranger": factories.member(plan="watcher").user,
        "analyst": staff_member(StaffRole.ANALYST),
        "operator": staff_member(StaffRole.OPERATOR),
    }
    objects = {
        "slug:platform": document.platform.slug,
        "slug:document": document.slug,
        "doc:public_id": document.typeid,
        "ver:public_id": change.new.typeid,
        "hidden version": hidden.new.typeid,
        "chg:public_id": change.typeid,
        "desk_chg:public_id": hidden.typeid,
        "desk_ver:public_id": change.new.typeid,
        "desk_fnd:public_id": finding.typeid,
        "desk_doc:public_id": document.typeid,
        "req:public_id": wanted(owner).typeid,
        "hidden change": hidden.typeid,
        "prv:public_id": finding.provision.typeid,
        "draft provision": draft.provision.typeid,
        "slug:words": words_of(finding),
        "str:token": token_of(member, MailKind.DIGEST),
        "forged token": "forged",
        "dig:public_id": digest(member).typeid,
        "mem:public_id": member.typeid,
        "inv:public_id": invitation.typeid,
        "invitation": token,
        "key:public_id": factories.key(owner).key.typeid,
        "uidb36": "1",
        "key": "a-key",
        "int:pk": "1",
        "provider_id": "nowhere",
    }
    return Story(people, objects)


def wanted(by: Membership) -> PlatformRequest:
    """A platform that is asked for."""
    with tenancy.scope(by.organization, by.user):
        return requests.ask_for(membership=by, name="Obscura", homepage="https://obscura.example", why="We use it.")


def staff_member(role: StaffRole) -> User:
    made = factories.user()
    with tenancy.system_scope("staff for a test"):
        staff.give_role(user=made, role=role)
    return made


def words_of(finding: Finding) -> str:
    return provision_words(finding.provision)


def digest(of: Membership) -> Digest:
    with tenancy.system_scope("a digest for a test"):
        end = clock.now()
        times = {"period_start": end - timedelta(days=7), "period_end": end}
        made = Digest.objects.create(organization=of.organization, membership=of, platform_ids=[], **times)
        InboxItem.objects.create(organization=of.organization, membership=of, digest=made)
        return made


def address(route: Route, story: Story) -> str:
    """The route's address with the story's objects in it."""

    def fill(match: re.Match[str]) -> str:
        name = match["converted"] or match["named"]
        if name == "slug:slug":
            name = "slug:document" if "<slug:platform>" in route.pattern else "slug:platform"
        return story.objects[route.of.get(name, name)]

    filled = re.sub(r"<(?P<converted>\w+:\w+)>|\(\?P<(?P<named>\w+)>[^)]*\)", fill, route.pattern)
    return "/" + filled.replace("^", "").replace("$", "")


def ask(route: Route, story: Story, client: Client) -> int:
    where = address(route, story)
    return (client.get(where) if route.post is None else client.post(where, route.post)).status_code


@pytest.mark.parametrize(
    "route", ROUTES, ids=lambda route: f"{'POST ' if route.post is not None else ''}{route.pattern}"
)
def test_everybody_gets_what_the_list_says(route: Route, story: Story) -> None:
    seen = {"visitor": ask(route, story, Client())}
    for name, person in story.people.items():
        client = Client()
        client.force_login(person)
        seen[name] = ask(route, story, client)
    assert Seen(**seen) == route.seen


def admins_own() -> list[str]:
    """Addresses of the admin's own routes; where an object is named, one that doesn't exist."""
    patterns = [p for p, found in all_routes().items() if is_admins_own(p, found) and p != "admin/logout/"]
    filled = [re.sub(r"<[^>]*>|\(\?P<url>[^)]*\)", "1", pattern) for pattern in patterns]
    return ["/" + re.sub(r"\(\?P<\w+>([a-z]+)[^)]*\)|[\^$]", r"\1", pattern) for pattern in filled]


@pytest.mark.parametrize("who", ["visitor", "owner"])
def test_admin_sends_everybody_but_staff_to_sign_in(story: Story, who: str) -> None:
    client = Client()
    if who in story.people:
        client.force_login(story.people[who])
    answers = {where: client.get(where) for where in admins_own()}
    assert len(answers) > 10
    assert {where: answer.status_code for where, answer in answers.items()} == dict.fromkeys(answers, 302)
    assert {answer["Location"].partition("?")[0] for answer in answers.values()} == {"/admin/login/"}


@pytest.mark.parametrize("who", ["analyst", "operator"])
def test_admin_refuses_staff_what_their_role_may_not_and_fails_nowhere(story: Story, who: str) -> None:
    client = Client()
    client.force_login(story.people[who])
    statuses = {where: client.get(where).status_code for where in admins_own()}
    assert set(statuses.values()) <= {200, 302, 403, 404}, statuses
