"""Plain text to canonical text."""

from __future__ import annotations

import re

from monitoring.extraction.building import BlockBuilder
from monitoring.extraction.encoding import decode
from monitoring.extraction.errors import TooComplex
from monitoring.extraction.texts import BlockKind, ExtractedText

EXTRACTOR = "text-1"
_MOST_BYTES = 20_000_000
_PARAGRAPHS = re.compile(r"\n[ \t\r]*\n\s*")


def extract_plain(content: bytes, *, charset: str | None, language: str | None) -> ExtractedText:
    """Paragraphs are parted by an empty line. Raises NoText, TooComplex."""
    if len(content) > _MOST_BYTES:
        raise TooComplex(f"{len(content)} bytes are more than {_MOST_BYTES}.")
    decoded = decode(content, charset=charset, markup=False)
    builder = BlockBuilder()
    for paragraph in _PARAGRAPHS.split(decoded.text.replace("\r\n", "\n").replace("\r", "\n")):
        builder.add(BlockKind.PARAGRAPH, paragraph)
    return builder.finish(
        extractor=EXTRACTOR, language=language, title="", encoding=decoded.encoding, warnings=decoded.warnings
    )
