import pytest

from accounts import organizations, tenancy
from accounts.models import AuditEntry, Entitlement, Membership, Organization, Role, User

pytestmark = pytest.mark.django_db


def test_everybody_gets_a_personal_organization_on_the_free_plan() -> None:
    alice = User.objects.create_user("Alice@Example.org", "secret")

    membership = organizations.open_personal(user=alice)

    with tenancy.scope(membership.organization_id, alice):
        assert Membership.objects.get().role == Role.OWNER
        assert Organization.objects.get().name == "alice@example.org"
        assert Entitlement.objects.get().plan.name == "Free"
        assert AuditEntry.objects.get().action == "organization.opened"


def test_a_second_call_opens_no_second_organization() -> None:
    alice = User.objects.create_user("alice@example.org", "secret")

    assert organizations.open_personal(user=alice) == organizations.open_personal(user=alice)


def test_outside_of_a_scope_there_are_no_memberships() -> None:
    organizations.open_personal(user=User.objects.create_user("alice@example.org", "secret"))

    assert Membership.objects.count() == 0
