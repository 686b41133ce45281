"""The real captures of the page pack, where it lies beside the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from monitoring.extraction import BlockKind, ExtractedText, ExtractionError, extract
from monitoring.extraction.folding import comparison_key
from monitoring.fetching import classify
from tests.measures.pack import DATA, Pages

PACK = DATA / "pages"
# Of 24 sequences every third is played here; `manage.py replay` plays all of them through the whole pipeline.
EVERY = 3
# Doubtful labels: words for screen readers alone, a stray bracket.
WRONG_OF_THE_REPLAY = 2
WRONG_OF_THE_PACK = 8

pytestmark = pytest.mark.skipif(
    not (PACK / "pages.tar.zst").exists(), reason="the real page captures aren't beside the project"
)


def lines(name: str) -> Iterator[dict[str, Any]]:
    with (PACK / name).open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def key(text: ExtractedText) -> str:
    return comparison_key(" ".join(block.text for block in text.blocks if block.kind is not BlockKind.DATE))


def outcome(capture: dict[str, Any], content: bytes, previous: ExtractedText | None) -> str:
    return classify(
        content,
        status=200,
        media_type=capture["media_type"],
        url=capture["url"],
        final_url=capture["url"],
        previous=previous,
        expected_kind=capture["terms"],
    ).outcome


def test_the_expectations_of_the_replay_hold() -> None:
    captures = {
        (each["snapshot_commit"], each["service"], each["terms"], each["source_index"]): each
        for each in lines("index.jsonl")
    }
    steps = list(lines("replay.jsonl"))
    played = sorted({step["replay"] for step in steps})[::EVERY]
    steps = [step for step in steps if step["replay"] in played]
    pages = Pages(step["sha256"] for step in steps)
    last: dict[str, ExtractedText] = {}
    wrong = []
    for step in steps:
        capture = captures[step["snapshot_commit"], step["service"], step["terms"], step["source_index"]]
        content, previous, text = pages[step["sha256"]], last.get(step["replay"]), None
        if outcome(capture, content, previous) == "document":
            with suppress(ExtractionError):
                text = extract(
                    content, media_type=capture["media_type"], select=capture["select"], remove=capture["remove"]
                )
        found = "failure" if text is None else "same" if previous and key(text) == key(previous) else "changed"
        if step.get("expect") not in (None, found):
            wrong.append((step["replay"], step["order"], step["expect"], found))
        if text is not None and step.get("expect") != "failure":
            last[step["replay"]] = text
    assert len(steps) > 200
    assert len(wrong) <= WRONG_OF_THE_REPLAY, wrong


def test_documents_are_told_from_failures_without_a_last_text() -> None:
    chosen = {}
    for capture in lines("index.jsonl"):
        # Of the documents one a source will do; of the failures all.
        failed = capture["sha256"] if capture["kind"] != "document" else ""
        chosen[capture["service"], capture["terms"], capture["source_index"], failed] = capture
    pages = Pages(capture["sha256"] for capture in chosen.values())
    wrong = [
        (capture["service"], capture["terms"], capture["kind"])
        for capture in chosen.values()
        if (outcome(capture, pages[capture["sha256"]], None) == "document") != (capture["kind"] == "document")
    ]
    assert len(wrong) <= WRONG_OF_THE_PACK, wrong
