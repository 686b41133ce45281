from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import Settings

from atlas.demo.processes import free_port
from atlas.kernel import mail
from atlas.kernel.transactions import InsideTransaction
from tests.wire.smtp import Mailbox, smtp_server


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    with smtp_server() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


def send(subject: str = "A fact", to: str = "alice@example.org") -> None:
    mail.send(
        to=to,
        subject=subject,
        text="In words.",
        html="<p>In words.</p>",
        headers={"List-Unsubscribe": "<https://atlas.example/u>"},
        message_id="<one@conductatlas>",
    )


def test_a_message_arrives_as_it_was_given(mailbox: Mailbox) -> None:
    send()

    [message] = mailbox.messages
    assert (message["To"], message["Subject"], message["Message-ID"], message["List-Unsubscribe"]) == (
        "alice@example.org",
        "A fact",
        "<one@conductatlas>",
        "<https://atlas.example/u>",
    )
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_a_line_break_in_a_subject_becomes_a_space(mailbox: Mailbox) -> None:
    send(subject="A fact\nBcc: others@example.org")

    assert mailbox.messages[0]["Subject"] == "A fact Bcc: others@example.org"
    assert mailbox.messages[0]["Bcc"] is None


def test_an_address_refused_for_good_is_a_permanent_failure(mailbox: Mailbox) -> None:
    mailbox.refusal = "550 no such user"

    with pytest.raises(mail.PermanentFailure, match="550 no such user"):
        send()


def test_a_busy_receiver_is_a_temporary_failure(mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try again later"

    with pytest.raises(mail.TemporaryFailure, match="451 try again later"):
        send()


def test_a_server_that_isnt_there_is_a_temporary_failure(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_PORT = free_port()

    with pytest.raises(mail.TemporaryFailure):
        send()


def test_an_address_that_cant_be_written_is_a_permanent_failure(mailbox: Mailbox) -> None:
    with pytest.raises(mail.PermanentFailure):
        send(to="alice@example.org\nBcc: others@example.org")

    assert mailbox.messages == []


@pytest.mark.django_db
def test_no_mail_leaves_while_a_transaction_is_open(mailbox: Mailbox) -> None:
    with transaction.atomic(), pytest.raises(InsideTransaction):
        send()

    assert mailbox.messages == []


def test_a_server_that_nobody_reaches_is_away(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    with pytest.raises(mail.ServerAway):
        send()


def test_a_server_without_the_encryption_that_we_ask_for_loses_no_message(mailbox: Mailbox, settings: Settings) -> None:
    settings.EMAIL_USE_TLS = True

    with pytest.raises(mail.ServerAway):
        send()


def test_a_receiver_that_is_busy_says_nothing_about_the_server(mailbox: Mailbox) -> None:
    mailbox.refusal = "451 try again later"

    with pytest.raises(mail.TemporaryFailure) as caught:
        send()
    assert not isinstance(caught.value, mail.ServerAway)
