"""Who asks: a key of an organization, as ``Authorization: Bearer atlas_…`` (RFC 6750), or nobody in particular.

The gate has found the key and opened its organization's scope; here it is said whether it works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey
from atlas.kernel import clock

if TYPE_CHECKING:  # DRF's views ask the settings for this module
    from rest_framework.views import APIView

REFUSALS = {
    "key_revoked": "This key was ended by an admin of its organization.",
    "key_expired": "This key is past its time. An admin can make another one.",
    "plan_without_keys": "The plan of this key's organization has no keys any more. The key works again with one that has.",
}


class KeyAuthentication(BaseAuthentication):
    """`request.auth` is the key; without the header everybody is somebody in general."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        if not get_authorization_header(request):
            return None
        key: ApiKey | None = getattr(request._request, "api_key", None)
        if key is None:
            raise AuthenticationFailed(
                "There is no such key. Send it as `Authorization: Bearer atlas_…`.", "key_unknown"
            )
        refusal = keys.ends(key, clock.now())
        if refusal == "plan_without_keys":
            raise PermissionDenied(REFUSALS[refusal], refusal)
        if refusal:
            raise AuthenticationFailed(REFUSALS[refusal], refusal)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ConductAtlas"'


class ByKey(BasePermission):
    """With a key alone; what changes anything needs one that may."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiKey):
            raise NotAuthenticated("This needs a key: `Authorization: Bearer atlas_…`.")
        if request.method not in SAFE_METHODS and not keys.may_write(request.auth):
            plan = request.auth.organization.entitlement.plan
            if plan.keys_write:
                raise PermissionDenied("This key reads only. Make one that may change the watchlist.", "scope_missing")
            raise PermissionDenied(f"On the {plan.name} plan keys read only.", "plan_reads_only")
        return True
