"""The golden corpus: pages of many shapes, written for this, each with the text that is read from it.

When a text changes, whether by our code or by a dependency, the extractor's number must be raised on purpose (``EXTRACTOR`` in
`html.py`, `pdf.py`, `markdown.py` or `plain.py`), since an upgrade of ours is never told as a platform's change. Then

    python -m tests.monitoring.extraction.golden

writes the texts anew. It refuses a changed text whose extractor still has its old number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitoring.extraction import ExtractedText, extract
from tests.measures.pack import DATA, Pages, captures
from tests.monitoring.extraction.golden.pages import PAGES
from tests.monitoring.extraction.pdfs import pdf_of

FOLDER = Path(__file__).parent
REAL = FOLDER / "real.json"
EVERY = 9  # of the real documents, in the order of their SHA-256
_TYPES = {".html": "text/html", ".txt": "text/plain", ".md": "text/markdown"}
_PAGES = (
    [
        "Quillmark Ltd.",
        "Terms of Use",
        "",
        "1. You may read the pages of the ser-",
        "vice as long as you pay.",
        "",
        "Page 1",
    ],
    ["Quillmark Ltd.", "2. We keep what you send for 30 days", "and erase it then.", "", "Page 2"],
)


class SameNumber(Exception):
    """A text changed and its extractor still has its old number."""


def pages() -> dict[str, tuple[str, bytes]]:
    """Media type and bytes of the pages of this folder, those of one shape each, and a PDF that is made here."""
    files = {path.name: (_TYPES[path.suffix], path.read_bytes()) for path in FOLDER.iterdir() if path.suffix in _TYPES}
    return {**files, **PAGES, "terms.pdf": ("application/pdf", pdf_of(*_PAGES))}


def read(name: str) -> ExtractedText:
    """The text of the page of that name."""
    media_type, content = pages()[name]
    return extract(content, media_type=media_type)


def real(data: Path = DATA) -> Iterator[tuple[str, ExtractedText]]:
    """Real documents, each read with the selectors of its day; called by the first letters of its SHA-256."""
    documents = {each["sha256"]: each for each in captures(data) if each["kind"] == "document"}
    chosen = sorted(documents)[::EVERY]
    pages = Pages(chosen, data)
    for sha256 in chosen:
        capture = documents[sha256]
        ways: dict[str, Any] = (
            {"select": capture["select"], "remove": capture["remove"]} if capture["selected_chars"] else {}
        )
        text = extract(pages[sha256], media_type=capture["media_type"], url=capture["url"], **ways)
        yield sha256[:16], text


def expected(name: str) -> dict[str, Any] | None:
    path = FOLDER / f"{name}.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    return found


def rewrite(data: Path = DATA) -> int:
    """Write what changed, or what is new, and return how many. Raises SameNumber, and then has written nothing."""
    files, old = {}, json.loads(REAL.read_text(encoding="utf-8")) if REAL.exists() else {}
    for name in pages():
        text = read(name)
        before, now = expected(name), json.loads(text.dumps())
        refuse(name, (before["extractor"], before != now) if before else None, text.extractor)
        files[FOLDER / f"{name}.json"] = json.dumps(now, ensure_ascii=False, indent=1) + "\n"
    if (data / "pages" / "pages.tar.zst").exists():
        found = {name: [text.extractor, text.sha256] for name, text in real(data)}
        for name, (extractor, sha256) in found.items():
            before_real = old.get(name)
            refuse(name, before_real and (before_real[0], before_real[1] != sha256), extractor)
        files[REAL] = json.dumps(found, indent=0) + "\n"
    changed = 0
    for path, content in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")
            changed += 1
    return changed


def refuse(name: str, before: tuple[str, bool] | None, extractor: str) -> None:
    """Raises SameNumber where what stood before (its extractor, whether the text differs) has the same number."""
    if before and before[1] and before[0] == extractor:
        raise SameNumber(f"{name} is read differently, but still by {extractor}: raise that number first.")
