"""The one door for mail: one message to one recipient, over the mail backend of Django's settings (SMTP)."""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from contextlib import suppress

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from atlas.kernel.transactions import refuse_inside_transaction

_FINAL = 500  # SMTP answers from here on are for good (RFC 5321, section 4.2.1)


class MailError(Exception):
    """The receiver didn't take the message."""


class TemporaryFailure(MailError):
    """Nobody said no for good: the same message may be tried again later."""


class ServerAway(TemporaryFailure):
    """Our mail server can't be reached, or takes nothing from us: no other message would fare better now."""


class PermanentFailure(MailError):
    """The receiver refused this message or this address for good: trying again does no good."""


def send(
    *,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
    message_id: str,
) -> None:
    """Send one message and return once the receiver has taken it.

    `message_id` is the full header value ("<…@…>"), the same at every try of the same message. Raises TemporaryFailure
    (ServerAway where it isn't about this message) or PermanentFailure; InsideTransaction while a database transaction is open.
    """
    refuse_inside_transaction("sending a mail")
    connection = get_connection()
    try:
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=text,
            to=[to],
            headers={**(headers or {}), "Message-ID": message_id},
            connection=connection,
        )
        if html:
            message.attach_alternative(html, "text/html")
        message.message()  # a header or an address that can't be written fails here, before anything is sent
    except ValueError as error:
        raise PermanentFailure(f"the message can't be written: {error}") from error
    try:
        _open(connection)
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _refusal(code, answer) from error
    except smtplib.SMTPSenderRefused as error:  # our address or our account is to blame, not the message
        raise ServerAway(_words(error.smtp_code, error.smtp_error)) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentFailure(str(error)) from error
    except smtplib.SMTPException as error:
        raise TemporaryFailure(f"{type(error).__name__}: {error}") from error
    except OSError as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error
    finally:
        with suppress(smtplib.SMTPException, OSError):  # what was taken stays taken, however the goodbye ends
            connection.close()


def _open(connection: BaseEmailBackend) -> None:
    """Whatever goes wrong before the message is even named is the server's doing, or our settings'."""
    try:
        connection.open()
    except smtplib.SMTPResponseException as error:
        raise ServerAway(_words(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ServerAway(f"{type(error).__name__}: {error}") from error


def _refusal(code: int, answer: bytes | str) -> MailError:
    kind = PermanentFailure if code >= _FINAL else TemporaryFailure
    return kind(_words(code, answer))


def _words(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"[:300]
