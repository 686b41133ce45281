"""The addresses of members' own pages."""

from __future__ import annotations

from django.urls import path, register_converter

from atlas.kernel.ids import type_id_converter
from monitoring.pages.members import (
    dashboard,
    data,
    first_hour,
    following,
    inbox,
    invitations,
    keys,
    organizations,
    people,
    requesting,
    second_step,
    settings,
    watchlist,
)

register_converter(type_id_converter("dig"), "dig")
register_converter(type_id_converter("req"), "req")
register_converter(type_id_converter("mem"), "mem")
register_converter(type_id_converter("inv"), "inv")
register_converter(type_id_converter("key"), "key")

urlpatterns = [
    path("platforms/<slug:slug>/follow/", following.follow, name="follow"),
    path("platforms/<slug:slug>/unfollow/", following.unfollow, name="unfollow"),
    path("requests/new/", requesting.ask, name="ask-for-platform"),
    path("requests/<req:public_id>/vote/", requesting.vote, name="vote-for-platform"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/first-hour/", first_hour.put_away, name="first-hour"),
    path("watchlist/", watchlist.watchlist, name="watchlist"),
    path("watchlist/<slug:slug>/pause/", watchlist.pause, name="watchlist-pause"),
    path("watchlist/<slug:slug>/resume/", watchlist.resume, name="watchlist-resume"),
    path("watchlist/<slug:slug>/note/", watchlist.note, name="watchlist-note"),
    path("inbox/", inbox.items, name="inbox"),
    path("inbox/read/", inbox.read, name="inbox-read"),
    path("inbox/<dig:public_id>/", inbox.digest, name="inbox-digest"),
    path("settings/", settings.profile, name="settings"),
    path("settings/notifications/", settings.notifications, name="settings-notifications"),
    path("settings/organization/", organizations.organization, name="settings-organization"),
    path("settings/organization/new/", organizations.new, name="organization-new"),
    path("settings/organization/close/", organizations.close, name="organization-close"),
    path("settings/organization/reopen/", organizations.reopen, name="organization-reopen"),
    path("settings/organization/audit/", organizations.audit_log, name="settings-audit"),
    path("settings/organization/audit/export/", organizations.audit_export, name="audit-export"),
    path("settings/organization/second-step/", second_step.demand, name="settings-second-step"),
    path("second-step/", second_step.needed, name="second-step"),
    path("settings/data/", data.data, name="settings-data"),
    path("settings/data/mine/", data.export_mine, name="export-mine"),
    path("settings/data/organization/", data.export_organization, name="export-organization"),
    path("settings/data/delete/", data.delete_account, name="account-delete"),
    path("settings/data/keep/", data.keep_account, name="account-keep"),
    path("settings/keys/", keys.keys, name="settings-keys"),
    path("settings/keys/<key:public_id>/renew/", keys.renew, name="key-renew"),
    path("settings/keys/<key:public_id>/revoke/", keys.revoke, name="key-revoke"),
    path("settings/people/", people.members, name="settings-people"),
    path("settings/people/leave/", people.leave, name="people-leave"),
    path("settings/people/<mem:public_id>/role/", people.change_role, name="people-role"),
    path("settings/people/<mem:public_id>/remove/", people.remove, name="people-remove"),
    path("settings/people/<mem:public_id>/hand-over/", people.hand_over, name="people-hand-over"),
    path("settings/people/<inv:public_id>/revoke/", people.revoke, name="invitation-revoke"),
    path("settings/people/<inv:public_id>/confirm/", people.confirm, name="invitation-confirm"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
]
