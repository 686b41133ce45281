"""Is this process alive, and can it serve?"""

from __future__ import annotations

from typing import cast

from django.core.cache import caches
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from accounts.access import outside_scope
from atlas.cache import LosableCache


@outside_scope
def live(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "ok"})


@outside_scope
def ready(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL answers; a cache that is down is reported and doesn't stop the site."""
    checks = {"database": _database(), "cache": _cache()}
    return JsonResponse(checks, status=200 if checks["database"] == "ok" else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except DatabaseError:
        return "not reachable"
    return "ok"


def _cache() -> str:
    return "ok" if cast(LosableCache, caches["default"]).reachable() else "not reachable"
