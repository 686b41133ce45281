"""What a comparison says: significance with its reasons, counts of words, operations that rebuild the new text."""

from __future__ import annotations

import pytest

from monitoring.diffing import Comparison, OperationKind, Significance, apply, compare
from monitoring.diffing.rules import RULES, WORD_RULES, Rule
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."
CLOSING = "Write to us with questions about these terms and about the service."


def significance(old: str, new: str, language: str | None = "en") -> Significance:
    return compare(text_of(OPENING, old, language=language), text_of(OPENING, new, language=language)).significance


def kinds(comparison: Comparison) -> list[str]:
    return [str(operation.kind) for operation in comparison.operations]


def test_equal_texts_are_no_change() -> None:
    comparison = compare(text_of(OPENING), text_of(OPENING))
    assert (comparison.significance, comparison.reasons, kinds(comparison)) == (Significance.NONE, (), ["equal"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rule_fires_on_its_example(rule: Rule) -> None:
    old, new = (text_of(OPENING, *example.split("\n\n")) for example in rule.example)
    comparison = compare(old, new)
    assert rule.id in {reason.rule for reason in comparison.reasons}
    assert comparison.significance == Significance.SUBSTANTIVE


@pytest.mark.parametrize("rule", WORD_RULES, ids=lambda rule: rule.id)
def test_rule_is_silent_where_its_words_stay(rule: Rule) -> None:
    sentence = rule.example[1].rstrip(".")
    comparison = compare(text_of(OPENING, f"{sentence} here."), text_of(OPENING, f"{sentence} there."))
    assert comparison.significance == Significance.MINOR


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The “Service” isn't free.", 'The "service" isn’t free.'),
        ("One – two — three.", "One - two - three."),
        ("Within seven days we answer.", "Within 7 days we answer."),
        ("IMPORTANT NOTICE ABOUT COOKIES", "Important notice about cookies"),
    ],
)
def test_typographic_variants_are_cosmetic(old: str, new: str) -> None:
    assert significance(old, new) == Significance.COSMETIC


def test_date_lines_do_not_count() -> None:
    old = text_of("# Terms", "@ Last updated: May 1, 2025", OPENING)
    new = text_of("# Terms", "@ Last updated: June 30, 2026", OPENING)
    assert compare(old, new).significance == Significance.NONE


def test_date_line_in_a_paragraph_does_not_count() -> None:
    old, new = (text_of("# Terms", f"Effective {day}", OPENING) for day in ("January 3, 2025", "March 9, 2026"))
    assert compare(old, new).significance == Significance.NONE


def test_sentence_that_begins_with_a_date_of_effect_counts() -> None:
    assert significance("Effective May 1, 2026 fees double.", "Effective May 1, 2026 fees halve.") != Significance.NONE


def test_date_in_a_sentence_counts() -> None:
    assert (
        significance("You have until May 1, 2026 to object.", "You have until May 9, 2026 to object.") == "substantive"
    )


def test_paragraph_parted_in_two_is_no_change() -> None:
    first, second = "We may read what you send.", "We keep it for 30 days."
    comparison = compare(text_of(OPENING, f"{first} {second}", CLOSING), text_of(OPENING, first, second, CLOSING))
    assert comparison.significance == Significance.NONE
    assert OperationKind.SPLIT in {operation.kind for operation in comparison.operations}


def test_numbered_blocks_that_run_into_one_paragraph_are_no_change() -> None:
    parts = ("1. Service.", "You can use it.", "2. Fees.", "Fees are due.")
    assert compare(text_of(OPENING, *parts), text_of(OPENING, " ".join(parts))).significance == Significance.NONE


def test_moved_block_is_cosmetic_and_shown_as_move() -> None:
    moved = "We may suspend an account that breaks these rules."
    comparison = compare(
        text_of(OPENING, CLOSING, "Last words here.", moved), text_of(moved, OPENING, CLOSING, "Last words here.")
    )
    assert comparison.significance == Significance.COSMETIC
    assert "move" in kinds(comparison)
    assert (comparison.words_added, comparison.words_removed) == (0, 0)


