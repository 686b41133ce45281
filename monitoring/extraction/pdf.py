"""PDF to canonical text. pypdf is imported where it is used."""

from __future__ import annotations

import io
import re
from collections import Counter

from monitoring.extraction.building import BlockBuilder
from monitoring.extraction.errors import Encrypted, ExtractionError, NoText, TooComplex
from monitoring.extraction.folding import fold
from monitoring.extraction.labels import split_label
from monitoring.extraction.texts import BlockKind, ExtractedText

EXTRACTOR = "pdf-1"
_MOST_BYTES = 50_000_000
_MOST_PAGES = 1_000
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]$")
_PAGE_NUMBER = re.compile(
    r"^(?:page\s*|seite\s*|sida\s*)?[-–]?\s*\d{1,4}\s*(?:(?:/|of|von|av)\s*\d{1,4})?\s*[-–]?$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"""[.!?:;。！？：；]["'”’)\]]*$""")
_DIGITS = re.compile(r"\d+")


def extract_pdf(content: bytes, *, language: str | None) -> ExtractedText:
    """The text of a PDF: lines joined to paragraphs, running heads and page numbers out.

    Raises Encrypted, TooComplex, and NoText where it holds no text (a scan) or can't be read.
    """
    if len(content) > _MOST_BYTES:
        raise TooComplex(f"{len(content)} bytes are more than {_MOST_BYTES}.")
    pages, title = _read(content)
    builder = BlockBuilder()
    pending = ""
    for line in _without_running_heads(pages):
        pending = _join(builder, pending, line)
    _add(builder, pending)
    return builder.finish(extractor=EXTRACTOR, language=language, title=title)


def _read(content: bytes) -> tuple[list[list[str]], str]:
    """The lines of each page and the title that the file states."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Encrypted("The PDF needs a password.")
        if len(reader.pages) > _MOST_PAGES:
            raise TooComplex(f"{len(reader.pages)} pages are more than {_MOST_PAGES}.")
        pages = [page.extract_text().translate(_LIGATURES).splitlines() for page in reader.pages]
        title = str((reader.metadata.title if reader.metadata else "") or "")
    except ExtractionError:
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise Encrypted("The PDF is encrypted in a way that can't be read.") from error
    except RecursionError as error:
        raise TooComplex("The PDF is nested too deep.") from error
    except PyPdfError as error:
        raise NoText(f"The PDF can't be read: {error}") from error
    except Exception as error:
        # pypdf lets all kinds of errors through on broken files; there is no text to be had from any of them.
        raise NoText(f"The PDF is broken: {type(error).__name__}") from error
    return pages, title


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """All lines in order; those at the edges of most pages and page numbers are out."""
    kept = [[fold(line) for line in page] for page in pages]
    edges = Counter(
        _DIGITS.sub("0", line) for page in kept for line in {*_filled(page)[:2], *_filled(page)[-2:]} if len(line) < 120
    )
    often = max(3, (len(pages) + 1) // 2)
    lines: list[str] = []
    for page in kept:
        filled = _filled(page)
        heads = {line for line in (*filled[:2], *filled[-2:]) if edges[_DIGITS.sub("0", line)] >= often}
        ends = {*filled[:1], *filled[-1:]}
        lines += [line for line in page if line not in heads and not (line in ends and _PAGE_NUMBER.match(line))]
    return lines


def _filled(page: list[str]) -> list[str]:
    return [line for line in page if line]


def _join(builder: BlockBuilder, pending: str, line: str) -> str:
    """Add ``line`` to the paragraph before it, or end that one and begin another."""
    if not line:
        if pending and _SENTENCE_END.search(pending):
            _add(builder, pending)
            return ""
        return pending
    if not pending:
        return line
    if _HYPHENATED.search(pending) and line[:1].islower():
        return pending[:-1] + line
    label, words = split_label(line)
    ended = _SENTENCE_END.search(pending) is not None
    after_title = not ended and len(pending) < 80 and not pending.endswith(",") and _is_title(pending)
    if (label and words) or ((ended or after_title) and line[:1].isupper()):
        _add(builder, pending)
        return line
    return f"{pending} {line}"


def _is_title(line: str) -> bool:
    words = [word for word in split_label(line)[1].split() if word.isalpha() and len(word) > 3]
    return bool(words) and all(word[0].isupper() for word in words)


def _add(builder: BlockBuilder, text: str) -> None:
    if text:
        heading = len(text) < 90 and not _SENTENCE_END.search(text) and _is_title(text)
        builder.add(BlockKind.HEADING if heading else BlockKind.PARAGRAPH, text, level=2 if heading else 0)
