"""Who gets to the desk, and who may do what there."""

from __future__ import annotations

import pytest
from django.test import Client

from monitoring.changes.models import Release
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db

PAGES = ["/admin/", "/admin/desk/queue/"]


@pytest.mark.parametrize("address", PAGES)
def test_visitor_is_sent_to_sign_in_and_back(client: Client, address: str) -> None:
    answer = client.get(address, follow=True)

    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=/admin/")


@pytest.mark.parametrize("address", PAGES)
def test_member_is_refused(address: str) -> None:
    charlie = factories.member().user

    assert signed_in(charlie).get(address, follow=True).status_code == 403


def test_staff_without_a_role_is_refused() -> None:
    assert signed_in(factories.user(is_staff=True)).get("/admin/desk/queue/").status_code == 403


def test_role_without_being_staff_is_refused() -> None:
    assert signed_in(factories.user(staff_role="analyst")).get("/admin/desk/queue/").status_code == 403


@pytest.mark.parametrize("role", ["analyst", "editor"])
def test_analysts_begin_with_the_queue(role: str) -> None:
    assert signed_in(staff(role)).get("/admin/")["Location"] == "/admin/desk/queue/"


def test_sign_in_never_leads_to_another_site(desk: Client) -> None:
    assert desk.get("/admin/login/?next=https://elsewhere.example/")["Location"] == "/admin/"


def test_operator_reads_a_change_and_can_not_decide() -> None:
    change = factories.release(state="pending").change
    operator = signed_in(staff("operator"))
    address = f"/admin/desk/queue/{change.typeid}/"

    assert operator.get(address).status_code == 200
    assert operator.post(address, {"decision": "approve", "words": "It changed."}).status_code == 403
    assert Release.objects.get(change=change).state == "pending"


def test_answers_are_stored_by_nobody(desk: Client) -> None:
    assert "no-store" in desk.get("/admin/desk/queue/")["Cache-Control"]


def test_editor_decides() -> None:
    change = factories.release(state="pending").change

    signed_in(staff("editor")).post(
        f"/admin/desk/queue/{change.typeid}/", {"decision": "approve", "words": "It changed."}
    )

    assert Release.objects.get(change=change).state == "approved"
