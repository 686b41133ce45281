"""Versions' texts, in and out of their payloads."""

from __future__ import annotations

from monitoring.archive import payloads
from monitoring.archive.models import Payload, Version
from monitoring.extraction import ExtractedText


def store_text(text: ExtractedText) -> Payload:
    return payloads.store(text.dumps().encode())


def text_of(version: Version) -> ExtractedText:
    """The canonical text with its blocks, as it was extracted. One query where `extracted` isn't selected along."""
    return ExtractedText.loads(payloads.load(version.extracted).decode())
