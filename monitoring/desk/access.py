"""The desk's one gate: staff with a role, and what each role may do. Its pages run in `staff_scope` (accounts.middleware)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from accounts.models import StaffRole, User

#: Who decides about changes, and writes and publishes findings.
ANALYSTS = (StaffRole.ANALYST, StaffRole.EDITOR)
#: Who says what is read, and looks after its health.
OPERATORS = (StaffRole.OPERATOR,)
EVERYBODY = (*ANALYSTS, *OPERATORS)

View = Callable[..., HttpResponseBase]


class DeskRequest(HttpRequest):
    """A request of staff, behind the gate."""

    user: User


def is_staff(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Does this user work here: active, staff, with a role?"""
    return isinstance(user, User) and user.is_active and user.is_staff and user.staff_role in StaffRole.values


def may(user: AbstractBaseUser | AnonymousUser, roles: tuple[StaffRole, ...]) -> bool:
    return isinstance(user, User) and is_staff(user) and user.staff_role in roles


def desk_page(*roles: StaffRole, acting: tuple[StaffRole, ...] | None = None) -> Callable[[View], View]:
    """For these staff roles; visitors are sent to sign in, everybody else gets 403. What is posted is for `acting` alone,
    where it names other roles than those that may look."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
            needed = acting if acting is not None and request.method == "POST" else roles
            if not may(request.user, needed):
                raise PermissionDenied(f"This is for {' and '.join(f'{role.label.lower()}s' for role in needed)}.")
            response = view(cast(DeskRequest, request), *args, **kwargs)
            add_never_cache_headers(response)
            return response

        gated.gate = f"staff:{','.join(roles)}"  # type: ignore[attr-defined]
        return gated

    return decorate
