import pytest

from accounts import tenancy
from monitoring.archive.models import Version
from monitoring.changes.models import Change
from monitoring.findings.models import Finding
from monitoring.watching.models import WatchlistItem
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_released_change_is_worth_showing_to_everybody() -> None:
    made = factories.released_change()

    assert list(Change.objects.worth_showing()) == [made]
    assert list(Version.objects.released().order_by("observed_at")) == [made.old, made.new]


def test_an_undecided_change_is_shown_to_nobody() -> None:
    made = factories.release(state="pending").change

    assert not Change.objects.released().exists()
    assert list(Version.objects.released()) == [made.old]


def test_a_published_finding_quotes_its_version_character_for_character() -> None:
    found = Finding.objects.published().get(pk=factories.finding().pk)

    assert found.published is not None
    excerpt = found.published.excerpts.get()
    assert factories.text_of(excerpt.version).text[excerpt.start : excerpt.end] == excerpt.exact


def test_a_member_of_a_plan_follows_a_platform() -> None:
    alice = factories.member("alice@example.org", plan="watcher")
    factories.watch(alice, factories.platform("Lumen"))

    with tenancy.scope(alice.organization, alice.user):
        assert alice.organization.entitlement.plan.name == "Watcher"
        assert WatchlistItem.objects.active().get().platform.name == "Lumen"
