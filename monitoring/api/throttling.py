"""A low rate for everybody who has no key. Counted in the cache, which may be lost: then nobody is turned away."""

from __future__ import annotations

from rest_framework.throttling import AnonRateThrottle


class PublicRate(AnonRateThrottle):
    scope = "public"
