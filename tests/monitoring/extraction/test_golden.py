"""Every text of the golden corpus is read as it was; see `golden/__init__.py` for what to do when it isn't."""

from __future__ import annotations

import json

import pytest

from tests.measures.pack import DATA
from tests.monitoring.extraction import golden

ADVICE = "raise the extractor's number on purpose, then: python -m tests.monitoring.extraction.golden"


@pytest.mark.parametrize("name", sorted(golden.pages()))
def test_a_page_of_ours_is_read_as_it_was(name: str) -> None:
    now = json.loads(golden.read(name).dumps())

    assert now == golden.expected(name), ADVICE


def test_no_expected_text_is_left_without_its_page() -> None:
    kept = {path.name.removesuffix(".json") for path in golden.FOLDER.glob("*.json")} - {"real"}

    assert kept == set(golden.pages())


def test_the_terms_say_what_a_reader_sees_and_nothing_else() -> None:
    terms = golden.read("terms.html")

    assert [(block.label, block.text) for block in terms.blocks if block.kind == "item"] == [
        ("a.", "You keep your password secret."),
        ("b.", "You tell us within 48 hours when somebody else knows it:"),
        ("", "by mail, or"),
        ("", "by telephone."),
        ("", "Content"),
        ("", "what you send us and what we give back."),
        ("", "Output"),
        ("", "what a model makes of your input."),
    ]
    assert [block.text for block in terms.blocks if block.kind == "row"][1] == "Small | € 9 a month | 1"
    assert [date.date for date in terms.dates] == ["2026-03-03", "2026-04-01"]
    assert "The law of Ireland applies" in terms.text
    assert "We try three times" in terms.text
    for furniture in ("Prices", "cookies", "for nobody", "helpful", "©", "color", "document.title"):
        assert furniture not in terms.text


def test_a_changed_text_under_the_old_number_is_refused() -> None:
    with pytest.raises(golden.SameNumber, match="raise that number first"):
        golden.refuse("terms.html", ("html-1", True), "html-1")
    golden.refuse("terms.html", ("html-1", True), "html-2")
    golden.refuse("terms.html", ("html-1", False), "html-1")


@pytest.mark.skipif(
    not (DATA / "pages" / "pages.tar.zst").exists(), reason="the real page captures aren't beside the project"
)
def test_real_documents_are_read_as_they_were() -> None:
    kept = json.loads(golden.REAL.read_text())
    now = {name: [text.extractor, text.sha256] for name, text in golden.real()}

    assert len(now) > 100
    assert {name for name, read in now.items() if kept.get(name) != read} == set(), ADVICE
