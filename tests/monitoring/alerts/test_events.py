from datetime import timedelta

import pytest

from accounts import tenancy
from atlas.kernel import clock
from monitoring.alerts import events
from monitoring.alerts.models import Event, EventKind
from monitoring.changes.models import Change
from tests import factories

pytestmark = pytest.mark.django_db


def announce(change: Change) -> Event | None:
    with tenancy.system_scope("a test announces"):
        return events.announce_change(change=change, moment=clock.now())


@pytest.mark.parametrize("state", ["approved", "automatic"])
@pytest.mark.parametrize("significance", ["minor", "substantive"])
def test_a_released_change_makes_an_event(state: str, significance: str) -> None:
    change = factories.change(significance=significance)
    factories.release(change, state=state)

    event = announce(change)

    assert event is not None
    assert (event.kind, event.platform) == (EventKind.CHANGE_RELEASED, change.document.platform)


@pytest.mark.parametrize("state", ["pending", "held", "suppressed"])
def test_a_change_that_nobody_let_out_makes_no_event(state: str) -> None:
    change = factories.change()
    factories.release(change, state=state)

    assert announce(change) is None


@pytest.mark.parametrize("significance", ["none", "cosmetic"])
def test_a_change_of_form_makes_no_event(significance: str) -> None:
    change = factories.change(significance=significance)
    factories.release(change)

    assert announce(change) is None


@pytest.mark.parametrize("cause", ["declaration", "extractor", "import"])
def test_our_own_new_reading_makes_no_event(cause: str) -> None:
    change = factories.change(cause=cause)
    factories.release(change)

    assert announce(change) is None


def test_a_change_announced_twice_makes_one_event() -> None:
    change = factories.change()
    factories.release(change)

    first, second = announce(change), announce(change)

    assert first == second
    with tenancy.system_scope("count"):
        assert Event.objects.count() == 1


def test_a_published_finding_is_announced_once() -> None:
    finding = factories.finding(state="draft")
    with tenancy.system_scope("a test announces"):
        assert events.announce_finding(finding=finding, moment=clock.now()) is None
    published = factories.finding(factories.provision(type="training"))

    with tenancy.system_scope("a test announces"):
        events.announce_finding(finding=published, moment=clock.now() + timedelta(days=1))

        assert Event.objects.get().finding == published
