"""What our text of a real page lacks of Open Terms Archive's text of it, and what it has beyond it.

    python -m tests.measures.extraction [../shared/data] [--all] [--worst 10] [--show SERVICE] [--speed]

*Lost*: sentences of eight words and more that their text has and ours doesn't, in per cent of those sentences.
*Furniture*: words of ours that stand in no run of three words of theirs, in per cent of our words. Each is counted
with the selectors of the day, without any, and without but told the kind of the document (which tells the one that is meant
on a page of several). Numbering (which we keep beside the words), addresses that were hidden
from robots and notes on new windows count on neither side. Their text isn't the truth: what stands in a selected part
counts as text there, be it a cookie banner.
`--speed` measures time instead: against nothing but parsing, selecting and reading the text, page by page in one run.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from monitoring.extraction import ExtractedText, ExtractionError, extract, from_markdown, split_sentences
from monitoring.extraction.folding import comparison_key
from tests.measures.pack import DATA, Pages, Versions, captures

LEAST_WORDS = 8


class Way(StrEnum):
    """How a page is read."""

    SELECTED = "with selectors"
    ALONE = "without selectors"
    TOLD = "without selectors, told the kind"


# Where the selectors of the day had been broken, their text is a heading, and no measure of anything.
_LEAST_OF_THEIRS = 50
_WORD = re.compile(r"\w+")
_NOTES = re.compile(
    r"\(opens in (?:a )?new (?:window|tab)\)|\[email\xa0?\s?protected\]|<[^<>]*>|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_NUMBERING = re.compile(r"[a-z]|[ivx]{2,5}|\d{1,2}|[一二三四五六七八九十]{1,3}")


@dataclass(frozen=True, slots=True)
class Measure:
    """One page read in one way."""

    name: str
    sentences: int
    lost: tuple[str, ...]
    words: int
    furniture: tuple[str, ...]
    furniture_words: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """All pages read in one way, in per cent."""

    pages: int
    lost: float
    furniture: float
    median_furniture: float
    errors: int

    @classmethod
    def of(cls, measures: Sequence[Measure]) -> Figures:
        return cls(
            pages=len(measures),
            lost=100 * sum(len(each.lost) for each in measures) / max(1, sum(each.sentences for each in measures)),
            furniture=100
            * sum(each.furniture_words for each in measures)
            / max(1, sum(each.words for each in measures)),
            median_furniture=statistics.median(100 * each.furniture_words / max(1, each.words) for each in measures),
            errors=sum(bool(each.error) for each in measures),
        )


def words_of(text: str) -> list[str]:
    """The words without marks, case and notes."""
    return _WORD.findall(_NOTES.sub(" ", comparison_key(text)))


def _all_words(text: str) -> list[str]:
    return _WORD.findall(comparison_key(text))


def _joined(words: Sequence[str]) -> tuple[str, str]:
    """The words without what parts them, as they are and without what may be numbering."""
    return "".join(words), "".join(word for word in words if not _NUMBERING.fullmatch(word))


def _is_in(words: Sequence[str], text: tuple[str, str]) -> bool:
    return any(part in whole for part, whole in zip(_joined(words), text, strict=True))


def measure(name: str, ours: ExtractedText | None, theirs: ExtractedText, error: str = "") -> Measure:
    """Compare by words alone: marks, labels and the order of blocks don't count."""
    there = _joined(words_of(theirs.text))
    here = _joined(words_of(ours.text) if ours else [])
    sentences = [each for each in split_sentences(theirs.text) if len(words_of(each)) >= LEAST_WORDS]
    # An address takes words with it that are glued to it in theirs: then it must stand in ours as it does there.
    unnoted = _joined(_all_words(ours.text) if ours else [])
    lost = tuple(each for each in sentences if not (_is_in(words_of(each), here) or _is_in(_all_words(each), unnoted)))
    blocks = [(block.text, words_of(block.text)) for block in ours.blocks] if ours else []
    theirs_words = words_of(theirs.text)
    runs = set(zip(theirs_words, theirs_words[1:], theirs_words[2:], strict=False))
    extra, extra_words = [], 0
    for text, words in blocks:
        if not words or _is_in(words, there):
            continue
        known = [False] * len(words)
        for index, run in enumerate(zip(words, words[1:], words[2:], strict=False)):
            if run in runs:
                known[index : index + 3] = [True] * 3
        if not all(known):
            extra.append(text)
            extra_words += known.count(False)
    total = sum(len(words) for _, words in blocks)
    return Measure(name, len(sentences), lost, total, tuple(extra), extra_words, error)


