"""The summary and its words: what came, went and changed, as a careful person would put it."""

from __future__ import annotations

from monitoring.diffing import SectionChange, compare
from monitoring.diffing.words import headline, summary_as_text
from monitoring.extraction.texts import DateKind, ExtractedText, StatedDate
from tests.monitoring.texts import text_of

OPENING = "These terms apply to the service that we offer to you."
KEPT = ("# Terms", OPENING, "## Your data")


def told(old: ExtractedText, new: ExtractedText) -> str:
    return headline(compare(old, new).summary)


def test_headline_says_the_number_before_and_after() -> None:
    old, new = (text_of(*KEPT, f"We retain your inputs for {time}.") for time in ("30 days", "90 days"))
    assert told(old, new) == "retention: 30 days → 90 days"
    assert summary_as_text(compare(old, new).summary)[0] == "Retention in “Your data”: 30 days became 90 days."


def test_quantity_points_at_its_sentences() -> None:
    old, new = (text_of(*KEPT, f"All is well. We retain inputs for {time}.") for time in ("30 days", "90 days"))
    (item,) = compare(old, new).summary.quantities
    assert old.text[slice(*item.old)] == "We retain inputs for 30 days."
    assert new.text[slice(*item.new)] == "We retain inputs for 90 days."
    assert item.heading_path == ("Terms", "Your data")


def test_headline_names_a_new_section() -> None:
    clause = "You and we agree that an arbitrator decides every dispute, and you waive a jury."
    old, new = text_of(*KEPT, "Read on."), text_of(*KEPT, "Read on.", "## Arbitration", clause)
    summary = compare(old, new).summary
    assert headline(summary) == "new section: Arbitration"
    assert [(item.change, item.title) for item in summary.sections] == [(SectionChange.ADDED, "Arbitration")]
    assert summary_as_text(summary)[0] == "A new section was added: “Arbitration”."


def test_removed_section_is_named() -> None:
    old = text_of(*KEPT, "Read on.", "## Your right to object", "You may object at any time.")
    assert told(old, text_of(*KEPT, "Read on.")) == "section removed: Your right to object"


def test_renamed_section_is_told_as_such() -> None:
    old, new = (text_of("# Terms", OPENING, f"## {title}", "Read on with us.") for title in ("Old name", "Fresh title"))
    summary = compare(old, new).summary
    assert summary_as_text(summary) == ["The section “Old name” is now called “Fresh title”."]


def test_duty_that_changed_is_told() -> None:
    old, new = (text_of(*KEPT, f"We {word} tell you beforehand.") for word in ("must", "may"))
    assert told(old, new) == "“must” → “may” in “Your data”"
    assert "Where it said “must” it now says “may” in “Your data”." in summary_as_text(compare(old, new).summary)


def test_new_sentence_with_a_duty_is_quoted() -> None:
    sentence = "You must tell us when you find a mistake."
    lines = summary_as_text(compare(text_of(*KEPT, "Read on."), text_of(*KEPT, "Read on.", sentence)).summary)
    assert f"New in “Your data”: “{sentence}”" in lines


def test_training_clause_is_named_in_the_headline() -> None:
    old = text_of(*KEPT, "We use your content to run the service.")
    new = text_of(*KEPT, "We use your content to run the service and to train our models.")
    assert told(old, new) == "training on content: “train” for the first time in “Your data”"


def test_effective_date_is_told() -> None:
    def dated(day: str, words: str) -> ExtractedText:
        plain = text_of(*KEPT, words)
        return ExtractedText(
            plain.text, plain.blocks, "html-1", language="en", dates=(StatedDate(DateKind.EFFECTIVE, day, "Effective"),)
        )

    new = dated("2026-03-04", "Effective help is quick.")
    summary = compare(dated("2025-01-02", "Friendly help."), new).summary
    assert new.text[slice(*summary.effective_at or (0, 0))] == "Effective"
    lines = summary_as_text(summary)
    assert lines[-1] == "The stated date of effect is 4 March 2026, before it was 2 January 2025."


def test_cosmetic_change_has_nothing_to_tell() -> None:
    summary = compare(text_of(*KEPT, "It’s “free”."), text_of(*KEPT, 'It\'s "free".')).summary
    assert (headline(summary), summary_as_text(summary)) == ("", [])


def test_minor_change_is_quoted_and_counted_in_words() -> None:
    old, new = text_of(*KEPT, "We offer friendly support."), text_of(*KEPT, "We offer quick and calm support.")
    summary = compare(old, new).summary
    assert headline(summary) == "reworded in “Your data”: “friendly” became “quick and calm”"
    assert summary_as_text(summary) == [
        "Reworded in “Your data”: “friendly” became “quick and calm”.",
        "The wording changed in the section “Your data”: 3 words added, 1 removed.",
    ]
    (item,) = summary.wordings
    assert (old.text[slice(*item.old)], new.text[slice(*item.new)]) == (
        "We offer friendly support.",
        "We offer quick and calm support.",
    )


def test_several_minor_changes_are_counted_in_the_headline() -> None:
    old = text_of(*KEPT, "We offer friendly support.", "Dogs bark at night.")
    new = text_of(*KEPT, "We offer quick support.", "Dogs bark at noon.")
    assert told(old, new) == "wording in “Your data”: 2 words added, 2 removed"


def test_duty_that_came_alone_is_told_with_its_sentence() -> None:
    old, new = (text_of(*KEPT, f"To join us, you{must} sign here.") for must in ("", " need to"))
    lines = summary_as_text(compare(old, new).summary)
    assert lines[0] == "Now with “need to” in “Your data”: “To join us, you need to sign here.”"


def test_own_words_are_nobodys_property() -> None:
    old, new = text_of(*KEPT, "Write in your words."), text_of(*KEPT, "Write in your own words.")
    assert not compare(old, new).summary.topics


def test_first_mention_of_arbitration_goes_before_a_number() -> None:
    old = text_of(*KEPT, "We try for 30 days to agree.")
    new = text_of(*KEPT, "We try for 60 days to agree. Then binding arbitration decides.")
    assert told(old, new) == "dispute resolution: “arbitration” for the first time in “Your data”"


def test_heading_names_what_a_number_is_about() -> None:
    old, new = (
        text_of("# Terms", "## Limitation of liability", f"The fees paid in the {time} before the event are the limit.")
        for time in ("24 months", "12 months")
    )
    assert told(old, new) == "liability cap: 24 months → 12 months"


def test_number_in_words_is_told_whole() -> None:
    old, new = (
        text_of(*KEPT, f"We erase it within {time}.") for time in ("forty-eight hours", "one hundred and eighty days")
    )
    assert told(old, new) == "retention: 48 hours → 180 days"


def test_words_that_bring_a_permission_are_quoted() -> None:
    old = text_of(*KEPT, "We change this by written notice.")
    new = text_of(*KEPT, "We change this by notice, which may be given in the console.")
    lines = summary_as_text(compare(old, new).summary)
    assert "New words in “Your data”: “which may be given in the console”." in lines


def test_topic_that_left_is_told_in_words() -> None:
    old = text_of(*KEPT, "Here is what our partners and advertisers see.")
    new = text_of(*KEPT, "Here is what our partners see.")
    assert summary_as_text(compare(old, new).summary)[0] == "Data sharing: “advertisers” removed."
