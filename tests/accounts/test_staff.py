import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts import staff, tenancy
from accounts.models import StaffRole, User
from tests import factories

pytestmark = pytest.mark.django_db


def rights_of(role: StaffRole) -> set[str]:
    permissions = Permission.objects.filter(group__name=role.value).select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def give(user: User, role: StaffRole | None) -> User:
    with tenancy.system_scope("a role for a test"):
        staff.give_role(user=user, role=role)
    return User.objects.get(pk=user.pk)


def test_each_role_has_its_group_after_the_migrations() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(StaffRole.values)


def test_operators_see_people_and_grant_plans_and_delete_nothing() -> None:
    rights = rights_of(StaffRole.OPERATOR)

    assert {"accounts.change_user", "billing.add_grant", "billing.change_grant"} <= rights
    assert not [right for right in rights if ".delete_" in right]


@pytest.mark.parametrize("role", [StaffRole.ANALYST, StaffRole.EDITOR])
def test_analysts_and_editors_have_nothing_to_do_with_people_or_plans(role: StaffRole) -> None:
    assert not [right for right in rights_of(role) if right.startswith(("accounts.", "billing."))]


def test_every_right_that_an_app_asks_for_exists() -> None:
    for role, rights in staff._rights.items():
        assert len(rights_of(role)) == sum(len(verbs) for verbs in rights.values())


def test_a_role_opens_the_admin_and_its_end_closes_it(client: Client) -> None:
    user = factories.user()
    client.force_login(give(user, StaffRole.ANALYST))
    opened = client.get("/admin/", follow=True).status_code

    client.force_login(give(user, None))

    assert (opened, client.get("/admin/", follow=True).status_code) == (200, 403)


def test_another_role_takes_the_first_ones_rights() -> None:
    user = factories.user()
    give(user, StaffRole.OPERATOR)

    assert not give(user, StaffRole.ANALYST).has_perm("billing.add_grant")


def test_operator_makes_a_person_an_analyst(client: Client) -> None:
    client.force_login(give(factories.user("operator@example.org"), StaffRole.OPERATOR))
    person = factories.user("person@example.org")

    client.post(f"/admin/accounts/user/{person.pk}/change/", {"staff_role": "analyst", "is_active": "on"})

    person = User.objects.get(pk=person.pk)
    assert (person.is_staff, [group.name for group in person.groups.all()]) == (True, ["analyst"])


def test_operator_cannot_add_or_delete_people(client: Client) -> None:
    client.force_login(give(factories.user("operator@example.org"), StaffRole.OPERATOR))
    person = factories.user("person@example.org")

    answers = [client.get(f"/admin/accounts/user/{path}/").status_code for path in ("add", f"{person.pk}/delete")]

    assert answers == [403, 403]


def test_analyst_cannot_see_people(client: Client) -> None:
    client.force_login(give(factories.user(), StaffRole.ANALYST))

    assert client.get("/admin/accounts/user/").status_code == 403
