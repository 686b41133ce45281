"""The addresses of members' own pages."""

from __future__ import annotations

from django.urls import path, register_converter

from atlas.kernel.ids import type_id_converter
from monitoring.pages.members import dashboard, following, inbox, settings, watchlist

register_converter(type_id_converter("dig"), "dig")

urlpatterns = [
    path("platforms/<slug:slug>/follow/", following.follow, name="follow"),
    path("platforms/<slug:slug>/unfollow/", following.unfollow, name="unfollow"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("watchlist/", watchlist.watchlist, name="watchlist"),
    path("watchlist/<slug:slug>/pause/", watchlist.pause, name="watchlist-pause"),
    path("watchlist/<slug:slug>/resume/", watchlist.resume, name="watchlist-resume"),
    path("watchlist/<slug:slug>/note/", watchlist.note, name="watchlist-note"),
    path("inbox/", inbox.items, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox-read"),
    path("inbox/<dig:public_id>/", inbox.digest, name="inbox-digest"),
    path("settings/", settings.profile, name="settings"),
    path("settings/notifications/", settings.notifications, name="settings-notifications"),
    path("settings/organization/", settings.organization, name="settings-organization"),
    path("settings/organization/audit/", settings.audit_log, name="settings-audit"),
]
