"""Unsafe settings refuse to start: as system checks for `manage.py`, and by `refuse_unsafe` in what serves.

What is fine on a loopback address (the demo's known passwords, plain HTTP) isn't anywhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

SHORTEST_SECRET_KEY = 50
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
OWNERS = {"atlas_owner", "postgres"}
SURFACES = {"all", "site", "staff"}
STAFF_MFA = {"required", "off"}


def _host() -> str:
    return urlsplit(settings.BASE_URL).hostname or ""


@register("atlas")
def settings_are_safe(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Everything that can be told from the settings alone."""
    if settings.TESTING and _host() == "testserver":
        return []
    problems: list[CheckMessage] = [*_wherever_we_are()]
    return problems if _host() in LOOPBACK else [*problems, *_for_others_to_reach()]


def _wherever_we_are() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET_KEY:
        yield Error(
            f"SECRET_KEY must have {SHORTEST_SECRET_KEY} characters or more: sessions and links are signed with it.",
            hint='python -c "import secrets; print(secrets.token_urlsafe(64))" makes one.',
            id="atlas.E001",
        )
    if "*" in settings.ALLOWED_HOSTS or _host() not in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS must name the host of BASE_URL, and no '*': links in mails would lead anywhere.",
            id="atlas.E003",
        )
    if settings.SURFACE not in SURFACES:
        yield Error(f"ATLAS_SURFACE must be all, site or staff, not {settings.SURFACE!r}.", id="atlas.E008")
    if settings.STAFF_MFA not in STAFF_MFA:
        yield Error(f"STAFF_MFA must be required or off, not {settings.STAFF_MFA!r}.", id="atlas.E011")
    if settings.STAFF_MFA == "off" and not settings.DEMO:
        yield Error(
            "STAFF_MFA must be required outside of the demo: staff see every organization's evidence.", id="atlas.E012"
        )
    if not timedelta() < settings.ALERT_REVIEW_WINDOW < settings.LONGEST_HOLD:
        yield Error(
            "ALERT_REVIEW_WINDOW must be more than 0 and less than 20 hours, in seconds: people are told on the same day.",
            id="atlas.E010",
        )
    if not timedelta() < settings.SHORTEST_CHECK_INTERVAL <= settings.CHECK_INTERVAL <= timedelta(days=1):
        yield Error(
            "ATLAS_CHECK_INTERVAL must be a day (86400 seconds) or less, and ATLAS_SHORTEST_CHECK_INTERVAL more than 0 and no"
            " more than that: every document is read each day.",
            id="atlas.E011",
        )

    if settings.BROWSER != "off" and not settings.BROWSER_SANDBOX:
        yield Warning(
            "ATLAS_BROWSER_SANDBOX is off: a page that breaks Chromium reaches everything that this process may reach.",
            hint="Let the system allow user namespaces instead, or read no page in a browser (ATLAS_BROWSER=off).",
            id="atlas.W001",
        )


def _for_others_to_reach() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "DEBUG must be off where BASE_URL isn't this machine: it shows settings to anyone.", id="atlas.E002"
        )
    if not settings.BASE_URL.startswith("https://"):
        yield Error("BASE_URL must begin with https:// where it isn't this machine.", id="atlas.E004")
    if settings.DEMO:
        yield Error(
            "ATLAS_DEMO must be off where BASE_URL isn't this machine: its passwords are known.", id="atlas.E005"
        )
    if settings.EGRESS_ALLOW_LOOPBACK:
        yield Error(
            "ATLAS_ALLOW_LOOPBACK must be off where BASE_URL isn't this machine: a document's address could reach inside.",
            id="atlas.E006",
        )
    if settings.TESTING:
        yield Error("ATLAS_TESTING must be off: it weakens passwords and is for the suite alone.", id="atlas.E007")


def serves_as_a_login_without_rights() -> Iterator[CheckMessage]:
    """The owner sees the rows of every organization; only migrations may be the owner."""
    user = settings.DATABASES["default"].get("USER")
    if user in OWNERS:
        yield Error(
            f"DATABASE_URL names {user}, who stands above row security. Serve as atlas_site, work as atlas_tasks.",
            id="atlas.E009",
        )


def refuse_unsafe() -> None:
    """End a process that serves, with a line for each problem, before it answers anything."""
    problems: list[CheckMessage] = [*settings_are_safe(), *serves_as_a_login_without_rights()]
    for warning in problems:
        if not warning.is_serious():
            sys.stderr.write(f"ConductAtlas warns: {warning.msg} ({warning.id})\n")
    lines = [f"ConductAtlas doesn't start: {each.msg} ({each.id})" for each in problems if each.is_serious()]
    if lines:
        sys.exit("\n".join(lines))
