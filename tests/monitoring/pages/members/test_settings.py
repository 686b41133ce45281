import pytest
from django.test import Client

from accounts import services, tenancy
from accounts.models import AuditEntry, Membership, Organization, Role
from monitoring import pipeline
from monitoring.alerts.preferences import preferences_of
from tests import factories

pytestmark = pytest.mark.django_db


def test_name_and_time_zone_are_kept(as_alice: Client, alice: Membership) -> None:
    as_alice.post("/settings/", {"name": " Alice ", "time_zone": "Asia/Tokyo"})

    alice.user.refresh_from_db()
    assert (alice.user.name, alice.user.time_zone) == ("Alice", "Asia/Tokyo")


def test_a_time_zone_that_doesnt_exist_is_refused(as_alice: Client, alice: Membership) -> None:
    page = as_alice.post("/settings/", {"name": "Alice", "time_zone": "Mars/Base"}).content.decode()

    alice.user.refresh_from_db()
    assert "Select a valid choice" in page
    assert alice.user.time_zone == "UTC"


def test_a_new_time_zone_moves_the_next_digest(as_alice: Client, alice: Membership) -> None:
    as_alice.get("/settings/notifications/")

    as_alice.post("/settings/", {"name": "", "time_zone": "Asia/Tokyo"})
    pipeline.make_digests()

    with tenancy.scope(alice.organization_id, alice.user_id):
        due = preferences_of(alice).next_digest_at
    assert due is not None
    assert (due.weekday(), due.hour) == (6, 23)  # Monday, 08:00 in Tokyo


def test_everything_is_told_unless_chosen_otherwise(as_alice: Client) -> None:
    form = as_alice.get("/settings/notifications/").context["form"]

    assert form.initial == {"same_day": True, "minor_same_day": False, "weekly_digest": True}


def test_what_is_told_is_kept(as_alice: Client, alice: Membership) -> None:
    as_alice.post("/settings/notifications/", {"minor_same_day": "on"})

    with tenancy.scope(alice.organization_id, alice.user_id):
        chosen = preferences_of(alice)
    assert (chosen.same_day, chosen.minor_same_day, chosen.weekly_digest) == (False, True, False)


def test_a_colleagues_choices_stay(as_alice: Client, alice: Membership) -> None:
    bob = factories.member("bob@example.org", of=alice.organization)

    as_alice.post("/settings/notifications/", {})

    with tenancy.scope(bob.organization_id, bob.user_id):
        assert preferences_of(bob).weekly_digest


def test_the_free_plan_says_what_it_sends(client: Client) -> None:
    client.force_login(factories.member("bob@example.org").user)

    assert "The Free plan sends the weekly digest." in client.get("/settings/notifications/").content.decode()


def test_plan_and_use_are_shown(as_alice: Client, alice: Membership) -> None:
    factories.watch(alice, factories.platform())

    page = as_alice.get("/settings/organization/").content.decode()

    assert "Watcher, granted" in page
    assert "1 of 10 platforms" in page


def test_admin_renames_the_organization(as_alice: Client, alice: Membership) -> None:
    as_alice.post("/settings/organization/", {"name": "Example & Sons"})

    with tenancy.scope(alice.organization_id, alice.user_id):
        assert Organization.objects.get().name == "Example & Sons"
        assert AuditEntry.objects.get().action == "organization.renamed"


def test_member_cannot_rename_the_organization(client: Client, alice: Membership) -> None:
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)
    client.force_login(bob.user)

    assert client.post("/settings/organization/", {"name": "Bob's"}).status_code == 403
    with tenancy.scope(alice.organization_id, alice.user_id):
        assert Organization.objects.get().name == alice.organization.name


def test_admin_reads_the_audit_log(as_alice: Client, alice: Membership) -> None:
    factories.platform("Wrenfold")
    with tenancy.scope(alice.organization_id, alice.user_id):
        services.record(
            organization=alice.organization, actor=alice.user, action="platform.followed", platform="wrenfold"
        )

    assert "followed Wrenfold" in as_alice.get("/settings/organization/audit/").content.decode()


def test_what_staff_did_is_told_with_the_reason_and_without_a_name(as_alice: Client, alice: Membership) -> None:
    operator = factories.user("operator@example.org", is_staff=True)
    services.look_into(operator=operator, organization_id=alice.organization_id, reason="asked by phone")

    [line] = as_alice.get("/settings/organization/audit/").context["lines"]

    assert (line.who, line.what, line.why) == ("ConductAtlas staff", "looked into the organization", "asked by phone")


def test_member_cannot_read_the_audit_log(client: Client, alice: Membership) -> None:
    bob = factories.member("bob@example.org", of=alice.organization, role=Role.MEMBER)
    client.force_login(bob.user)

    assert client.get("/settings/organization/audit/").status_code == 403


def test_the_audit_log_of_another_organization_isnt_shown(as_alice: Client) -> None:
    bob = factories.member("bob@example.org")
    with tenancy.scope(bob.organization_id, bob.user_id):
        services.record(organization=bob.organization, actor=bob.user, action="platform.followed", platform="secret")

    assert as_alice.get("/settings/organization/audit/").context["lines"] == []
