"""The golden corpus: what each of our own pages, and a draw of real ones, is read as.

A change of any text without a new number of the extractor is a fault: stored texts would be compared with texts read
by other rules. ``python -m tests.monitoring.extraction.golden`` writes the corpus anew, and refuses where a text changed
and its extractor didn't.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

from monitoring.extraction import ExtractedText, ExtractionError, extract
from tests.measures.pack import DATA, Pages, captures
from tests.monitoring.extraction.golden.pages import PAGES

FOLDER = Path(__file__).parent
EXPECTED = FOLDER / "expected"
REAL = FOLDER / "real.csv"
_DRAWN = 200
_SEED = 20261125
WHAT_TO_DO = (
    "{name}: the text changed, but its extractor is still {extractor}. Is the change wanted? Then raise EXTRACTOR in "
    "the module that reads it and run `python -m tests.monitoring.extraction.golden`. If you changed nothing, a "
    "dependency did: it needs the same decision."
)


class NumberNotRaised(Exception):
    """A text changed under the same number."""


def read(name: str) -> ExtractedText:
    media_type, content = PAGES[name]
    return extract(content, media_type=media_type)


def pretty(text: ExtractedText) -> str:
    """All of a text as JSON with a line for each field, for people who read a diff of it."""
    return json.dumps(json.loads(text.dumps()), ensure_ascii=False, indent=1) + "\n"


def expected(name: str) -> str | None:
    path = EXPECTED / f"{name}.json"
    return path.read_text(encoding="utf-8") if path.exists() else None


def must_raise(before: str | None, after: str) -> bool:
    """Whether the new text may not take the place of the old: they differ, and the extractor is the same."""
    return before not in (None, after) and json.loads(str(before))["extractor"] == json.loads(after)["extractor"]


def drawn(data: Path = DATA) -> Iterator[tuple[str, str, str]]:
    """SHA-256 of the bytes, the extractor and SHA-256 of the text (or the error) of real captures drawn by a seed."""
    media = {capture["sha256"]: capture["media_type"] for capture in captures(data)}
    wanted = set(random.Random(_SEED).sample(sorted(media), min(_DRAWN, len(media))))
    wanted |= {sha256 for sha256, media_type in media.items() if media_type == "application/pdf"}
    pages = Pages(wanted, data)
    for sha256 in sorted(wanted):
        try:
            text = extract(pages[sha256], media_type=media[sha256])
        except ExtractionError as error:
            yield sha256, "", type(error).__name__
        else:
            yield sha256, text.extractor, hashlib.sha256(text.dumps().encode()).hexdigest()


def recorded() -> dict[str, tuple[str, str]]:
    if not REAL.exists():
        return {}
    with REAL.open(encoding="utf-8", newline="") as file:
        return {row[0]: (row[1], row[2]) for row in csv.reader(file)}


def changed_under_the_same_number(now: dict[str, tuple[str, str]], before: dict[str, tuple[str, str]]) -> list[str]:
    """The captures whose text is another although the extractor is the same."""
    return [key for key, value in now.items() if key in before and before[key][0] == value[0] and before[key] != value]


def rewrite(*, data: Path = DATA) -> int:
    """Write the corpus anew and count what changed. Raises NumberNotRaised and then writes nothing."""
    texts = {name: pretty(read(name)) for name in PAGES}
    kept = [name for name, text in texts.items() if must_raise(expected(name), text)]
    real = recorded()
    if (data / "pages" / "pages.tar.zst").exists():
        real = {sha256: (extractor, digest) for sha256, extractor, digest in drawn(data)}
        kept += changed_under_the_same_number(real, recorded())
    if kept:
        raise NumberNotRaised(
            "Nothing is written: raise EXTRACTOR first. Changed under the same number: " + ", ".join(kept)
        )
    changed = sum(expected(name) != text for name, text in texts.items())
    for name, text in texts.items():
        (EXPECTED / f"{name}.json").write_text(text, encoding="utf-8")
    with REAL.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows((key, *value) for key, value in sorted(real.items()))
    return changed
