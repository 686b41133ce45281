from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts import tenancy
from accounts.models import Membership
from atlas.demo.processes import free_port
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts import outbox
from monitoring.alerts.models import Delivery, DeliveryState, Preferences
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Finding, FindingState
from tests import factories
from tests.wire.smtp import Mailbox

pytestmark = pytest.mark.django_db

SENT = outbox.Answer(DeliveryState.SENT)


@pytest.fixture
def lumen() -> Platform:
    return factories.platform("Lumen")


@pytest.fixture
def alice(lumen: Platform) -> Membership:
    membership = factories.member("alice@example.org", plan="watcher")
    factories.watch(membership, lumen)
    return membership


@pytest.fixture
def delivery(alice: Membership, lumen: Platform) -> Delivery:
    """Alice's waiting mail about a change of Lumen."""
    factories.released_change(factories.document(lumen))
    pipeline.fan_out()
    return only()


def only() -> Delivery:
    with tenancy.system_scope("read"):
        return Delivery.objects.get()


def claim(after: timedelta = timedelta()) -> outbox.Claim | None:
    with tenancy.system_scope("claim"):
        return outbox.claim(moment=clock.now() + after)


def note(claimed: outbox.Claim, answer: outbox.Answer) -> bool:
    with tenancy.system_scope("note"):
        return outbox.note(claimed, answer, moment=clock.now())


def test_a_waiting_delivery_is_sent_once(delivery: Delivery, mailbox: Mailbox) -> None:
    assert (pipeline.deliver(), pipeline.deliver()) == (1, 0)

    assert [message["To"] for message in mailbox.messages] == ["alice@example.org"]
    assert only().state == DeliveryState.SENT
    assert only().sent_at is not None


def test_two_workers_never_get_the_same_delivery(delivery: Delivery) -> None:
    assert (claim() is not None, claim() is not None) == (True, False)


def test_a_delivery_of_a_dead_worker_is_sent_again_under_the_same_message_id(
    delivery: Delivery, mailbox: Mailbox
) -> None:
    claimed = claim()
    with tenancy.system_scope("write"):
        letter = outbox.write(claimed) if claimed else None
    assert isinstance(letter, outbox.Letter)
    outbox.send(letter)  # and the worker dies before it notes the answer

    with clock.at(clock.now() + outbox.LEASE):
        pipeline.deliver()

    assert len(mailbox.messages) == 2
    assert len({message["Message-ID"] for message in mailbox.messages}) == 1


def test_a_worker_that_slept_past_its_lease_notes_nothing(delivery: Delivery) -> None:
    slow, quick = claim(), claim(after=outbox.LEASE)
    assert slow is not None
    assert quick is not None

    assert not note(slow, outbox.Answer(DeliveryState.FAILED, "too late"))
    assert note(quick, SENT)

    assert (only().state, only().last_error) == (DeliveryState.SENT, "")