def test_moved_and_reworded_block_is_not_cosmetic() -> None:
    before = "We may suspend an account that breaks these rules after we warned its owner."
    after = "We will suspend an account that breaks these rules after we warned its owner."
    comparison = compare(
        text_of(OPENING, CLOSING, "Last words.", before), text_of(after, OPENING, CLOSING, "Last words.")
    )
    assert comparison.significance == Significance.SUBSTANTIVE
    assert {"move", "replace"} <= set(kinds(comparison))


def test_other_words_without_a_rule_are_minor() -> None:
    comparison = compare(text_of(OPENING, "We offer friendly support."), text_of(OPENING, "We offer quick support."))
    assert comparison.significance == Significance.MINOR
    assert (comparison.words_added, comparison.words_removed) == (1, 1)


def test_added_sentence_with_a_duty_is_substantive() -> None:
    comparison = compare(text_of(OPENING), text_of(OPENING, "You must tell us about it."))
    assert comparison.significance == Significance.SUBSTANTIVE
    assert "modality" in {reason.rule for reason in comparison.reasons}


def test_spelled_and_bracketed_number_is_one_number() -> None:
    comparison = compare(
        text_of(OPENING, "Cancel within thirty (30) days of purchase."),
        text_of(OPENING, "Cancel within 30 days of buying."),
    )
    assert comparison.significance == Significance.MINOR


def test_any_word_counts_in_a_language_without_rules() -> None:
    comparison = compare(
        text_of("Wir bieten einen freundlichen Dienst an.", language="de"),
        text_of("Wir bieten einen schnellen Dienst an.", language="de"),
    )
    assert comparison.significance == Significance.SUBSTANTIVE
    assert [reason.rule for reason in comparison.reasons] == ["language"]


def test_text_of_unknown_language_is_read_as_english_only_if_it_looks_so() -> None:
    assert (
        significance("We offer friendly support to all of you.", "We offer quick support to all of you.", None)
        == "minor"
    )
    old, new = text_of("利用規約をお読みください。", language=None), text_of("利用規約をご覧ください。", language=None)
    assert compare(old, new).significance == Significance.SUBSTANTIVE


def test_texts_of_different_origin_are_compared_by_words_alone() -> None:
    live = text_of("1. Your rights", OPENING, extractor="html-1")
    imported = text_of("1 Your rights:", OPENING.rstrip("."), extractor="markdown-1")
    assert compare(imported, live).significance == Significance.COSMETIC
    same_origin = text_of("1 Your rights:", OPENING.rstrip("."), extractor="html-1")
    assert compare(same_origin, live).significance == Significance.MINOR


def test_spent_budget_gives_a_coarse_and_substantive_result() -> None:
    old = text_of(OPENING, *(f"Sentence number {n} about a friendly thing." for n in range(40)), CLOSING)
    new = text_of(OPENING, *(f"Sentence number {n} about a quick thing." for n in range(40)), CLOSING)
    comparison = compare(old, new, budget=10)
    assert (comparison.coarse, comparison.significance) == (True, Significance.SUBSTANTIVE)
    assert "coarse" in {reason.rule for reason in comparison.reasons}
    assert apply(old, comparison) == new.text


def test_coarse_comparison_of_equal_words_stays_cosmetic() -> None:
    old = text_of(*(f"Sentence “{n}” about a thing." for n in range(40)))
    new = text_of(*(f'Sentence "{n}" about a thing.' for n in range(40)))
    assert compare(old, new, budget=0).significance == Significance.COSMETIC


def test_reader_sees_a_phrase_and_not_confetti() -> None:
    comparison = compare(
        text_of("You may ask us to delete the account at any time during the term of this agreement."),
        text_of("You may ask us to delete whatever remains of the data you gave during the term of this agreement."),
    )
    assert kinds(comparison) == ["equal", "replace", "equal"]
    assert comparison.operations[1].words == "whatever remains of the data you gave"


