"""Whose data a page also shows, where its licence asks to be named."""

from __future__ import annotations

from collections.abc import Iterable

OPEN_TERMS_ARCHIVE = "Contains data from Open Terms Archive contributors, ODC-BY 1.0"
SOURCES = ("OpenTermsArchive/", "Open Terms Archive contributors")


def attribution(provenance_sources: Iterable[str]) -> str:
    """The line for the page's foot, or nothing."""
    named = any(mark in source for source in provenance_sources for mark in SOURCES)
    return OPEN_TERMS_ARCHIVE if named else ""