def sample(data: Path = DATA, *, every: bool = False) -> list[dict[str, Any]]:
    """Captures with a version made from them alone: the last of each text, or all. Foreign filters can't be known."""
    chosen = {}
    for capture in captures(data):
        if (
            capture["kind"] == "document"
            and capture["declaration"] == "in force"
            and capture["version_blob_sha256"]
            and not capture["filter"]
        ):
            chosen[capture["service"], capture["terms"], capture["version_commit"] if every else ""] = capture
    return list(chosen.values())


def read(capture: dict[str, Any], content: bytes, way: Way) -> ExtractedText:
    selected = way is Way.SELECTED
    return extract(
        content,
        media_type=capture["media_type"],
        url=capture["url"],
        expected_kind=capture["terms"] if way is Way.TOLD else "",
        select=capture["select"] if selected else (),
        remove=capture["remove"] if selected else (),
    )


def measures(data: Path = DATA, *, every: bool = False, only: str = "") -> Iterator[tuple[Way, Measure]]:
    """Each page of the sample, in each way."""
    chosen = [each for each in sample(data, every=every) if only in f"{each['service']} {each['terms']}"]
    pages = Pages((each["sha256"] for each in chosen), data)
    with tempfile.TemporaryDirectory() as folder:
        versions = Versions(Path(folder) / "versions.git", data)
        names = [(each["version_commit"], f"{each['service']}/{each['terms']}.md") for each in chosen]
        for capture, markdown in zip(chosen, versions.read(names), strict=True):
            theirs, content = from_markdown(markdown), pages[capture["sha256"]]
            if len(words_of(theirs.text)) < _LEAST_OF_THEIRS and theirs.language not in ("zh", "ja", "ko"):
                continue
            name = f"{capture['service']} {capture['terms']} {capture['captured_at'][:10]}"
            for way in Way:
                try:
                    ours, error = read(capture, content, way), ""
                except ExtractionError as raised:
                    ours, error = None, type(raised).__name__
                yield way, measure(name, ours, theirs, error)


def milliseconds(data: Path = DATA, *, rounds: int = 3) -> tuple[float, float, float]:
    """Processor time a page: lexbor alone (parse, select, text), ours with selectors, and ours without."""
    chosen = [each for each in sample(data) if each["media_type"] == "text/html"]
    pages = Pages((each["sha256"] for each in chosen), data)
    spent = [0.0, 0.0, 0.0]
    for capture in chosen:
        content = pages[capture["sha256"]]
        selectors = [each for each in capture["select"] if isinstance(each, str)]
        tasks: tuple[Callable[[], object], ...] = (
            partial(_bare, content, selectors),
            partial(read, capture, content, Way.SELECTED),
            partial(read, capture, content, Way.ALONE),
        )
        for column, task in enumerate(tasks):
            spent[column] += min(_seconds(task) for _ in range(rounds))
    bare, selected, found = (1000 * each / len(chosen) for each in spent)
    return bare, selected, found


def _bare(content: bytes, selectors: Sequence[str]) -> int:
    tree = LexborHTMLParser(content)
    return sum(len(node.text()) for selector in selectors or ("body",) for node in tree.css(selector))


def _seconds(task: Callable[[], object]) -> float:
    start = time.process_time()
    task()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--all", action="store_true", help="every capture, not only the last of each text")
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--show", default="", help="what is lost and beyond, for the texts whose name contains this")
    parser.add_argument("--speed", action="store_true", help="processor time a page, and nothing else")
    options = parser.parse_args()
    if options.speed:
        bare, *ours = milliseconds(options.data)
        print(f"lexbor alone: {bare:.2f} ms a page")
        for way, cost in zip((Way.SELECTED, Way.ALONE), ours, strict=True):
            print(f"{way}: {cost:.2f} ms a page, {1000 / cost:.0f} a second, {cost / bare:.1f} times lexbor")
        return
    found = list(measures(options.data, every=options.all, only=options.show))
    for way in Way:
        of_way = [each for its, each in found if its is way]
        figures = Figures.of(of_way)
        print(f"{way}: {figures.pages} pages, {figures.lost:.3f} % of sentences "
              f"lost, {figures.furniture:.2f} % furniture (median {figures.median_furniture:.2f} %), "
              f"{figures.errors} errors")  # fmt: skip
        for each in sorted(of_way, key=lambda each: -len(each.lost))[: options.worst]:
            if each.lost:
                print(f"  lost {len(each.lost):4} of {each.sentences:4}  {each.name} {each.error}")
                for sentence in each.lost if options.show else ():
                    print(f"       - {sentence[:200]}")
        for each in sorted(of_way, key=lambda each: -each.furniture_words)[: options.worst]:
            if each.furniture_words:
                print(f"  beyond {each.furniture_words:5} of {each.words:6} words  {each.name}")
                for block in each.furniture if options.show else ():
                    print(f"       + {block[:160]}")


if __name__ == "__main__":
    main()
