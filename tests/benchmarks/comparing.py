"""What comparing two texts costs, against git's word diff on the same texts in the same run, and how it grows.

Texts are consecutive versions of real documents, where they are at hand. Processor time alone is counted; of git's, what
it costs to start is measured and taken off. Nothing is remembered for a text between two comparisons, but words are.
"""

from __future__ import annotations

import json
import math
import os
import random
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitoring.diffing import compare
from monitoring.extraction import from_markdown
from monitoring.extraction.texts import ExtractedText
from tests.measures.pack import DATA, Versions

PAIRS = DATA / "history" / "pairs.jsonl"
SAMPLE = 300
SEED = 20261125
STARTS = 40  # of git on two texts of one word
LENGTHS = tuple(1_000 * 2**step for step in range(8))  # words of the texts that are made up
TURNS = 3


@dataclass(frozen=True)
class Pair:
    name: str
    old: str
    new: str

    @property
    def characters(self) -> int:
        return len(self.old) + len(self.new)


def real_pairs(folder: Path, most: int | None) -> list[Pair]:
    """Consecutive versions, ``most`` of them drawn by chance, always the same ones."""
    with PAIRS.open() as lines:
        told = [json.loads(line) for line in lines]
    if most is not None and most < len(told):
        told = random.Random(SEED).sample(told, most)
    names = [f"{pair['service']}/{pair['terms']}.md" for pair in told]
    texts = Versions(folder / "versions.git").of_pairs(told)
    return [Pair(name, old, new) for name, (old, new) in zip(names, texts, strict=True)]


def word_diff_milliseconds(folder: Path, old: str, new: str) -> float:
    """Processor time of one process of git that compares two files word by word."""
    for name, text in (("old", old), ("new", new)):
        (folder / name).write_text(text)
    command = ["git", "diff", "--no-index", "--word-diff", "--no-color", str(folder / "old"), str(folder / "new")]
    with (folder / "answer").open("wb") as answer:
        process = os.posix_spawnp("git", command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, answer.fileno(), 1)])
        _, status, used = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):  # 1: the texts differ
        raise RuntimeError(f"git ended with {os.waitstatus_to_exitcode(status)}")
    return 1000 * float(used.ru_utime + used.ru_stime)


def compare_milliseconds(old: ExtractedText, new: ExtractedText) -> float:
    began = time.process_time()
    compare(old, new)
    return 1000 * (time.process_time() - began)


def quantiles(times: Sequence[float]) -> tuple[float, float, float]:
    """The median, the 95th percentile and the most."""
    ordered = sorted(times)
    return ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100], ordered[-1]


def made_up(words: int, changed: bool) -> ExtractedText:
    """A text of so many words in blocks of fifty; ``changed``: every tenth block is reworded, and some came and went."""
    chance = random.Random(SEED)
    vocabulary = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(3_000)]
    vocabulary += ["may", "must", "not", "any", "share", "retain", "30 days", "terminate"] * 10
    blocks = []
    for number in range(words // 50):
        block = chance.choices(vocabulary, k=50)
        other = chance.choices(vocabulary, k=6)
        if changed and number % 10 == 3:
            block[20:23] = other[:4]
        if not (changed and number % 40 == 7):
            blocks.append((f"## Part {number}\n\n" if number % 20 == 0 else "") + " ".join(block).capitalize() + ".")
        if changed and number % 40 == 27:
            blocks.append(" ".join(other).capitalize() + ".")
    return from_markdown("\n\n".join(blocks))


def exponent(lengths: Sequence[int], times: Sequence[float]) -> float:
    """The power of the length by which the time grows: the slope of the line through both logarithms."""
    points = [(math.log(length), math.log(spent)) for length, spent in zip(lengths, times, strict=True)]
    middle = [sum(axis) / len(points) for axis in zip(*points, strict=True)]
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    return float(above / sum((x - middle[0]) ** 2 for x, _ in points))


def bench_comparing(say: Callable[[str], None], *, every_pair: bool) -> None:
    if PAIRS.exists():
        with tempfile.TemporaryDirectory() as place:
            _bench_real(say, Path(place), None if every_pair else SAMPLE)
    else:
        say("Comparing real versions is left out: they aren't here (ATLAS_SHARED_DATA names the folder that has them).")
    _bench_lengths(say)


def _bench_real(say: Callable[[str], None], folder: Path, most: int | None) -> None:
    pairs = real_pairs(folder, most)
    say(
        f"Comparing {len(pairs)} pairs of consecutive real versions, {sum(map(len_of, pairs)) / 1e6:.1f} million characters"
    )
    start = sorted(word_diff_milliseconds(folder, "one\n", "two\n") for _ in range(STARTS))[STARTS // 2]
    ours, theirs = [], []
    largest = max(pairs, key=len_of)
    texts: dict[str, ExtractedText] = {}
    for pair in pairs:  # in turns, so that both have the same machine
        texts = {text: texts.get(text) or from_markdown(text) for text in (pair.old, pair.new)}
        ours.append(compare_milliseconds(texts[pair.old], texts[pair.new]))
        theirs.append(max(word_diff_milliseconds(folder, pair.old, pair.new) - start, 0.0))
    for name, times in (("compare", ours), ("git diff --word-diff", theirs)):
        middle, high, highest = quantiles(times)
        total = sum(times) / 1000
        say(f"  {name:<21} p50 {middle:6.2f}  p95 {high:6.2f}  most {highest:6.1f} CPU ms  ({total:.2f} s in all)")
    ratios = [mine / git for mine, git in zip(quantiles(ours), quantiles(theirs), strict=True) if git]
    say(
        f"  ours by git's: {', '.join(f'{ratio:.1f}' for ratio in ratios)} (git's start of {start:.2f} ms is taken off)"
    )
    slowest = max(zip(ours, pairs, strict=True), key=lambda item: item[0])[1]
    for title, pair in (("largest", largest), ("slowest", slowest)):
        spent = ours[pairs.index(pair)]
        say(f"  the {title} pair: {pair.name}, {pair.characters / 1000:.0f} thousand characters, {spent:.1f} CPU ms")
    old, new = from_markdown(largest.old), from_markdown(largest.new)
    tracemalloc.start()
    compare(old, new)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    say(
        f"  memory for the largest pair: {peak / 1e6:.1f} MB at most, {held / 1e6:.1f} MB of them kept in tables of words"
    )


def len_of(pair: Pair) -> int:
    return pair.characters


def _bench_lengths(say: Callable[[str], None]) -> None:
    times = []
    for words in LENGTHS:
        old, new = made_up(words, changed=False), made_up(words, changed=True)
        times.append(min(compare_milliseconds(old, new) for _ in range(TURNS)))
    told = ", ".join(f"{words // 1000}: {spent:.1f}" for words, spent in zip(LENGTHS, times, strict=True))
    say(f"Comparing texts that are made up, CPU ms by thousand words: {told}")
    logarithmic = exponent(LENGTHS, [words * math.log(words) for words in LENGTHS])
    say(f"  the time grows by the length to the power of {exponent(LENGTHS, times):.2f} (n log n: {logarithmic:.2f})")
