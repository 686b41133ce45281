"""What changes throughout a text is told once: a section that moved, new numbers, a new name, a definition and its uses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitoring.diffing import Comparison, OperationKind, SectionChange, Significance, apply, compare
from monitoring.diffing.reading import RowChange, sections
from monitoring.diffing.words import headline, summary_as_text
from monitoring.extraction.texts import ExtractedText
from tests.monitoring.texts import text_of

RETENTION = ("## Retention", "We keep inputs for 30 days.", "### Backups", "Backups are erased in turn.")
LAW = (
    "## Law",
    "Swedish law governs these terms.",
    "A court in Lund decides.",
    "Both of us may appeal.",
    "Each bears its costs.",
)


def numbered(text: ExtractedText, **labels: str) -> ExtractedText:
    """The text with labels given to the headings of these names."""
    return replace(text, blocks=tuple(replace(block, label=labels.get(block.text, "")) for block in text.blocks))


def renumbered(words: str, became: str) -> tuple[ExtractedText, ExtractedText]:
    """A text whose sections 2 and 3 became 4 and 5, with a sentence that changed."""
    old = text_of("# Terms", "## Fees", "Fees are due.", "## Ending", "Leave when you like.", "## Contact", words)
    new = text_of("# Terms", "## Fees", "Fees are due.", "## Ending", "Leave when you like.", "## Contact", became)
    return numbered(old, Fees="2.", Ending="3."), numbered(new, Fees="4.", Ending="5.")


def operations(comparison: Comparison, kind: OperationKind, new: ExtractedText) -> list[str]:
    return [new.text[slice(*each.new)] for each in comparison.operations if each.kind == kind]


def test_section_that_moved_is_one_move() -> None:
    old, new = text_of("# Terms", *RETENTION, *LAW), text_of("# Terms", *LAW, *RETENTION)
    summary = compare(old, new).summary
    moved = [item for item in summary.sections if item.change == SectionChange.MOVED]
    assert [item.title for item in moved] == ["Retention"]
    assert new.text[slice(*moved[0].new or (0, 0))] == "\n\n".join(["Retention", RETENTION[1], "Backups", RETENTION[3]])
    assert old.text[slice(*moved[0].old or (0, 0))] == new.text[slice(*moved[0].new or (0, 0))]
    assert summary.blocks_moved == 0
    assert summary_as_text(summary) == ["A section stands in another place: “Retention”."]


def test_paragraph_that_moved_alone_is_counted_as_such() -> None:
    old = text_of("# Terms", "## Law", *LAW[1:], "## End", "Farewell and thanks.")
    new = text_of("# Terms", "## Law", *LAW[2:], "## End", "Farewell and thanks.", LAW[1])
    summary = compare(old, new).summary
    assert (summary.blocks_moved, [item.change for item in summary.sections]) == (1, [])


@pytest.mark.parametrize(
    ("words", "became"),
    [
        ("See Section 2 before you pay.", "See Section 4 before you pay."),
        ("Sections 2 and 3 outlive it.", "Sections 4 and 5 outlive it."),
        ("It follows section 3.1(a) in this.", "It follows section 5.1(a) in this."),
    ],
)
def test_reference_that_follows_the_new_numbers_is_cosmetic(words: str, became: str) -> None:
    old, new = renumbered(words, became)
    comparison = compare(old, new)
    assert comparison.significance == Significance.COSMETIC
    assert [(each.rule, each.words) for each in comparison.reasons] == [
        ("renumbered", "Sections were numbered anew, and references follow: 2 → 4, 3 → 5")
    ]
    assert operations(comparison, OperationKind.RENUMBER, new)
    assert (comparison.words_added, comparison.words_removed) == (0, 0)
    told = [
        (item.before, item.after, old.text[slice(*item.old or (0, 0))], new.text[slice(*item.new or (0, 0))])
        for item in comparison.summary.numbering
    ]
    assert told == [("2", "4", "Fees", "Fees"), ("3", "5", "Ending", "Ending")]
    assert Comparison.loads(comparison.dumps()) == comparison
    assert apply(old, comparison) == new.text
    (row,) = [row for section in sections(old, new, comparison) for row in section.rows if row.text == became]
    assert row.change == RowChange.FORM


@pytest.mark.parametrize(
    ("words", "became"),
    [
        ("See Section 2 before you pay.", "See Section 5 before you pay."),  # now it refers to another section
        ("Pay 2 times what is due.", "Pay 4 times what is due."),  # no reference
        ("See Section 2 before you may pay.", "See Section 4 before you must pay."),
    ],
)
def test_other_numbers_and_other_words_still_count(words: str, became: str) -> None:
    assert compare(*renumbered(words, became)).significance not in (Significance.NONE, Significance.COSMETIC)


def clauses(labels: str, words: str, *items: tuple[str, str]) -> ExtractedText:
    """Two sections and an appendix with these labels, items with theirs under the second section, and a sentence."""
    text = text_of(
        "# Terms", "## Fees", "Fees are due.", "## Uses", "These are fine:", *(f"- {words}" for _, words in items),
        "## Data", "We keep little of it.", words,
    )  # fmt: skip
    names = dict(zip(("Fees", "Uses", "Data"), labels.split(), strict=True), **{words: label for label, words in items})
    return numbered(text, **{name: label.replace("_", " ") for name, label in names.items()})


@pytest.mark.parametrize(
    ("before", "words", "after", "became"),
    [
        ("A1. A2. A3.", "See clause A2 and Section A3.1.", "1.1 1.2 1.3", "See clause 1.2 and Section 1.3.1."),
        ("I. II. III.", "Article II and Article III(b) rule.", "II. III. IV.", "Article III and Article IV(b) rule."),
        ("1. 2. Appendix_A:", "As in Appendix A we ask.", "1. 2. Appendix_B:", "As in Appendix B we ask."),
        ("A. B. Appendix_A:", "Section B and Exhibit A.", "B. C. Appendix_A:", "Section C and Exhibit A."),
    ],
)
def test_letters_and_roman_numbers_are_followed_too(before: str, words: str, after: str, became: str) -> None:
    old, new = clauses(before, words), clauses(after, became)
    comparison = compare(old, new)
    assert [reason.rule for reason in comparison.reasons] == ["renumbered"]
    assert comparison.significance == Significance.COSMETIC
    assert apply(old, comparison) == new.text
    wrong = compare(old, clauses(after, words.replace("II", "V").replace("A", "Q").replace("B", "Q")))
    assert wrong.significance != Significance.COSMETIC


def test_reference_to_an_item_that_has_another_letter_is_followed() -> None:
    home, school, work = "using it at home", "teaching with it at schools", "using it at work"
    old = clauses("4.1 4.2 5.", "Ask for Section 4.2(b) first.", ("(a)", home), ("(b)", work))
    labels = ("(a)", home), ("(b)", school), ("(c)", work)
    new = clauses("4.1 4.2 5.", "Ask for Section 4.2(c) first.", *labels)
    comparison = compare(old, new)
    assert operations(comparison, OperationKind.RENUMBER, new) == ["c"]
    assert (comparison.words_added, comparison.words_removed) == (5, 0)
    assert comparison.summary.numbering == ()  # lists are counted anew with each item that comes
    other = compare(old, clauses("4.1 4.2 5.", "Ask for Section 4.2(a) first.", *labels))
    assert other.words_removed == 1


def test_reference_that_stays_while_its_section_got_another_number_is_no_change() -> None:
    old, new = renumbered("See Section 2 of the law.", "See Section 2 of the law.")
    assert compare(old, new).significance == Significance.NONE


def story(name: str, *more: str) -> ExtractedText:
    return text_of("# Terms", f"{name} is a service.", f"Use {name} with care.", f"Ask what {name}’s team does.", *more)


def test_name_that_changed_throughout_is_one_change() -> None:
    old, new = story("Bard"), story("Gemini")
    comparison = compare(old, new)
    assert [(each.before, each.after, each.count) for each in comparison.summary.renamed] == [("Bard", "Gemini", 3)]
    assert [(each.rule, each.words) for each in comparison.reasons] == [
        ("renamed", "A name changed throughout: “Bard” became “Gemini” in 3 places")
    ]
    assert operations(comparison, OperationKind.RENAME, new) == ["Gemini", "Gemini", "Gemini’s"]
    assert headline(comparison.summary) == "renamed: Bard → Gemini"
    assert summary_as_text(comparison.summary) == ["“Bard” is now called “Gemini” throughout: 3 places."]
    (first,) = comparison.summary.renamed
    assert (first.old, first.new) == ((7, 11), (7, 13))
    assert (apply(old, comparison), comparison.significance) == (new.text, Significance.MINOR)
    assert Comparison.loads(comparison.dumps()) == comparison


def test_words_that_changed_beside_a_new_name_are_told_without_it() -> None:
    def named(name: str, word: str) -> ExtractedText:
        return text_of(
            f"# {name} terms", f"## Use of {name}", f"{name} is {word}.", "## End", f"{name} ends; {name} goes."
        )

    comparison = compare(named("Bard", "quick"), named("Gemini", "fast"))
    assert summary_as_text(comparison.summary) == [
        "“Bard” is now called “Gemini” throughout: 5 places.",
        "Reworded in “Use of Gemini”: “quick” became “fast”.",
        "The wording changed in the section “Use of Gemini”: 1 word added, 1 removed.",
    ]


def test_name_that_still_stands_elsewhere_was_not_renamed() -> None:
    kept = ("Bard answers.", "We like Bard.")
    assert compare(story("Bard", *kept), story("Gemini", *kept)).summary.renamed == ()


def test_word_that_a_rule_watches_is_never_a_name() -> None:
    def duties(word: str) -> ExtractedText:
        return text_of(*(f"{word} we help {whom}?" for whom in ("you", "others", "everybody")))

    comparison = compare(duties("May"), duties("Must"))
    assert (comparison.significance, comparison.summary.renamed) == (Significance.SUBSTANTIVE, ())


def test_definition_that_changed_lists_its_uses() -> None:
    def defined(meaning: str) -> ExtractedText:
        return text_of(
            "# Terms",
            f"“Content” means {meaning}.",
            "## Licence",
            "Content stays yours. We store Content.",
            "## Ending",
            "We return Content to you.",
            "Contents of tins don’t count.",
        )

    comparison = compare(defined("what you upload"), defined("what you upload or receive"))
    (item,) = comparison.summary.definitions
    assert (item.term, item.before, item.after, item.uses, item.used_in) == (
        "Content",
        True,
        True,
        3,
        ("Licence", "Ending"),
    )
    told = "The definition of “Content” changed; it is used in 3 other places, in “Licence” and “Ending”."
    assert told in summary_as_text(comparison.summary)
    assert Comparison.loads(comparison.dumps()) == comparison


def half(part: str, *, reworded: bool) -> str:
    """Twenty words of a paragraph, every third of them another one where it was reworded."""
    return " ".join(f"{'new' if reworded and not n % 3 else ''}{part}{n}" for n in range(20))


def test_paragraph_that_was_reworded_and_parted_is_a_split_and_the_way_back_a_merge() -> None:
    whole = text_of("Farewell.", f"{half('one', reworded=False)} {half('two', reworded=False)}", "Thanks for reading.")
    parts = text_of("Farewell.", half("one", reworded=True), half("two", reworded=True), "Thanks for reading.")
    for old, new, kind in ((whole, parts, OperationKind.SPLIT), (parts, whole, OperationKind.MERGE)):
        comparison = compare(old, new)
        assert [each.kind for each in comparison.operations].count(kind) == 1
        assert apply(old, comparison) == new.text
        assert (comparison.words_added, comparison.words_removed) == (14, 14)
