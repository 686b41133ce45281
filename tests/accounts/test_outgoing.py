from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings
from structlog.testing import capture_logs

from accounts import outgoing
from accounts.models import OutgoingMail
from accounts.tasks import send_mails
from atlas.demo.processes import free_port
from atlas.kernel import clock
from tests.wire.smtp import Mailbox, smtp_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with smtp_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


def a_mail(number: int = 1) -> OutgoingMail:
    return OutgoingMail.objects.create(
        recipient="alice@example.org",
        subject="A code",
        text="BKNJ-NJMV",
        html="<b>BKNJ-NJMV</b>",
        message_id=f"<{number}@conductatlas>",
    )


def test_a_mail_is_sent_once(mailbox: Mailbox) -> None:
    a_mail()

    assert [outgoing.send_due(), outgoing.send_due()] == [1, 0]
    assert [message["Message-ID"] for message in mailbox.messages] == ["<1@conductatlas>"]


def test_codes_arent_kept_once_the_mail_is_sent(mailbox: Mailbox) -> None:
    mail = a_mail()

    outgoing.send_due()

    mail.refresh_from_db()
    assert (mail.text, mail.html, mail.sent_at is not None) == ("", "", True)


def test_a_mail_that_another_worker_holds_is_left_alone(mailbox: Mailbox) -> None:
    outgoing.claim(a_mail().pk)

    assert outgoing.send_due() == 0
    assert mailbox.messages == []


def test_two_cant_claim_the_same_mail() -> None:
    mail = a_mail()

    assert [outgoing.claim(mail.pk) is None, outgoing.claim(mail.pk) is None] == [False, True]


def test_a_lease_that_ran_out_is_taken_over(mailbox: Mailbox) -> None:
    outgoing.claim(a_mail().pk)

    with clock.at(clock.now() + outgoing.LEASE):
        assert outgoing.send_due() == 1


def test_a_busy_receiver_is_tried_again_later(mailbox: Mailbox) -> None:
    mail = a_mail()
    mailbox.refusal = "451 busy"
    before = clock.now()

    outgoing.send_due()

    mail.refresh_from_db()
    assert mail.next_try_at >= before + outgoing.FIRST_PAUSE
    assert (mail.failed_at, mail.last_error, mail.text) == (None, "451 busy", "BKNJ-NJMV")


def test_the_second_try_carries_the_same_message_id(mailbox: Mailbox) -> None:
    a_mail()
    mailbox.refusal = "451 busy"
    outgoing.send_due()
    mailbox.refusal = ""

    with clock.at(clock.now() + outgoing.LONGEST_PAUSE):
        outgoing.send_due()

    assert [message["Message-ID"] for message in mailbox.messages] == ["<1@conductatlas>"]


def test_pauses_grow_up_to_half_an_hour() -> None:
    now = clock.now()

    assert [(outgoing.next_try(now, n) - now).total_seconds() for n in (1, 2, 3, 20)] == [15, 30, 60, 1800]


def test_an_address_refused_for_good_is_given_up(mailbox: Mailbox) -> None:
    mail = a_mail()
    mailbox.refusal = "550 no such user"

    outgoing.send_due()

    mail.refresh_from_db()
    assert mail.failed_at is not None
    assert OutgoingMail.objects.due(clock.now() + timedelta(days=1)).count() == 0


def test_after_a_day_a_mail_is_given_up(mailbox: Mailbox) -> None:
    mail = a_mail()
    mailbox.refusal = "451 busy"

    with clock.at(mail.created_at + timedelta(hours=25)):
        outgoing.send_due()

    mail.refresh_from_db()
    assert mail.failed_at is not None


def test_one_refusal_doesnt_keep_others_waiting(mailbox: Mailbox) -> None:
    a_mail(1)
    OutgoingMail.objects.update(recipient="two lines\n@example.org")
    a_mail(2)

    assert outgoing.send_due() == 1


def test_the_bell_sends_and_forgets_what_is_long_settled(mailbox: Mailbox) -> None:
    old, new = a_mail(1), a_mail(2)
    OutgoingMail.objects.filter(pk=old.pk).update(sent_at=clock.now() - timedelta(days=31))

    send_mails()

    kept = OutgoingMail.objects.get()
    assert (kept.pk, kept.sent_at is None) == (new.pk, False)


def test_nobody_waits_for_a_mail_server_that_is_away_more_than_once(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    a_mail(1)
    a_mail(2)

    outgoing.send_due()

    assert sorted(OutgoingMail.objects.values_list("attempts", flat=True)) == [0, 1]


def test_the_address_that_a_server_names_is_not_logged(mailbox: Mailbox) -> None:
    mailbox.refusal = "550 alice@example.org is no user here"
    a_mail()

    with capture_logs() as logs:
        outgoing.send_due()

    assert "alice@example.org" in OutgoingMail.objects.get().last_error
    assert [line["event"] for line in logs] == ["mail_not_taken"]
    assert "alice" not in str(logs)
