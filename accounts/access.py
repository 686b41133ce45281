"""The one gate: who may see a page. Every view passes exactly one of `public_page`, `member_page`,
`signed_in_page`, `machine_page` and `outside_scope`.

The gate opens the tenancy scope, renders lazy responses inside of it, and marks the view (`view.gate`), so that a test can
list every route's gate. An object of another tenant answers 404; a role that isn't enough answers 403.
`?org=` (links in mails carry it) makes that organization the current one, for its members alone. Where an organization
demands a second step of signing in, a member without one is led to set it up, and reads public pages as of no organization.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.views.decorators.csrf import csrf_exempt

from accounts import keys, organizations, permissions, second_step, tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Permission
from atlas.kernel import ids

SESSION_KEY = "organization"
SECOND_STEP = "second-step"  # the name of the page on which one is asked to set up a second step


class GatedRequest(HttpRequest):
    """A request behind the gate. `membership` is None for visitors (on public pages alone)."""

    membership: Membership | None
    organization: Organization | None


class MemberRequest(HttpRequest):
    """A request of a signed-in member, inside of the organization's scope."""

    user: User
    membership: Membership
    organization: Organization


View = Callable[..., HttpResponseBase]


def public_page(view: View) -> View:
    """For everybody. Signed-in members see it in their organization's scope, and nobody stores their answer."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            visitor = cast(GatedRequest, request)
            visitor.membership = visitor.organization = None
            response = view(visitor, *args, **kwargs)
            _render(response)
            patch_vary_headers(response, ["Cookie"])
            return response
        return _in_scope(request, view, None, args, kwargs)

    gated.gate = "public"  # type: ignore[attr-defined]
    return gated


def member_page(permission: Permission = Permission.READ) -> Callable[[View], View]:
    """For members of the current organization whose role allows this; visitors are sent to sign in."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            return _in_scope(request, view, permission, args, kwargs)

        gated.gate = f"member:{permissions.LOWEST[permission].value}"  # type: ignore[attr-defined]
        return gated

    return decorate


def signed_in_page(view: View) -> View:
    """For a user rather than for a member: the view is called with the user, outside of any scope. Its services open their
    own, and its page shows nothing of an organization. Visitors are sent to sign in."""

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        response = view(request, request.user, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    gated.gate = "signed in"  # type: ignore[attr-defined]
    return gated


def machine_page(view: View) -> View:
    """For machines: no session is asked. With a key (``Authorization: Bearer atlas_…``) the view runs in the scope of the
    key's organization, as `request.api_key`, and nobody stores its answer; without one it sees no tenant. Whether the key
    works, and what it may, the API itself says."""

    @csrf_exempt  # a key in a header isn't sent by a browser that somebody else leads
    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        named, _, secret = request.headers.get("Authorization", "").partition(" ")
        found = keys.find(secret.strip()) if named.lower() == "bearer" else None
        if found is None:
            response = view(request, *args, **kwargs)
            patch_vary_headers(response, ["Authorization"])
            return response
        with tenancy.scope(found.organization_id):
            request.api_key = keys.use(found)  # type: ignore[attr-defined]
            response = view(request, *args, **kwargs)
            _render(response)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                transaction.set_rollback(True)  # DRF makes an answer of every error: nothing half written stays
        add_never_cache_headers(response)
        return response

    gated.gate = "machine"  # type: ignore[attr-defined]
    return gated


def outside_scope(view: View) -> View:
    """For machines and pages without tenant data (health, one-click links): no scope is opened, no session asked."""
    view.gate = "outside"  # type: ignore[attr-defined]
    return view


def _in_scope(
    request: HttpRequest, view: View, permission: Permission | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    user = cast(User, request.user)
    if "org" in request.GET:
        request.session[SESSION_KEY] = _named_organization(request.GET["org"], user)
    organization_id = request.session.get(SESSION_KEY) or _home(request, user)
    for chosen in (organization_id, None):
        organization_id = chosen or _home(request, user)  # where the session's organization is no longer theirs
        with tenancy.scope(organization_id, user):
            membership = _membership(organization_id, user)
            if membership is not None and not _is_shut(membership):
                return _answer(request, view, membership, permission, args, kwargs)
        if membership is not None:
            return (
                redirect(SECOND_STEP) if permission is not None else _answer_as_none(request, view, user, args, kwargs)
            )
    raise PermissionDenied("You are a member of no organization.")


def _is_shut(membership: Membership) -> bool:
    """Does the organization demand a second step that this member hasn't set up?"""
    return membership.organization.demands_second_step and not second_step.has_one(membership.user)


def _answer_as_none(
    request: HttpRequest, view: View, user: User, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    """A public page for a member who may see nothing of the organization yet."""
    person = cast(GatedRequest, request)
    person.membership = person.organization = None
    with tenancy.scope(None, user):
        response = view(person, *args, **kwargs)
        _render(response)
    add_never_cache_headers(response)
    return response


def _named_organization(typeid: str, user: User) -> int:
    """The organization that a link names (`?org=` in mails) for its member; Http404 for others."""
    try:
        public_id = ids.decode(Organization.PREFIX, typeid)
    except ids.InvalidId as error:
        raise Http404("no such organization") from error
    with tenancy.scope(None, user):
        membership = Membership.objects.of(user).filter(organization__public_id=public_id).first()
    if membership is None:
        raise Http404("no such organization")
    return membership.organization_id


def _answer(
    request: HttpRequest,
    view: View,
    membership: Membership,
    permission: Permission | None,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponseBase:
    if permission is not None:
        permissions.require(membership, permission)
    member = cast(MemberRequest, request)
    member.membership, member.organization = membership, membership.organization
    response = view(member, *args, **kwargs)
    _render(response)
    add_never_cache_headers(response)
    return response


def _membership(organization_id: int, user: User) -> Membership | None:
    return (
        Membership.objects.filter(organization_id=organization_id, user=user)
        .select_related("organization__entitlement", "user")
        .first()
    )


def _home(request: HttpRequest, user: User) -> int:
    membership = organizations.open_personal(user=user)
    request.session[SESSION_KEY] = membership.organization_id
    return membership.organization_id


def _render(response: HttpResponseBase) -> None:
    """Lazy templates would query after the scope has ended and find nothing."""
    render = getattr(response, "render", None)
    if callable(render) and not getattr(response, "is_rendered", True):
        render()
