from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client

from accounts import looking, staff, tenancy
from accounts.models import AuditEntry, Membership, StaffRole, User
from atlas.kernel import clock
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = "/admin/look-into/"
GRANTS = "/admin/billing/grant/"


def colleague(role: StaffRole) -> User:
    made = factories.user(f"{role.value}@example.org")
    with tenancy.system_scope("a role for a test"):
        staff.give_role(user=made, role=role)
    return made


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


@pytest.fixture
def as_operator(client: Client) -> Client:
    client.force_login(colleague(StaffRole.OPERATOR))
    return client


def audited(of: Membership) -> list[tuple[str, object]]:
    with tenancy.scope(of.organization_id, of.user_id):
        return list(AuditEntry.objects.values_list("action", "detail__reason"))


@pytest.mark.parametrize("sought", ["alice@example.org", "Alice@Example.ORG "])
def test_an_organization_is_found_by_a_members_address(as_operator: Client, alice: Membership, sought: str) -> None:
    response = as_operator.post(PAGE, {"sought": sought, "reason": "asked by phone"})

    assert response.headers["Location"] == GRANTS
    assert audited(alice) == [("staff.looked_in", "asked by phone")]


def test_an_organization_is_found_by_its_id(as_operator: Client, alice: Membership) -> None:
    as_operator.post(PAGE, {"sought": alice.organization.typeid, "reason": "asked by phone"})

    assert audited(alice) == [("staff.looked_in", "asked by phone")]


def test_who_is_in_several_is_asked_back(as_operator: Client, alice: Membership) -> None:
    second = factories.organization("Second Ltd")
    with tenancy.system_scope("a second organization for a test"):
        Membership.objects.create(organization=second, user=alice.user)
    typed = {"sought": "alice@example.org", "reason": "asked by phone"}

    page = as_operator.post(PAGE, typed).content.decode()
    chosen = as_operator.post(PAGE, {**typed, "organization": str(second.pk)})

    assert second.typeid in page
    assert "Second Ltd" not in page
    assert chosen.headers["Location"] == GRANTS
    assert audited(alice) == []


def test_an_organization_that_wasnt_found_cant_be_chosen(as_operator: Client, alice: Membership) -> None:
    bob = factories.member("bob@example.org")

    as_operator.post(PAGE, {"sought": "alice@example.org", "reason": "x", "organization": str(bob.organization_id)})

    assert audited(bob) == []


def test_without_a_reason_nobody_looks(as_operator: Client, alice: Membership) -> None:
    as_operator.post(PAGE, {"sought": "alice@example.org", "reason": " "})

    assert audited(alice) == []
    assert looking.SESSION_KEY not in as_operator.session


def test_an_unknown_address_says_so(as_operator: Client) -> None:
    assert (
        "No organization has this id" in as_operator.post(PAGE, {"sought": "x@y.org", "reason": "x"}).content.decode()
    )


def test_looking_ends_after_an_hour(as_operator: Client, alice: Membership) -> None:
    as_operator.post(PAGE, {"sought": "alice@example.org", "reason": "asked by phone"})
    shown = as_operator.get(GRANTS).status_code

    with clock.at(clock.now() + timedelta(hours=1)):
        later = as_operator.get(GRANTS)

    assert (shown, later.headers["Location"]) == (200, PAGE)


def test_looking_ends_by_a_button(as_operator: Client, alice: Membership) -> None:
    as_operator.post(PAGE, {"sought": "alice@example.org", "reason": "asked by phone"})

    as_operator.post(PAGE, {"stop": "1"})

    assert as_operator.get(GRANTS).headers["Location"] == PAGE


@pytest.mark.parametrize("role", [StaffRole.ANALYST, StaffRole.EDITOR])
def test_analyst_and_editor_cannot_look_into_an_organization(
    client: Client, alice: Membership, role: StaffRole
) -> None:
    client.force_login(colleague(role))

    answer = client.post(PAGE, {"sought": "alice@example.org", "reason": "curious"})

    assert answer.status_code == 403
    assert audited(alice) == []


def test_member_cannot_open_the_page(client: Client, alice: Membership) -> None:
    client.force_login(alice.user)

    assert client.get(PAGE).headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("function", sorted(tenancy.LOOKUPS))
def test_look_ups_are_for_their_role_alone(function: str) -> None:
    rights = []
    for role in ("atlas_web", "atlas_worker", "atlas_staff"):
        with connection.cursor() as cursor:
            cursor.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [role, function])
            rights.append((role, cursor.fetchone()[0]))

    assert [role for role, granted in rights if granted] == [tenancy.LOOKUPS[function]]


def test_every_function_with_its_owners_rights_is_listed() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            # Nobody can call a trigger's function.
            " WHERE p.prosecdef AND n.nspname = 'public' AND p.prorettype <> 'trigger'::regtype"
        )
        found = {row[0] for row in cursor.fetchall()}

    assert found == set(tenancy.LOOKUPS)


def test_a_look_up_as_web_is_refused(alice: Membership) -> None:
    with (
        tenancy.scope(alice.organization_id, alice.user_id),
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError),
        transaction.atomic(),
    ):
        cursor.execute("SELECT id FROM accounts_organizations_of_address('alice@example.org')")
