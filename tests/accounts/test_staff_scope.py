"""The scope around the admin."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.middleware import StaffScopeMiddleware
from monitoring.catalogue.models import Platform
from tests import factories

pytestmark = pytest.mark.django_db


def answered(status: int) -> None:
    """A request that writes a platform and then answers like this."""

    def view(request: HttpRequest) -> HttpResponse:
        factories.platform("Lumen")
        return HttpResponse(status=status)

    request = RequestFactory().post("/admin/desk/queue/")
    request.user = factories.user(is_staff=True, staff_role="analyst")
    request.session = SessionStore()
    StaffScopeMiddleware(view)(request)


@pytest.mark.parametrize("status", [400, 403, 409, 500])
def test_what_an_error_interrupted_is_not_half_written(status: int) -> None:
    answered(status)

    assert not Platform.objects.exists()


@pytest.mark.parametrize("status", [200, 302])
def test_what_was_answered_is_kept(status: int) -> None:
    answered(status)

    assert Platform.objects.get().name == "Lumen"
