"""PDF to canonical text. pypdf is imported where it is used."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from monitoring.extraction.building import BlockBuilder
from monitoring.extraction.errors import Encrypted, ExtractionError, NoText, TooComplex
from monitoring.extraction.folding import fold
from monitoring.extraction.labels import split_label
from monitoring.extraction.texts import BlockKind, ExtractedText

if TYPE_CHECKING:
    from pypdf import PageObject

EXTRACTOR = "pdf-3"
_HEADING_LEVEL = 2
_MOST_BYTES = 50_000_000
_MOST_PAGES = 1_000
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]$")
_PAGE_NUMBER = re.compile(
    r"^(?:page\s*|seite\s*|sida\s*)?[-–]?\s*\d{1,4}\s*(?:(?:/|of|von|av)\s*\d{1,4})?\s*[-–]?$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"""[.!?:;。！？：；]["'”’)\]]*$""")
# What stands before the last item of a list.
_LAST_BUT_ONE = re.compile(r"[;,]\s+(?:and|or|and/or)$", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")


def is_pdf(content: bytes) -> bool:
    """Whether the bytes begin as a PDF does, whatever they were declared as."""
    return content[:1024].lstrip().startswith(b"%PDF-")


def extract_pdf(content: bytes, *, language: str | None) -> ExtractedText:
    """The text of a PDF: lines joined to paragraphs, running heads and page numbers out.

    Raises Encrypted, TooComplex, and NoText where it holds no text (a scan) or can't be read.
    """
    if len(content) > _MOST_BYTES:
        raise TooComplex(f"{len(content)} bytes are more than {_MOST_BYTES}.")
    pages, title = _read(content)
    builder = BlockBuilder()
    for paragraph in _paragraphs(_without_running_heads(pages)):
        heading = len(paragraph) < 90 and _SENTENCE_END.search(paragraph) is None and _is_title(paragraph)
        builder.add(
            BlockKind.HEADING if heading else BlockKind.PARAGRAPH, paragraph, level=_HEADING_LEVEL if heading else 0
        )
    return builder.finish(extractor=EXTRACTOR, language=language, title=title)


def _read(content: bytes) -> tuple[list[list[str]], str]:
    """The lines of each page and the title that the file states."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Encrypted("The PDF needs a password.")
        if len(reader.pages) > _MOST_PAGES:
            raise TooComplex(f"{len(reader.pages)} pages are more than {_MOST_PAGES}.")
        pages = [_lines_of(page) for page in reader.pages]
        title = str((reader.metadata.title if reader.metadata else "") or "")
    except ExtractionError:
        raise
    except (FileNotDecryptedError, DependencyError) as error:
        raise Encrypted("The PDF is encrypted in a way that can't be read.") from error
    except RecursionError as error:
        raise TooComplex("The PDF is nested too deep.") from error
    except MemoryError:
        raise
    except LimitReachedError as error:
        # pypdf's own words name addresses in memory: each reading would say something else.
        raise TooComplex("The PDF is too large to be read, or points at itself.") from error
    except PyPdfError as error:
        raise NoText(f"The PDF can't be read: {type(error).__name__}") from error
    except Exception as error:
        # pypdf lets all kinds of errors through on broken files; there is no text to be had from any of them.
        raise NoText(f"The PDF is broken: {type(error).__name__}") from error
    return pages, title


def _lines_of(page: PageObject) -> list[str]:
    """The lines as they stand on the page, empty ones between paragraphs.

    The order in which a file draws its words says nothing about lines (some write each word alone), their places do.
    """
    try:
        text = page.extract_text(extraction_mode="layout")
    except RecursionError:
        raise
    except Exception:
        # The layout needs measures of fonts that not every file brings; then the order of drawing must do.
        text = page.extract_text()
    return [fold(line.translate(_LIGATURES)) for line in text.splitlines()]


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """All lines in order, an empty one after each page; lines that most pages begin or end with stay only once."""
    edges = Counter(_DIGITS.sub("0", line) for page in pages for line in _edges(page) if len(line) < 120)
    often = max(3, (len(pages) + 1) // 2)
    lines: list[str] = []
    seen: set[str] = set()
    for page in pages:
        heads = {line for line in _edges(page) if edges[_DIGITS.sub("0", line)] >= often}
        filled = [line for line in page if line]
        numbers = {line for line in (*filled[:1], *filled[-1:]) if _PAGE_NUMBER.match(line)}
        lines += [
            line for line in page if line not in numbers and not (line in heads and _DIGITS.sub("0", line) in seen)
        ]
        lines.append("")
        seen.update(_DIGITS.sub("0", line) for line in heads)
    return lines


def _edges(page: list[str]) -> set[str]:
    filled = [line for line in page if line]
    return {*filled[:2], *filled[-2:]}


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines joined to paragraphs. Where empty lines part them those count; else ends of sentences and short titles."""
    parted = sum(1 for line in lines if not line) * 15 >= len(lines)
    lengths = sorted(len(line) for line in lines if line)
    short = 0.6 * lengths[len(lengths) * 4 // 5] if lengths else 0
    found: list[str] = []
    pending = last = ""
    gap = False
    for line in lines:
        if not line:
            gap = True
            continue
        cut, last = len(last) < short, line
        goes_on = bool(pending) and _SENTENCE_END.search(pending) is None and line[0].islower()
        if not pending:
            pending = line
        elif _HYPHENATED.search(pending) and line[0].islower():
            pending = pending[:-1] + line
        elif (gap and not goes_on) or _begins(pending, line, parted=parted, cut=cut):
            found.append(pending)
            pending = line
        else:
            pending = f"{pending} {line}"
        gap = False
    return [*found, pending] if pending else found


def _begins(pending: str, line: str, *, parted: bool, cut: bool) -> bool:
    """Whether ``line`` begins a paragraph although no empty line stands before it; ``cut``: the last line was short."""
    label, words = split_label(line)
    ended = _SENTENCE_END.search(pending) is not None or _LAST_BUT_ONE.search(pending) is not None
    if label and words and (ended or len(pending) < 60):
        return True
    if cut and not line[0].islower():
        return True
    if parted or not line[0].isupper():
        return False
    return ended or (len(pending) < 80 and not pending.endswith(",") and _is_title(pending))


def _is_title(line: str) -> bool:
    if _LAST_BUT_ONE.search(line):
        return False
    words = [word for word in split_label(line)[1].split() if word.isalpha() and len(word) > 3]
    return bool(words) and all(word[0].isupper() for word in words)
