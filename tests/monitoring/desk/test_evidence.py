"""Evidence in the admin: seen by all staff, changed by nobody."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import tenancy
from atlas.kernel import clock
from monitoring.archive import incidents, ledger
from monitoring.archive.models import Check, LedgerEntry
from monitoring.fetching.outcomes import Outcome, Reason
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db

MODELS = ["check", "incident", "version", "snapshot", "ledgerentry"]


@pytest.fixture
def evidence() -> dict[str, int]:
    """One row of each, by the model's name."""
    version = factories.version()
    document = version.document
    snapshot = document.snapshots.get()
    with tenancy.system_scope("rows for a test"):
        ledger.log_version(version, [snapshot])
        incidents.open_of_document(document, reason=Reason.TIMEOUT, why="Too slow.", at=clock.now())
        Check.objects.create(
            document=document, declaration=version.declaration, outcome=Outcome.FIRST.value, observed_at=clock.now()
        )
    return {
        "check": Check.objects.get().pk,
        "incident": document.incidents.get().pk,
        "version": version.pk,
        "snapshot": snapshot.pk,
        "ledgerentry": LedgerEntry.objects.get().pk,
    }


@pytest.mark.parametrize("role", ["analyst", "editor", "operator"])
@pytest.mark.parametrize("model", MODELS)
def test_staff_see_lists_and_rows(evidence: dict[str, int], model: str, role: str) -> None:
    client = signed_in(staff(role))

    assert client.get(f"/admin/archive/{model}/").status_code == 200
    assert client.get(f"/admin/archive/{model}/{evidence[model]}/change/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_nobody_changes_adds_or_deletes(desk: Client, evidence: dict[str, int], model: str) -> None:
    row = f"/admin/archive/{model}/{evidence[model]}"

    assert desk.post(f"{row}/change/", {"document": "1"}).status_code == 403
    assert desk.post(f"{row}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get(f"/admin/archive/{model}/add/").status_code == 403


def test_the_checks_of_one_document_can_be_listed(desk: Client, evidence: dict[str, int]) -> None:
    other = factories.version(factories.document(title="Another one"))

    page = desk.get(f"/admin/archive/check/?document__id__exact={other.document_id}")

    assert page.status_code == 200
    assert "Terms of Service" not in page.content.decode()
