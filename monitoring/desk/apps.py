"""Django's admin with the desk as its site. It stands in INSTALLED_APPS in place of `django.contrib.admin`."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "monitoring.desk.site.DeskSite"
    default = False
