"""Our own people: what each staff role may do in the admin, as Django's groups with the least rights that it needs.

Each app says in its `AppConfig.ready` what a role may do with its models. The groups are written after every migration,
so that they are never edited by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q

from accounts import second_step
from accounts.models import StaffRole, User
from atlas.kernel import clock

_rights: dict[StaffRole, dict[str, set[str]]] = {role: {} for role in StaffRole}


def allow(*roles: StaffRole, rights: Mapping[str, str]) -> None:
    """Let these roles do this: label of a model → verbs, as in {"billing.Grant": "view add change"}."""
    for role in roles:
        for label, verbs in rights.items():
            _rights[role].setdefault(label.lower(), set()).update(verbs.split())


def write_groups() -> None:
    """Give the group of each role exactly its permissions. Idempotent; after the permissions themselves were made."""
    with transaction.atomic():
        for role, rights in _rights.items():
            group, _ = Group.objects.get_or_create(name=role.value)
            group.permissions.set(_permissions(rights))


def sees_all(user: User | AnonymousUser | None) -> bool:
    """Is this one of our staff, signed in as staff must?"""
    return isinstance(user, User) and user.is_staff and not second_step.keeps_out(user)


def give_role(*, user: User, role: StaffRole | None) -> None:
    """Make the user one of our staff in this role, or (None) no longer one. Needs the rights of worker or staff."""
    with transaction.atomic():
        user.staff_role = role.value if role else ""
        user.is_staff = role is not None
        user.save(update_fields=["staff_role", "is_staff"])
        user.groups.set(Group.objects.filter(name=role.value) if role else [])


def log(row: models.Model, *, by: User, words: str, at: datetime | None = None) -> None:
    """Keep in the admin's log what one of our staff decided about a row, in the caller's transaction."""
    LogEntry.objects.create(
        user=by,
        action_time=at or clock.now(),
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=words,
    )


def _permissions(rights: Mapping[str, set[str]]) -> list[Permission]:
    wanted = Q(pk__in=[])
    for label, verbs in rights.items():
        app, model = label.split(".")
        names = [f"{verb}_{model}" for verb in verbs]
        wanted |= Q(content_type__app_label=app, codename__in=names)
    return list(Permission.objects.filter(wanted))
