from __future__ import annotations

import pytest

from monitoring.extraction.labels import counted_label, split_label


@pytest.mark.parametrize(
    ("text", "label", "words"),
    [
        ("4. Fees", "4.", "Fees"),
        ("4.2 Fees", "4.2", "Fees"),
        ("4.2.1. Fees", "4.2.1.", "Fees"),
        ("1.Acceptance of terms", "1.", "Acceptance of terms"),
        ("(a) to pay", "(a)", "to pay"),
        ("(iv) to pay", "(iv)", "to pay"),
        ("(aa) to pay", "(aa)", "to pay"),
        ("b) to pay", "b)", "to pay"),
        ("IV. Fees", "IV.", "Fees"),
        ("Section 3. Fees", "Section 3.", "Fees"),
        ("Article IV: Fees", "Article IV:", "Fees"),
        ("A1. Fees", "A1.", "Fees"),
        ("§ 4 Entgelt", "§ 4", "Entgelt"),
        ("• to pay", "•", "to pay"),
        ("第三条 费用", "第三条", "费用"),
        ("一、总则", "一、", "总则"),
        ("（二）费用", "（二）", "费用"),
        ("4.", "4.", ""),
    ],
)
def test_numbering_is_split(text: str, label: str, words: str) -> None:
    assert split_label(text) == (label, words)


@pytest.mark.parametrize(
    "label",
    """Section_3. Article_IV: Clause_2) Part_b. Chapter_1. Annex_I. Schedule_2: Exhibit_A. Appendix_C: Artikel_4. Abschnitt_7.
    ii. vi. xl. lx)""".split(),
)
def test_a_label_that_begins_with_letters_is_split_from_a_long_text(label: str) -> None:
    label, words = label.replace("_", " "), "What we may ask of all of our customers"
    assert split_label(f"{label} {words}") == (label, words)


@pytest.mark.parametrize(
    "text",
    [
        "2024 was a year.",
        "30 days after the notice",
        "1.5 million users",
        "(the Company) agrees",
        "(including) all",
        "We agree",
        "A person may ask",
        "I agree",
        "Section 3 applies",
        "e.g. this",
        "Article 6(1) applies",
        "-5 degrees",
    ],
)
def test_words_that_look_like_numbering_stay(text: str) -> None:
    assert split_label(text) == ("", text)


def test_in_a_heading_a_bare_number_is_a_label() -> None:
    assert split_label("4 Fees", heading=True) == ("4", "Fees")
    assert split_label("4 Fees") == ("", "4 Fees")
    assert split_label("365 Days", heading=True) == ("", "365 Days")


@pytest.mark.parametrize(
    ("number", "style", "label"), [(3, "1", "3."), (28, "a", "ab."), (4, "I", "IV."), (0, "a", "0."), (9, "i", "ix.")]
)
def test_labels_of_lists_are_counted_as_browsers_do(number: int, style: str, label: str) -> None:
    assert counted_label(number, style) == label
