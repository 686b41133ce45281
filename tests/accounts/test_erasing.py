"""What can be erased when its time has come, and what stays: the rows of the audit log, without a name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from accounts import organizations, services, tenancy
from accounts.models import AuditEntry, Membership, Organization, User
from atlas.kernel import clock
from billing.models import Grant
from monitoring.alerts.models import Delivery, Digest, InboxItem, Preferences
from monitoring.changes.models import Release
from monitoring.findings.models import FindingRevision
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    """A member of an organization with all that an organization has, who is one of our analysts too."""
    member = factories.member("alice@example.org", plan="watcher")
    organization, now = member.organization, clock.now()
    platform = factories.document().platform
    factories.watch(member, platform, added_by=member.user)
    with tenancy.system_scope("what was told and done"):
        mine = {"organization": organization, "membership": member}
        digest = Digest.objects.create(**mine, period_start=now - timedelta(days=7), period_end=now)
        Delivery.objects.create(**mine, digest=digest)
        InboxItem.objects.create(**mine, digest=digest)
        Preferences.objects.create(**mine)
        Grant.objects.create(organization=organization, plan_slug="watcher", reason="test", granted_by=member.user)
        services.record(organization=organization, actor=member.user, action="platform.followed", platform="x")
    factories.release(decided_by=member.user)
    factories.finding(author=member.user)
    return member


def test_organization_is_erased_and_its_audit_log_stays(alice: Membership) -> None:
    with tenancy.system_scope("erase an organization"):
        pk = alice.organization_id
        alice.organization.delete()
        connection.check_constraints()

        assert not Organization.objects.filter(pk=pk).exists()
        assert not Digest.objects.exists()
        assert AuditEntry.objects.get(organization_id=pk).action == "platform.followed"


def test_user_is_erased_and_what_they_decided_stands(alice: Membership) -> None:
    with tenancy.system_scope("erase a user"):
        pk = alice.user_id
        alice.user.delete()
        connection.check_constraints()

        assert not User.objects.filter(pk=pk).exists()
        assert Release.objects.get().decided_by_id == pk
        assert FindingRevision.objects.get().author_id == pk
        assert AuditEntry.objects.get().actor_id == pk


def test_audit_log_holds_no_name_of_the_organization(alice: Membership) -> None:
    with tenancy.scope(alice.organization, alice.user):
        organizations.rename(membership=alice, name="Alice & Daughters")

        assert "Alice" not in str(AuditEntry.objects.filter(action="organization.renamed").values_list("detail"))
        assert Organization.objects.get(pk=alice.organization_id).name == "Alice & Daughters"
