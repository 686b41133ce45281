"""Which platforms are read, for operators."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from monitoring.archive.models import CheckSchedule
from monitoring.catalogue.models import Platform
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    return signed_in(staff("operator"))


def post(client: Client, platform: Platform, action: str) -> Any:
    return client.post("/admin/desk/platforms/", {"platform": platform.slug, "action": action})


def test_an_enabled_platform_is_scheduled(operator: Client) -> None:
    document = factories.document(factories.platform(enabled=False))

    post(operator, document.platform, "enable")

    assert CheckSchedule.objects.get().document == document
    assert Platform.objects.get().enabled


def test_a_platform_that_is_no_longer_read_keeps_its_texts(operator: Client) -> None:
    version = factories.version()
    post(operator, version.document.platform, "enable")

    post(operator, version.document.platform, "disable")

    assert not CheckSchedule.objects.exists()
    assert version.document.versions.count() == 1


def test_analysts_do_not_enable(desk: Client) -> None:
    platform = factories.platform(enabled=False)

    assert post(desk, platform, "enable").status_code == 403
    assert not Platform.objects.get().enabled


def test_platforms_are_counted_and_found_by_name(operator: Client) -> None:
    factories.version(factories.document(factories.platform("Lumen")))
    factories.platform("Obscura")

    page = operator.get("/admin/desk/platforms/?q=lum").content.decode()

    assert "Lumen" in page
    assert "Obscura" not in page


def test_a_retired_platform_is_not_found(operator: Client) -> None:
    platform = factories.platform(enabled=False, retired_at="2026-01-01T00:00:00Z")

    assert post(operator, platform, "enable").status_code == 404
