"""Whether sentences of real versions are found again in the next one, and none where it is gone.

    python -m tests.measures.anchoring [../shared/data] [--every 1] [--draw 5] [--show 10]

From the older text of each consecutive pair of the history, sentences are drawn with a seed. *Stands*: its words stand
verbatim in the newer text, as often as in the older one; the right place of the k-th is the k-th. *Gone*: a sentence of four
words or more, of whose pairs of neighbouring words the newer text has fewer than a quarter, anywhere. What lies between may
be told as modified or removed and is counted on neither side. *Claimed* is `exact`, `moved`, or `modified` (whose score is
never below the published one).
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from monitoring.anchoring import Anchor, AnchorStatus, Selector, describe, locate
from monitoring.diffing import Comparison, compare
from monitoring.extraction import from_markdown
from monitoring.extraction.sentences import sentence_spans
from monitoring.extraction.texts import ExtractedText
from tests.measures.extraction import words_of
from tests.measures.pack import DATA, Versions

SEED = 20261125
GONE_BELOW = 0.25
WAYS = ("comparison", "search")


@dataclass
class Found:
    """Counts of one way of looking, and the cases that went wrong (service, status, score, words)."""

    stands: int = 0
    right: int = 0
    gone: int = 0
    claimed: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """One sentence: what it is called by, where it stands now (None: gone)."""

    name: str
    selector: Selector
    place: int | None


def places_of(words: str, text: str) -> list[int]:
    places, place = [], text.find(words)
    while place >= 0:
        places.append(place)
        place = text.find(words, place + len(words))
    return places


def draw(old: ExtractedText, new: ExtractedText, number: int, chance: random.Random, name: str) -> Iterator[Drawn]:
    """Sentences of the older text that surely stand, or are surely gone, among ``number`` drawn."""
    spans = sentence_spans(old.text)
    for start, end in chance.sample(spans, min(number, len(spans))):
        selector = describe(old.text, start, end)
        before, after = places_of(selector.exact, old.text), places_of(selector.exact, new.text)
        if after:
            if len(before) == len(after) and start in before:
                yield Drawn(name, selector, after[before.index(start)])
        elif _kept(selector.exact, new.text) < GONE_BELOW:
            yield Drawn(name, selector, None)


def _kept(words: str, text: str) -> float:
    """How many of the passage's pairs of words the text still has, from 0 to 1; 1 for a passage too short to say."""
    mine, theirs = words_of(words), words_of(text)
    if len(mine) < 4:
        return 1.0
    runs = set(pairwise(theirs))
    return sum(pair in runs for pair in pairwise(mine)) / (len(mine) - 1)


def count(found: Found, drawn: Drawn, anchor: Anchor) -> None:
    if drawn.place is None:
        found.gone += 1
        if anchor.status is not AnchorStatus.REMOVED:
            found.claimed += 1
            found.wrong.append(f"claimed {anchor.status} {anchor.score:.2f} {drawn.name}: {drawn.selector.exact[:120]}")
        return
    found.stands += 1
    if (anchor.start, anchor.end) == (drawn.place, drawn.place + len(drawn.selector.exact)):
        found.right += 1
    else:
        away = anchor.start - drawn.place
        found.wrong.append(f"{anchor.status} {anchor.score:.2f} {away:+} {drawn.name}: {drawn.selector.exact[:120]!r}")


def measure(data: Path = DATA, *, every: int = 1, number: int = 5) -> dict[str, Found]:
    """Every so-manieth pair of the history, looked at in both ways."""
    found = {way: Found() for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        for name, old, new in pairs(data, Path(folder), every=every):
            chance = random.Random(f"{SEED} {name}")
            comparison: Comparison | None = None
            for drawn in draw(old, new, number, chance, name):
                comparison = comparison or compare(old, new)
                count(found["comparison"], drawn, locate(drawn.selector, new.text, through=comparison))
                count(found["search"], drawn, locate(drawn.selector, new.text))
    return found


def pairs(data: Path, folder: Path, *, every: int) -> Iterator[tuple[str, ExtractedText, ExtractedText]]:
    lines = [json.loads(line) for line in (data / "history" / "pairs.jsonl").open(encoding="utf-8")][::every]
    read = lru_cache(maxsize=8)(from_markdown)
    for pair, (old, new) in zip(lines, Versions(folder / "versions.git", data).of_pairs(lines), strict=True):
        yield f"{pair['service']} {pair['terms']} {pair['from_commit'][:8]}", read(old), read(new)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path, default=DATA)
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth pair")
    parser.add_argument("--draw", type=int, default=5, help="sentences from each pair")
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    for way, found in measure(options.data, every=options.every, number=options.draw).items():
        share = 100 * found.right / max(1, found.stands)
        print(f"by {way}: {found.right} of {found.stands} at the right place ({share:.3f} %), "
              f"{found.claimed} of {found.gone} claimed that are gone")  # fmt: skip
        for kind, times in Counter(line.split(" ", 1)[0] for line in found.wrong).most_common():
            print(f"  {times} {kind}")
        for line in found.wrong[: options.show]:
            print(f"  - {line}")


if __name__ == "__main__":
    main()
