"""People in the admin, for operators: who they are, and which of them are our staff."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as auth_admin  # noqa: F401 - registers the groups, which is undone below
from django.contrib.auth.models import Group
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts import staff
from accounts.models import StaffRole, User

admin.site.unregister(Group)  # written from the code (accounts.staff), never by hand


@admin.register(User)
class UserAdmin(ModelAdmin):  # type: ignore[misc]
    """Nobody is added or deleted here: people sign up, and are erased by their own wish."""

    list_display = ("email", "name", "staff_role", "is_active", "date_joined")
    list_filter = ("staff_role", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = ("email", "name", "time_zone", "staff_role", "is_active", "date_joined", "last_login")
    readonly_fields = ("email", "name", "time_zone", "date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "staff_role" in form.changed_data:
            staff.give_role(user=obj, role=StaffRole(obj.staff_role) if obj.staff_role else None)
