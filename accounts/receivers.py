"""Where other people's signals reach us; each calls one service."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_signed_up
from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate

from accounts import roles, services, staff
from accounts.models import User


def connect() -> None:
    accounts = apps.get_app_config("accounts")
    pre_migrate.connect(before_migrations, sender=accounts)
    post_migrate.connect(after_migrations)
    user_signed_up.connect(after_sign_up)


def before_migrations(sender: AppConfig, **kwargs: Any) -> None:
    roles.create_roles()


def after_migrations(sender: AppConfig, **kwargs: Any) -> None:
    """Django sends this once for each app with models; at the last one every table stands."""
    if sender is [app for app in apps.get_app_configs() if app.models_module is not None][-1]:
        roles.grant_rights()
        staff.write_groups()


def after_sign_up(sender: Any, user: User, **kwargs: Any) -> None:
    services.open_personal_organization(user=user)
