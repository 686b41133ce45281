"""The desk's own pages, below the admin's address and in its namespace."""

from __future__ import annotations

from django.urls import URLPattern, path, register_converter

from atlas.kernel.ids import type_id_converter
from monitoring.desk import (
    decisions,
    declaring,
    findings,
    health,
    platforms,
    proposals,
    queue,
    requests,
    uploading,
    writing,
)

register_converter(type_id_converter("chg"), "desk_chg")
register_converter(type_id_converter("ver"), "desk_ver")
register_converter(type_id_converter("fnd"), "desk_fnd")
register_converter(type_id_converter("doc"), "desk_doc")

urlpatterns: list[URLPattern] = [
    path("desk/health/", health.health, name="desk-health"),
    path("desk/documents/<desk_doc:public_id>/window/", health.window, name="desk-window"),
    path("desk/platforms/", platforms.platforms, name="desk-platforms"),
    path("desk/platforms/<slug:slug>/", platforms.documents, name="desk-platform"),
    path("desk/documents/<desk_doc:public_id>/reading/", declaring.reading, name="desk-reading"),
    path("desk/proposals/", proposals.proposals, name="desk-proposals"),
    path("desk/documents/<desk_doc:public_id>/upload/", uploading.upload, name="desk-upload"),
    path("desk/requests/", requests.requests, name="desk-requests"),
    path("desk/queue/", queue.queue, name="desk-queue"),
    path("desk/findings/", findings.findings, name="desk-findings"),
    path("desk/findings/documents/", findings.documents, name="desk-documents"),
    path("desk/findings/new/<desk_ver:public_id>/", writing.new, name="desk-new-finding"),
    path("desk/findings/<desk_fnd:public_id>/", findings.finding, name="desk-finding"),
    path("desk/findings/<desk_fnd:public_id>/revise/", writing.revise, name="desk-revise"),
    path("desk/queue/<desk_chg:public_id>/", decisions.decision, name="desk-decision"),
]
