from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts import staff, tenancy
from accounts.models import AuditEntry, Entitlement, Membership, StaffRole
from atlas.kernel import clock
from billing.models import Grant
from tests import factories

pytestmark = pytest.mark.django_db
GRANTS = "/admin/billing/grant/"


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


@pytest.fixture
def operator(client: Client, alice: Membership) -> Client:
    """An operator who looks into Alice's organization."""
    person = factories.user("operator@example.org")
    with tenancy.system_scope("a role for a test"):
        staff.give_role(user=person, role=StaffRole.OPERATOR)
    client.force_login(person)
    client.post("/admin/look-into/", {"sought": "alice@example.org", "reason": "asked by phone"})
    return client


def grant(operator: Client, fields: dict[str, str] | None = None, *, days: int = 30) -> str:
    """Fill in the form; the page that comes back."""
    until = clock.now() + timedelta(days=days)
    data = {"plan_slug": "watcher", "until_0": f"{until:%Y-%m-%d}", "until_1": f"{until:%H:%M:%S}", "reason": "a trial"}
    return operator.post(f"{GRANTS}add/", {**data, **(fields or {})}, follow=True).content.decode()


def entitlement(of: Membership) -> Entitlement:
    with tenancy.scope(of.organization_id, of.user_id):
        return Entitlement.objects.get()


def test_operator_grants_a_plan_with_an_end_and_a_reason(operator: Client, alice: Membership) -> None:
    grant(operator)

    row = entitlement(alice)
    assert (row.plan.slug, row.reason, row.until is not None) == ("watcher", "a trial", True)


def test_the_page_says_what_the_organization_has(operator: Client, alice: Membership) -> None:
    page = grant(operator)

    assert f"{alice.organization.name}</b> has the plan Watcher until" in page.replace("&#x27;", "'")


@pytest.mark.parametrize("fields", [{"until_0": "", "until_1": ""}, {"reason": ""}, {"plan_slug": "free"}])
def test_a_grant_needs_an_end_a_reason_and_a_plan(operator: Client, alice: Membership, fields: dict[str, str]) -> None:
    grant(operator, fields)

    assert entitlement(alice).plan.slug == "free"


def test_an_end_in_the_past_is_refused(operator: Client, alice: Membership) -> None:
    assert "This end has passed already." in grant(operator, days=-1)
    assert entitlement(alice).plan.slug == "free"


def test_operator_takes_a_grant_back(operator: Client, alice: Membership) -> None:
    grant(operator)
    with tenancy.scope(alice.organization_id, alice.user_id):
        given = Grant.objects.get()

    operator.post(f"{GRANTS}{given.pk}/change/", {"because": "a mistake"})

    assert entitlement(alice).plan.slug == "free"
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert AuditEntry.objects.get(action="plan.revoked").detail["reason"] == "a mistake"


def test_a_grant_that_was_taken_back_cant_be_changed(operator: Client, alice: Membership) -> None:
    grant(operator)
    with tenancy.scope(alice.organization_id, alice.user_id):
        given = Grant.objects.get()
    operator.post(f"{GRANTS}{given.pk}/change/", {"because": "a mistake"})

    assert operator.post(f"{GRANTS}{given.pk}/change/", {"because": "again"}).status_code == 403


def test_grants_of_others_are_not_there(operator: Client) -> None:
    bob = factories.member("bob@example.org")
    with tenancy.system_scope("a grant for a test"):
        other = Grant.objects.create(organization=bob.organization, plan_slug="watcher", reason="Bob's")

    assert "Bob" not in operator.get(GRANTS).content.decode()
    assert operator.get(f"{GRANTS}{other.pk}/change/").status_code == 302
    with tenancy.scope(bob.organization_id, bob.user_id):
        assert Grant.objects.get().revoked_at is None


def test_without_looking_into_an_organization_nothing_is_granted(operator: Client, alice: Membership) -> None:
    operator.post("/admin/look-into/", {"stop": "1"})

    assert operator.get(f"{GRANTS}add/").status_code == 403


def test_the_admins_own_history_doesnt_name_the_tenant(operator: Client, alice: Membership) -> None:
    grant(operator)

    assert "alice" not in LogEntry.objects.get().object_repr
