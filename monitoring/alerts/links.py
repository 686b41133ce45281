"""Absolute addresses in mails. `?org=` switches a member to the organization that was told, and is 404 for others."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from accounts.models import Organization
from monitoring.alerts.models import Digest
from monitoring.catalogue.models import Platform
from monitoring.changes.models import Change
from monitoring.findings.models import Provision


def change_url(change: Change, organization: Organization) -> str:
    return f"{settings.BASE_URL}/c/{change.typeid}/?org={organization.typeid}"


def provision_url(provision: Provision, organization: Organization) -> str:
    return f"{settings.BASE_URL}/p/{provision.typeid}/?org={organization.typeid}"


def platform_url(platform: Platform, organization: Organization) -> str:
    return f"{settings.BASE_URL}/platforms/{platform.slug}/?org={organization.typeid}"


def digest_url(digest: Digest, organization: Organization) -> str:
    return f"{settings.BASE_URL}/inbox/{digest.typeid}/?org={organization.typeid}"


def settings_url(organization: Organization) -> str:
    return f"{settings.BASE_URL}/settings/notifications/?org={organization.typeid}"


def unsubscribe_url(token: str) -> str:
    return f"{settings.BASE_URL}/unsubscribe/{token}/"


def message_domain() -> str:
    """What stands after the @ of our Message-IDs."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"
