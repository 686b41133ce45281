"""Evidence in the admin: seen by all staff, changed by nobody."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from monitoring.archive.models import Check, Incident, LedgerEntry, Snapshot, Version
from monitoring.desk.access import is_staff


class Evidence(ModelAdmin):  # type: ignore[misc]
    """Rows to be read. The newest stand first; they are not counted, for there may be millions."""

    paginator = InfinitePaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None
    list_select_related: tuple[str, ...] = ("document__platform",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_staff(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Check)
class CheckAdmin(Evidence):
    list_display = ("observed_at", "document", "outcome", "reason", "why", "gate", "milliseconds")
    list_filter = ("outcome", "reason")
    search_fields = ("document__title", "document__platform__name")
    ordering = ("-observed_at", "-pk")
    fields = ("document", "observed_at", "outcome", "reason", "why", "gate", "milliseconds", "sources", "version")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """The health page leads to the checks of one document."""
        return lookup == "document__id__exact" or bool(super().lookup_allowed(lookup, value, request))


@admin.register(Incident)
class IncidentAdmin(Evidence):
    list_display = ("about", "outcome", "reason", "why", "opened_at", "last_seen_at", "checks", "closed_at")
    list_filter = ("outcome", ("closed_at", admin.EmptyFieldListFilter))
    list_select_related = ("document__platform", "host")
    search_fields = ("document__title", "document__platform__name", "host__name")
    ordering = ("-opened_at", "-pk")
    fields = (*list_display, "seen")

    @admin.display(description="document or host")
    def about(self, incident: Incident) -> str:
        return str(incident.document or incident.host)


@admin.register(Version)
class VersionAdmin(Evidence):
    list_display = ("observed_at", "document", "cause", "words", "text_sha256")
    list_filter = ("cause", "language")
    search_fields = ("document__title", "document__platform__name", "text_sha256")
    ordering = ("-observed_at", "-pk")
    fields = (
        "document",
        "declaration",
        "cause",
        "observed_at",
        "recorded_at",
        "text_sha256",
        "words",
        "language",
        "form",
        "extractor",
        "title",
        "published_on",
        "effective_on",
        "warnings",
        "marks",
    )


@admin.register(Snapshot)
class SnapshotAdmin(Evidence):
    list_display = ("observed_at", "document", "status", "media_type", "url", "payload_id")
    list_filter = ("status", "media_type")
    search_fields = ("url", "payload__sha256")
    ordering = ("-observed_at", "-pk")
    fields = (
        "document",
        "url",
        "final_url",
        "status",
        "kind",
        "upload",
        "media_type",
        "charset",
        "headers",
        "payload_id",
        "observed_at",
        "recorded_at",
    )


@admin.register(LedgerEntry)
class LedgerEntryAdmin(Evidence):
    list_display = ("pk", "recorded_at", "kind", "subject", "leaf_sha256")
    list_filter = ("kind",)
    list_select_related = ()
    search_fields = ("subject", "leaf_sha256")
    ordering = ("-pk",)
    fields = ("recorded_at", "kind", "subject", "body", "leaf_sha256")
