"""One document: its history, and its text as it stood on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access import GatedRequest, public_page
from monitoring.archive.models import Cause, Incident, Sighting, Version
from monitoring.catalogue.models import Declaration, Document
from monitoring.changes.models import Change, ReleaseState
from monitoring.pages import crumbs
from monitoring.pages.attribution import attribution
from monitoring.pages.following import follow_state
from monitoring.pages.health import head_of, health, no_longer_read
from monitoring.pages.platforms import moved_platform
from monitoring.pages.rows import change_line, change_url, version_url
from monitoring.pages.versions import version_page


class DayForm(forms.Form):
    """`?on=`: the day whose text is asked for."""

    on = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


@dataclass(frozen=True, slots=True)
class Entry:
    """One version in the history. `significance` is `first` for the beginning."""

    at: datetime
    href: str
    version_href: str
    version_ref: str
    significance: str
    line: str
    words_added: int
    words_removed: int
    noise: bool
    uploaded: bool
    from_picked: bool
    to_picked: bool


def document_of(platform: str, slug: str) -> Document | None:
    """A public document by its slugs, retired or not, with platform and head."""
    found = Document.objects.public().filter(platform__slug=platform, slug=slug)
    return found.select_related("platform", "head__released").first()


@public_page
def document(request: GatedRequest, platform: str, slug: str) -> HttpResponse:
    found = document_of(platform, slug)
    if found is None:
        return moved_platform(platform, "pages:document", slug)
    form = DayForm(request.GET)
    day = form.cleaned_data["on"] if form.is_valid() else None
    if day:
        version = Version.objects.released().of(found).in_force_on(day).first()
        if version is not None:
            return version_page(request, version.public_id, asked_day=day)
    return _history(request, found, day, "" if form.is_valid() else "A day is written like 2026-03-01.")


def _history(request: GatedRequest, found: Document, day: date | None, day_error: str) -> HttpResponse:
    versions = list(Version.objects.released().of(found))
    changes = {
        change.new_id: change
        for change in Change.objects.released().filter(document=found).select_related("release", "document")
    }
    rereads = [version for version in versions if version.cause not in (Cause.FIRST, Cause.PLATFORM)]
    entries = _entries([version for version in versions if version not in rereads], changes)
    head = head_of(found)
    latest = _latest(versions[0]) if versions else None
    declaration = Declaration.objects.in_force(found)
    context = {
        "document": found,
        "crumbs": crumbs.to_document(found, itself=False),
        "facts": crumbs.facts(found),
        "health": no_longer_read(found)
        or health(head, Incident.objects.hindering([found])[found.pk], latest["confirmed_at"] if latest else None),
        "follow": follow_state(request, found.platform),
        "entries": entries,
        "most": max((entry.words_added + entry.words_removed for entry in entries), default=0),
        "compare_url": reverse("pages:compare", args=[found.platform.slug, found.slug]) if len(entries) > 1 else "",
        "rereads": [
            {"at": version.observed_at, "version_href": version_url(version), "line": version.get_cause_display()}
            for version in rereads
        ],
        "latest": latest,
        "sources": [source.url for source in declaration.sources.all()] if declaration else [],
        "asked_day": day,
        "day_error": day_error,
        "attribution": attribution([found.provenance_source]),
    }
    return render(request, "pages/document.html", context)


def _entries(versions: list[Version], changes: dict[int, Change]) -> list[Entry]:
    entries = []
    for index, version in enumerate(versions):
        change = changes.get(version.pk)
        at = version_url(version)
        entries.append(
            Entry(
                at=version.observed_at,
                href=change_url(change) if change else at,
                version_href=at,
                version_ref=version.typeid,
                significance=change.significance if change else "first",
                line=change_line(change) if change else f"First reading: {version.words:,} words",
                words_added=change.words_added if change else 0,
                words_removed=change.words_removed if change else 0,
                uploaded=version.uploaded,
                noise=bool(change and change.release.state == ReleaseState.SUPPRESSED),
                from_picked=index == 1,
                to_picked=index == 0,
            )
        )
    return entries


def _latest(version: Version) -> dict[str, Any]:
    """The newest public version, and how long it has been seen unchanged."""
    sightings = list(Sighting.objects.filter(version=version))
    return {
        "at": version.observed_at,
        "href": version_url(version),
        "sha256": version.text_sha256,
        "checks": sum(sighting.checks for sighting in sightings),
        "confirmed_at": max((sighting.last_at for sighting in sightings), default=version.observed_at),
    }
