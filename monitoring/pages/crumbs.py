"""The way to a document, and what it is in a few words: the head of every page at or below it."""

from __future__ import annotations

from django.urls import reverse

from monitoring.catalogue.models import Document
from monitoring.pages.rows import document_url, platform_url


def to_document(document: Document, *, itself: bool) -> list[tuple[str, str]]:
    """(words, address) from the catalogue down to the document's platform; with `itself` down to the document."""
    way = [("Platforms", reverse("pages:platforms")), (document.platform.name, platform_url(document.platform))]
    return [*way, (document.title, document_url(document))] if itself else way


def kind_words(kind: str) -> str:
    """`terms-of-service` as people write it."""
    return kind.replace("-", " ").capitalize()


def facts(document: Document) -> list[str]:
    """What kind of text, and for whom it is written."""
    return [
        kind_words(document.kind),
        *([f"for {document.get_audience_display()}"] if document.audience else []),
        *([document.region] if document.region else []),
    ]
