"""How allauth reaches us: its mails go into our outbox, its forms into our users."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import make_msgid
from django.http import HttpRequest
from django.urls import reverse

from accounts import lockout
from accounts.lockout import Kind
from accounts.models import OutgoingMail, User
from atlas.kernel import doorbells

NOTICE = "account/email/notice"
#: What is told by mail when it changes how one signs in: allauth's name of the mail → our subject, and the sentence.
NOTICES = {
    "account/email/email_changed": (
        "Your address at ConductAtlas was changed",
        "The address of your account was changed from {from_email} to {to_email}. All other sessions were signed out.",
    ),
    "account/email/password_changed": ("Your password was changed", "The password of your account was changed."),
    "account/email/password_reset": (
        "Your password was set anew",
        "A new password was set for your account, by a link that we had sent to you. All sessions were signed out.",
    ),
    "account/email/password_set": ("A password was set", "Your account can now be opened with a password."),
    "mfa/email/totp_activated": (
        "An authenticator app was added",
        "Signing in to your account now needs a code of an authenticator app.",
    ),
    "mfa/email/totp_deactivated": (
        "The authenticator app was removed",
        "Signing in to your account no longer needs a code of an authenticator app.",
    ),
    "mfa/email/webauthn_added": ("A passkey was added", "A passkey or security key was added to your account."),
    "mfa/email/webauthn_removed": ("A passkey was removed", "A passkey or security key was removed from your account."),
    "mfa/email/recovery_codes_generated": (
        "New recovery codes were made",
        "New recovery codes were made for your account. The old ones no longer work.",
    ),
    "socialaccount/email/account_connected": (
        "{provider} was connected",
        "Your account can now be opened by signing in at {provider}.",
    ),
    "socialaccount/email/account_disconnected": (
        "{provider} was disconnected",
        "Your account can no longer be opened by signing in at {provider}.",
    ),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Mails of sign-in are written with the request's transaction and sent by the worker. Who tries too often is shut out."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many attempts failed. Nothing was changed: wait an hour, then try again.",
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        super().pre_authenticate(request, **credentials)
        for kind, subject in _tried(request, credentials):
            if not lockout.take(kind, subject):
                raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            for kind, subject in _tried(request, credentials):
                lockout.give_back(kind, subject)
        return user

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox. What anybody can have us write to any address is limited, in the same way for all of them."""
        if template_prefix != NOTICE:
            lockout.refuse(self.request, Kind.MAIL_TO, email)
        message: EmailMessage = self.render_mail(template_prefix, email, {"email": email, **context})
        html = ""
        if isinstance(message, EmailMultiAlternatives) and message.alternatives:
            html = str(message.alternatives[0][0])
        OutgoingMail.objects.create(
            recipient=email,
            subject=str(message.subject),
            text=str(message.body),
            html=html,
            message_id=make_msgid(domain="conductatlas"),
        )
        doorbells.ring("accounts.send_mails")

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """One mail for all that changes how one signs in, with the words of NOTICES."""
        facts = {**(context or {})}
        if "provider" in facts:
            facts["provider"] = facts["provider"].name
        subject, sentence = (words.format(**facts) for words in NOTICES[template_prefix])
        reset = self.request.build_absolute_uri(reverse("account_reset_password"))
        if template_prefix == "account/email/email_changed":
            reset = ""  # it goes to the old address, which opens nothing any more
        told = {"title": subject, "sentence": sentence, "reset_url": reset}
        super().send_notification_mail(NOTICE, user, told, email)


def _tried(request: HttpRequest, credentials: dict[str, Any]) -> list[tuple[Kind, str]]:
    return [(Kind.LOGIN, credentials.get("email", "")), (Kind.LOGIN_FROM, lockout.network_of(request))]
