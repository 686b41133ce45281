"""How many real documents state a date of themselves that we find, by language, and what the others say with a year in it.

    python -m tests.measures.dates [../shared/data] [--show]

Read with the selectors of the day. Many documents state none: their lines with a year are shown, for a person to judge.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from monitoring.extraction import ExtractedText, ExtractionError
from tests.measures.extraction import Way, read, sample
from tests.measures.pack import DATA, Pages

_YEAR = re.compile(r"(?:19|20)\d\d")
_LONGEST_SHOWN = 200


def lines_with_a_year(text: ExtractedText) -> list[str]:
    """Short blocks that could be a date line which we don't know."""
    return [block.text for block in text.blocks if len(block.text) <= _LONGEST_SHOWN and _YEAR.search(block.text)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--show", action="store_true", help="the lines with a year of documents without a date")
    options = parser.parse_args()
    chosen = sample(options.data)
    pages = Pages((each["sha256"] for each in chosen), options.data)
    documents: Counter[str] = Counter()
    dated: Counter[str] = Counter()
    for capture in chosen:
        try:
            text = read(capture, pages[capture["sha256"]], Way.SELECTED)
        except ExtractionError as error:
            print(f"{capture['service']} {capture['terms']}: {error}")
            continue
        language = text.language or "unknown"
        documents[language] += 1
        dated[language] += bool(text.dates)
        if options.show and not text.dates:
            print(f"{capture['service']} {capture['terms']}", *lines_with_a_year(text)[:5], sep="\n  ")
    for language, number in documents.most_common():
        print(f"{language}: {dated[language]} of {number} documents state a date that is found")


if __name__ == "__main__":
    main()
