from datetime import datetime, timedelta

import pytest
from django.conf import settings

from accounts import tenancy
from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline, retention
from monitoring.alerts.models import Delivery, DeliveryState, InboxItem
from monitoring.archive import incidents, recording
from monitoring.archive.models import Check, Picture, Version
from monitoring.fetching.outcomes import Outcome, Reason
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def alice() -> Membership:
    """Follows a platform and was told of one change of it, by mail and in the inbox."""
    membership = factories.member("alice@example.org", plan="watcher")
    lumen = factories.platform("Lumen")
    factories.watch(membership, lumen)
    factories.released_change(factories.document(lumen))
    pipeline.fan_out()
    return membership


def checked(at: datetime) -> int:
    of = factories.document()
    with tenancy.system_scope("record a check"):
        return Check.objects.create(
            document=of,
            declaration=factories.declaration(of),
            outcome=Outcome.UNCHANGED,
            observed_at=at,
            recorded_at=at,
        ).pk


def left(model: type[Check] | type[Delivery] | type[InboxItem] | type[Picture] | type[Version]) -> set[int]:
    with tenancy.system_scope("look at what is left"):
        return set(model.objects.values_list("pk", flat=True))


def test_a_check_goes_after_its_retention_and_not_a_day_before() -> None:
    old = checked(clock.now() - settings.CHECK_RETENTION - DAY)
    young = checked(clock.now() - settings.CHECK_RETENTION + DAY)

    assert retention.forget_old() == 1

    assert left(Check) == {young}
    assert old not in left(Check)


def test_no_more_than_the_batch_goes_at_once_and_the_oldest_first() -> None:
    moment = clock.now() - settings.CHECK_RETENTION
    written = [checked(moment - days * DAY) for days in (3, 2, 1)]

    assert retention.forget_old(batch=2) == 2
    assert left(Check) == {written[-1]}
    assert retention.forget_old(batch=2) == 1
    assert retention.forget_old(batch=2) == 0


def test_a_delivery_that_waits_stays_however_old_it_is(alice: Membership) -> None:
    with tenancy.system_scope("age the delivery"):
        Delivery.objects.update(created_at=clock.now() - settings.DELIVERY_RETENTION - DAY)

    assert retention.forget_old() == 0
    assert len(left(Delivery)) == 1


def test_a_sent_delivery_goes_and_the_member_isnt_told_again(alice: Membership) -> None:
    with tenancy.system_scope("age the delivery"):
        Delivery.objects.update(
            state=DeliveryState.SENT, sent_at=clock.now(), created_at=clock.now() - settings.DELIVERY_RETENTION - DAY
        )

    assert retention.forget_old() == 1
    pipeline.fan_out()

    assert left(Delivery) == set()


def test_what_stands_in_an_inbox_goes_after_its_own_retention(alice: Membership) -> None:
    with tenancy.system_scope("age the inbox"):
        InboxItem.objects.update(created_at=clock.now() - settings.INBOX_RETENTION - DAY)

    assert retention.forget_old() == 1
    assert left(InboxItem) == set()


def test_a_picture_of_a_failure_goes_after_its_retention_and_the_incident_stays() -> None:
    document, taken = factories.document(), clock.now()
    with tenancy.system_scope("a document fails"):
        incidents.open_of_document(document, reason=Reason.SOFT_404, why="gone", at=taken)
        recording.keep_picture(document, jpeg=b"an older picture", at=taken - 50 * DAY)
        recording.keep_picture(document, jpeg=b"a picture", at=taken)

    with clock.at(taken + settings.PICTURE_RETENTION - DAY):
        assert retention.forget_old() == 0
    with clock.at(taken + settings.PICTURE_RETENTION + DAY):
        assert retention.forget_old() == 1

    assert left(Picture) == set()
    with tenancy.system_scope("look"):
        assert document.incidents.get().why == "gone"


def test_evidence_is_kept_for_ever(alice: Membership) -> None:
    kept = left(Version)
    later = clock.now() + 100 * settings.INBOX_RETENTION

    with clock.at(later):
        retention.forget_old()

    assert kept
    assert left(Version) == kept
