"""The desk's own pages, below the admin's address and in its namespace."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from atlas.kernel.ids import type_id_converter
from monitoring.desk import decisions, queue

register_converter(type_id_converter("chg"), "desk_chg")

urlpatterns: list[URLPattern] = [
    path("desk/queue/", queue.queue, name="desk-queue"),
    path("desk/queue/<desk_chg:public_id>/", decisions.decision, name="desk-decision"),
]
