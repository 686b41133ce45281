"""From bytes to the canonical text of a document. Pure: no network, no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.extraction import html, markdown, pdf, plain
from monitoring.extraction.encoding import decode
from monitoring.extraction.errors import (
    Encrypted,
    ExtractionError,
    InvalidSelector,
    NoText,
    SelectorMatchedNothing,
    TooComplex,
)
from monitoring.extraction.html import extract_html
from monitoring.extraction.markdown import from_markdown
from monitoring.extraction.pdf import extract_pdf, is_pdf
from monitoring.extraction.plain import extract_plain
from monitoring.extraction.selectors import Range, SelectorLike, parse_selectors
from monitoring.extraction.sentences import sentence_spans, split_sentences
from monitoring.extraction.texts import Block, BlockKind, DateKind, ExtractedText, StatedDate, build_text

#: The extractors in force. A text made by another is read again from its bytes before anything is compared.
EXTRACTORS = frozenset({html.EXTRACTOR, markdown.EXTRACTOR, pdf.EXTRACTOR, plain.EXTRACTOR})

__all__ = [
    "EXTRACTORS",
    "Block",
    "BlockKind",
    "DateKind",
    "Encrypted",
    "ExtractedText",
    "ExtractionError",
    "InvalidSelector",
    "NoText",
    "Range",
    "SelectorMatchedNothing",
    "StatedDate",
    "TooComplex",
    "combine",
    "extract",
    "from_markdown",
    "is_current",
    "is_pdf",
    "sentence_spans",
    "split_sentences",
]


def extract(
    content: bytes,
    *,
    media_type: str,
    charset: str | None = None,
    url: str = "",
    language: str | None = None,
    expected_kind: str = "",
    select: Sequence[SelectorLike] = (),
    remove: Sequence[SelectorLike] = (),
) -> ExtractedText:
    """The canonical text of what was received. The same arguments always give the same text.

    ``media_type`` may carry parameters (a charset among them, which ``charset`` overrules). ``language`` is what is
    known of the document; else it is detected. ``select`` and ``remove`` apply to HTML; without ``select`` the
    document is found by itself. Where a page holds several, a fragment of ``url`` names the one that is meant, or else
    ``expected_kind`` (a kind's slug or English name); where neither does, all of them are the document. Raises an
    ExtractionError and nothing else; the text is never empty.
    """
    kind, _, parameters = media_type.partition(";")
    kind = kind.strip().lower()
    if charset is None and "charset=" in parameters.lower():
        charset = parameters.lower().partition("charset=")[2].partition(";")[0].strip()
    if is_pdf(content) or kind == "application/pdf":
        return extract_pdf(content, language=language)
    if kind in ("text/markdown", "text/x-markdown"):
        return from_markdown(decode(content, charset=charset, markup=False).text, language=language)
    if kind == "text/plain" and not content[:1024].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return extract_plain(content, charset=charset, language=language)
    return extract_html(
        content,
        charset=charset,
        language=language,
        url=url,
        expected_kind=expected_kind,
        select=parse_selectors(select),
        remove=parse_selectors(remove),
    )


def combine(parts: Sequence[ExtractedText]) -> ExtractedText:
    """The text of a document of several sources, in order. One part is given back as it is. Raises NoText for none."""
    if not parts:
        raise NoText("There is no source.")
    first = parts[0]
    if len(parts) == 1:
        return first
    text, blocks = build_text([block for part in parts for block in part.blocks])
    origins = list(dict.fromkeys(part.extractor for part in parts))
    return ExtractedText(
        text=text,
        blocks=blocks,
        extractor=first.extractor if len(origins) == 1 else "+".join(origins),
        language=first.language,
        title=first.title,
        dates=tuple(dict.fromkeys(date for part in parts for date in part.dates)),
        warnings=tuple(dict.fromkeys(warning for part in parts for warning in part.warnings)),
        encoding=first.encoding,
    )


def is_current(extractor: str) -> bool:
    """Whether a text's `extractor` (of one or several sources) is the one in force."""
    return set(extractor.split("+")) <= EXTRACTORS
