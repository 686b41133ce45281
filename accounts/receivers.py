"""Where other people's signals reach us; each calls one service."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.account.signals import email_changed, password_reset, user_signed_up
from allauth.account.signals import user_logged_in as signed_in
from django.apps import AppConfig, apps
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_migrate
from django.http import HttpRequest

from accounts import lockout, organizations, roles, services, sessions, staff
from accounts.models import User


def connect() -> None:
    accounts = apps.get_app_config("accounts")
    pre_migrate.connect(before_migrations, sender=accounts)
    post_migrate.connect(after_migrations)
    user_signed_up.connect(after_sign_up)
    user_logged_in.connect(after_sign_in)
    signed_in.connect(after_allauth_signed_in)
    email_changed.connect(after_email_change)
    password_reset.connect(after_password_reset)


def before_migrations(sender: AppConfig, **kwargs: Any) -> None:
    roles.create_roles()


def after_migrations(sender: AppConfig, **kwargs: Any) -> None:
    """Django sends this once for each app with models; at the last one every table stands."""
    if sender is [app for app in apps.get_app_configs() if app.models_module is not None][-1]:
        roles.grant_rights()
        staff.write_groups()


def after_sign_up(sender: Any, user: User, **kwargs: Any) -> None:
    organizations.open_personal(user=user)


def after_sign_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    sessions.begin(request)


def after_allauth_signed_in(sender: Any, user: User, **kwargs: Any) -> None:
    """Through a form or a provider; Django's own signal also comes when a session is only renewed."""
    services.record_sign_in(user=user)


def after_password_reset(sender: Any, user: User, **kwargs: Any) -> None:
    """Who could read the mail is the account's owner: what others tried no longer shuts them out."""
    lockout.open_again(lockout.Kind.LOGIN, user.email)


def after_email_change(
    sender: Any, request: HttpRequest, user: User, from_email_address: EmailAddress | None, **kwargs: Any
) -> None:
    if from_email_address is not None:  # allauth calls the first confirmation after sign-up a change too
        sessions.end_others(request, user)
