"""Real histories, where they are at hand: a sample of consecutive versions with what an independent oracle says of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitoring.diffing import Comparison, Significance, apply, compare
from monitoring.diffing.reading import sections
from monitoring.extraction import from_markdown
from monitoring.extraction.texts import ExtractedText
from tests.measures.pack import DATA, Versions

FIGURES = json.loads((Path(__file__).parent / "figures.json").read_text())
HISTORY = DATA / "history"
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


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """Every second pair that must not be cosmetic, every ninetieth of the others."""
    told = [json.loads(line) for line in (HISTORY / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    chosen = [pair for at, pair in enumerate(told) if not at % (2 if pair["oracle"] == "must_not_be_cosmetic" else 90)]
    markdowns = Versions(tmp_path_factory.mktemp("history") / "versions.git").of_pairs(chosen)
    found = []
    for pair, (old, new) in zip(chosen, markdowns, strict=True):
        before, after = from_markdown(old), from_markdown(new)
        found.append(Pair(pair["oracle"], before, after, compare(before, after)))
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