def test_a_temporary_failure_is_tried_again_later_and_later(delivery: Delivery, mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try again later"
    start = clock.now()
    waits = []
    moment = start
    for _ in range(4):
        with clock.at(moment):
            assert pipeline.deliver() == 1
        waits.append(only().next_try_at - moment)
        moment = only().next_try_at

    assert waits == list(outbox.DELAYS[:4])
    assert only().state == DeliveryState.WAITING
    assert "451" in only().last_error


def test_a_refused_address_is_not_tried_again(delivery: Delivery, mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such user"

    pipeline.deliver()

    assert (only().state, only().attempts) == (DeliveryState.FAILED, 1)
    assert "550" in only().last_error


def test_a_server_that_never_takes_it_makes_the_delivery_fail_in_the_end(delivery: Delivery, mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try again later"
    tries = 0
    while only().state == DeliveryState.WAITING:
        with clock.at(only().next_try_at):
            tries += pipeline.deliver()

    assert only().state == DeliveryState.FAILED
    assert tries == len(outbox.DELAYS) + 1


def test_a_delivery_whose_sending_kills_its_worker_comes_to_an_end(delivery: Delivery, mailbox: Mailbox) -> None:
    with tenancy.system_scope("killed again and again"):
        Delivery.objects.update(attempts=len(outbox.DELAYS) + 1)

    pipeline.deliver()

    assert only().state == DeliveryState.FAILED
    assert mailbox.messages == []


def test_who_unsubscribes_in_the_meantime_gets_no_mail(delivery: Delivery, alice: Membership, mailbox: Mailbox) -> None:
    with tenancy.scope(alice.organization_id, alice.user_id):
        Preferences.objects.create(organization=alice.organization, membership=alice, same_day=False)

    pipeline.deliver()

    assert (only().state, mailbox.messages) == (DeliveryState.CANCELLED, [])


def test_an_address_that_nobody_verified_gets_no_mail(delivery: Delivery, alice: Membership, mailbox: Mailbox) -> None:
    with tenancy.system_scope("not verified"):
        alice.user.emailaddress_set.update(verified=False)  # type: ignore[attr-defined]

    pipeline.deliver()

    assert (only().state, mailbox.messages) == (DeliveryState.CANCELLED, [])


def test_a_finding_that_is_retracted_in_the_meantime_is_not_sent(
    alice: Membership, lumen: Platform, mailbox: Mailbox
) -> None:
    finding = factories.finding(factories.provision(factories.document(lumen)))
    pipeline.fan_out()
    with tenancy.system_scope("retract"):
        Finding.objects.filter(pk=finding.pk).update(
            state=FindingState.RETRACTED, retracted_at=clock.now(), retracted_because="The excerpt was misread."
        )

    pipeline.deliver()

    assert (only().state, mailbox.messages) == (DeliveryState.CANCELLED, [])


def test_a_member_who_leaves_in_the_meantime_gets_no_mail(
    delivery: Delivery, alice: Membership, mailbox: Mailbox
) -> None:
    claimed = claim()
    assert claimed is not None
    with tenancy.system_scope("leave"):
        alice.delete()
        answer = outbox.write(claimed)

    assert isinstance(answer, outbox.Answer)
    assert answer.state == DeliveryState.CANCELLED
    assert not note(claimed, answer)


def test_a_mail_that_cannot_be_written_does_not_hold_up_the_next(
    delivery: Delivery, alice: Membership, lumen: Platform, mailbox: Mailbox
) -> None:
    with tenancy.system_scope("facts that no mail can be made of"):
        Change.objects.update(reasons=["no rule"])
    factories.released_change(factories.document(lumen, "Privacy Policy"), headline="Another change")
    pipeline.fan_out()

    assert pipeline.deliver() == 2

    assert [message["Subject"] for message in mailbox.messages] == ["Lumen changed its Privacy Policy: Another change"]
    with tenancy.system_scope("read"):
        delivery.refresh_from_db()
    assert delivery.state == DeliveryState.WAITING
    assert delivery.next_try_at > clock.now()


def test_one_that_fails_does_not_hold_up_the_next(delivery: Delivery, lumen: Platform, mailbox: Mailbox) -> None:
    with tenancy.system_scope("an address that no header can hold"):
        user = delivery.membership.user
        user.email = "alice@example.org\nBcc: charlie@example.org"
        user.save()
        user.emailaddress_set.update(email=user.email)  # type: ignore[attr-defined]
    bob = factories.member("bob@example.org", plan="watcher")
    factories.watch(bob, lumen)
    factories.released_change(factories.document(lumen, "Privacy Policy"))
    pipeline.fan_out()

    pipeline.deliver()

    assert [message["To"] for message in mailbox.messages] == ["bob@example.org"]


def test_nobody_waits_for_a_mail_server_that_is_away_more_than_once(
    alice: Membership, lumen: Platform, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    factories.released_change(factories.document(lumen))
    factories.released_change(factories.document(lumen, "Privacy Policy"))
    pipeline.fan_out()

    pipeline.deliver()

    with tenancy.system_scope("read"):
        assert sorted(Delivery.objects.values_list("state", "attempts")) == [("waiting", 0), ("waiting", 1)]