def test_comparison_survives_json() -> None:
    old = text_of("# Terms", OPENING, "## Retention", "We keep inputs for 30 days.", CLOSING)
    new = text_of("# Terms", OPENING, "## Retention", "We keep inputs for 90 days.", "## Disputes", "You waive a jury.")
    comparison = compare(old, new)
    again = Comparison.loads(comparison.dumps())
    assert again == comparison
    assert apply(old, again) == new.text


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("We do not sell your data but we share it.", "We sell your data but we do not share it.", "negation"),
        ("You may write and we will answer.", "You will write and we may answer.", "modality"),
        (
            "Bills are due in 30 days, refunds in 60 days.",
            "Bills are due in 60 days, refunds in 30 days.",
            "number.duration",
        ),
    ],
)
def test_words_that_change_places_are_seen(old: str, new: str, rule: str) -> None:
    assert rule in {reason.rule for reason in compare(text_of(OPENING, old), text_of(OPENING, new)).reasons}


def test_another_form_of_the_same_word_fires_no_rule() -> None:
    old, new = "Our termination of accounts is quick.", "Our terminating of accounts is quick."
    assert significance(old, new) == Significance.MINOR


def test_punctuation_alone_is_minor_and_at_the_end_of_a_block_cosmetic() -> None:
    assert significance("Dogs, cats and birds.", "Dogs cats and birds.") == Significance.MINOR
    assert significance("Dogs, cats and birds.", "Dogs, cats and birds;") == Significance.COSMETIC


def test_sign_of_money_is_no_punctuation() -> None:
    assert significance("It costs $ 5 here.", "It costs € 5 here.") == Significance.SUBSTANTIVE


def test_hidden_address_of_mail_is_form() -> None:
    assert (
        significance("Write to help@example.org today.", "Write to [email protected] today.") == Significance.COSMETIC
    )
    assert significance("Write to help@example.org today.", "Write to legal@example.org today.") == Significance.MINOR


def test_year_of_a_copyright_line_does_not_count() -> None:
    assert significance("© 2025 Example Ltd.", "© 2026 Example Ltd.") == Significance.COSMETIC


def test_block_without_words_does_not_count() -> None:
    assert compare(text_of(OPENING, CLOSING), text_of(OPENING, "- -", "…", CLOSING)).significance == Significance.NONE


def test_numbering_in_the_text_does_not_count() -> None:
    assert significance("4.2 Your Rights stay.", "5.1. Your Rights stay.") == Significance.COSMETIC
    assert significance("About 2.5 million users.", "About 3.5 million users.") == Significance.MINOR


def test_keys_of_a_shortcut_follow_the_machine_and_do_not_count() -> None:
    assert significance("⌘I", "Ctrl+I") == Significance.NONE
    assert significance("Press ⌘I to object.", "Press Ctrl+I to object.") == Significance.MINOR


def test_word_that_ends_in_age_is_no_age() -> None:
    assert significance("Read Image 13 here.", "Read Image 18 here.") == Significance.MINOR


def test_border_between_two_blocks_that_moved_leaves_their_words_in_place() -> None:
    name, share, stop = (
        "You give us your name when you sign up.",
        "We share it with partners abroad.",
        "You can ask us to stop.",
    )
    old, new = text_of("# Terms", f"{name} {share}", stop), text_of("# Terms", name, f"{share} {stop}")
    comparison = compare(old, new)
    assert comparison.significance == Significance.NONE
    assert [each.kind for each in comparison.operations if each.kind != OperationKind.EQUAL] == [
        OperationKind.SPLIT,
        OperationKind.MERGE,
    ]
    reworded = compare(
        text_of("# Terms", name, f"{share} {stop}"), text_of("# Terms", f"{name} {share}", f"{stop} Soon.")
    )
    assert (reworded.words_added, reworded.words_removed) == (1, 0)
