"""How allauth reaches us: its mails go into our outbox, its forms into our users."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.message import make_msgid

from accounts.models import OutgoingMail
from atlas.kernel import doorbells


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Mails of sign-in are written with the request's transaction and sent by the worker."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
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
