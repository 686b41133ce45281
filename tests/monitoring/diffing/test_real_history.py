"""Real histories, where they are at hand: a sample of consecutive versions with what an independent oracle says of them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

from monitoring.diffing import Comparison, Significance, apply, compare
from monitoring.diffing.reading import sections
from monitoring.extraction import from_markdown
from monitoring.extraction.texts import ExtractedText

FIGURES = json.loads((Path(__file__).parent / "figures.json").read_text())
ROOT = Path(__file__).resolve().parents[3]
HISTORY = Path(os.environ.get("ATLAS_SHARED_DATA") or ROOT.parent / "shared" / "data") / "history"
QUIET = (Significance.NONE, Significance.COSMETIC)

pytestmark = pytest.mark.skipif(
    not (HISTORY / "pairs.jsonl").exists(), reason="no real histories here (set ATLAS_SHARED_DATA to have them tested)"
)


@dataclass
class Pair:
    oracle: str
    old: ExtractedText
    new: ExtractedText
    comparison: Comparison


class Repository:
    def __init__(self, path: Path) -> None:
        command = ["git", "clone", "--quiet", "--bare", str(HISTORY / "genai-contrib-versions.bundle"), str(path)]
        subprocess.run(command, check=True, capture_output=True)
        self.path = path

    @lru_cache(maxsize=64)  # noqa: B019
    def text(self, commit: str, name: str) -> ExtractedText:
        command = ["git", "-C", str(self.path), "show", f"{commit}:{name}"]
        return from_markdown(subprocess.run(command, check=True, capture_output=True).stdout.decode())


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Every second pair that must not be cosmetic, every ninetieth of the others."""
    repository = Repository(tmp_path_factory.mktemp("history") / "versions.git")
    found = []
    with (HISTORY / "pairs.jsonl").open() as lines:
        for number, line in enumerate(lines):
            pair = json.loads(line)
            if number % (2 if pair["oracle"] == "must_not_be_cosmetic" else 90):
                continue
            name = f"{pair['service']}/{pair['terms']}.md"
            old, new = repository.text(pair["from_commit"], name), repository.text(pair["to_commit"], name)
            found.append(Pair(pair["oracle"], old, new, compare(old, new)))
    return found


def test_operations_rebuild_each_new_version(pairs: list[Pair]) -> None:
    assert all(apply(pair.old, pair.comparison) == pair.new.text for pair in pairs)


def test_noise_is_never_told(pairs: list[Pair]) -> None:
    told = [pair for pair in pairs if pair.oracle == "cosmetic" and pair.comparison.significance not in QUIET]
    assert sum(pair.oracle == "cosmetic" for pair in pairs) > 10
    assert told == []


def test_change_of_amount_negation_or_modality_is_substantive(pairs: list[Pair]) -> None:
    watched = [pair for pair in pairs if pair.oracle == "must_not_be_cosmetic"]
    assert len(watched) > 25
    assert {pair.comparison.significance for pair in watched} == {Significance.SUBSTANTIVE}


def test_reading_of_each_pair_shows_the_whole_new_version(pairs: list[Pair]) -> None:
    for pair in pairs:
        rows = [row for section in sections(pair.old, pair.new, pair.comparison) for row in section.rows]
        assert [row.text for row in rows if row.new is not None] == [block.text for block in pair.new.blocks]


def test_no_real_pair_is_too_much_for_the_budget(pairs: list[Pair]) -> None:
    assert not any(pair.comparison.coarse for pair in pairs)


def test_no_figure_of_the_sample_is_worse_than_the_one_on_file(pairs: list[Pair]) -> None:
    """Verdicts are held to the letter. What comparing costs is measured by `make bench`, not here."""
    sample = FIGURES["sample"]
    quiet = sum(pair.oracle == "cosmetic" and pair.comparison.significance in QUIET for pair in pairs)
    watched = sum(
        pair.oracle == "must_not_be_cosmetic" and pair.comparison.significance == Significance.SUBSTANTIVE
        for pair in pairs
    )
    open_quiet = sum(pair.oracle == "open" and pair.comparison.significance in QUIET for pair in pairs)
    print(f"cosmetic and quiet {quiet}, watched and substantive {watched}, open and quiet {open_quiet}")
    assert len(pairs) == sample["pairs"]
    assert quiet >= sample["cosmetic_quiet"]
    assert watched >= sample["must_not_be_cosmetic_substantive"]
    assert open_quiet >= sample["open_quiet"]
