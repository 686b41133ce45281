"""Errors as problem details (RFC 9457): `type`, `title`, `status`, `detail`, and `code` to program against."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

MEDIA_TYPE = "application/problem+json"


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler, its answer in the form of RFC 9457. None for a bug: that is Django's to report."""
    response = exception_handler(error, context)
    if response is None:
        return None
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": response.status_text,
        "status": response.status_code,
        "code": _code(error, response.status_code),
        "detail": "See `errors`." if isinstance(error, ValidationError) else response.data.get("detail", ""),
    }
    if isinstance(error, ValidationError):
        body["errors"] = response.data
    response.data = body
    response.content_type = MEDIA_TYPE
    return response


def _code(error: Exception, found: int) -> str:
    if isinstance(error, ValidationError):
        return "invalid"
    if isinstance(error, APIException):
        return str(error.get_codes())
    return "not_found" if found == status.HTTP_404_NOT_FOUND else "permission_denied"
