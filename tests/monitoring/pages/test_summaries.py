"""The automatic summary of a change as a table of facts."""

from monitoring.diffing import DefinitionItem, NumberItem, Renaming, SectionChange, SectionItem, Summary, ValueItem
from monitoring.pages.summaries import Fact, facts_of


def value(before: str = "", after: str = "", subject: str = "") -> ValueItem:
    return ValueItem("rule", subject, before, after, (), (0, 1), (0, 1))


def test_a_number_is_told_before_and_after_with_its_subject() -> None:
    summary = Summary(quantities=(value("30 days", "90 days", "retention"),))

    assert facts_of(summary) == [Fact("Numbers and durations", ["retention: 30 days → 90 days"])]


def test_what_came_and_what_went_is_said() -> None:
    summary = Summary(duties=(value(after="must"), value(before="may")))

    assert facts_of(summary) == [Fact("Duties", ["must (new)", "may (gone)"])]


def test_words_that_no_rule_watches_are_quoted_before_and_after() -> None:
    summary = Summary(wordings=(value("as you like", "as we say"), value(after="gladly")))

    assert facts_of(summary) == [Fact("Reworded", ["“as you like” → “as we say”", "“gladly” (new)"])]


def test_many_words_become_one_line_with_the_number_of_the_rest() -> None:
    summary = Summary(topics=tuple(value(after=f"word {number}") for number in range(12)))

    (fact,) = facts_of(summary)

    assert fact.name == "Words that came"
    assert fact.values[0].startswith("“word 0”, “word 1”")
    assert fact.values[0].endswith(" and 2 more")


def test_sections_stand_by_what_happened_to_them() -> None:
    summary = Summary(
        sections=(
            SectionItem(SectionChange.ADDED, ("Terms", "Disputes"), None, (0, 1)),
            SectionItem(SectionChange.RENAMED, ("Terms", "Contact"), (0, 1), (0, 1), before="Help"),
            SectionItem(SectionChange.CHANGED, (), (0, 1), (0, 1)),
        )
    )

    assert facts_of(summary) == [
        Fact("Sections added", ["Disputes"]),
        Fact("Sections changed", ["before the first heading"]),
        Fact("Sections renamed", ["Help → Contact"]),
    ]


def test_an_empty_summary_has_no_facts() -> None:
    assert facts_of(Summary()) == []


def test_what_changed_throughout_is_told_once() -> None:
    summary = Summary(
        renamed=(Renaming("Bard", "Gemini", 41),),
        definitions=(DefinitionItem("Content", True, True, (), (0, 1), (0, 1), 3, ("Licence",)),),
        numbering=(NumberItem("2", "4"), NumberItem("3", "5")),
    )

    assert facts_of(summary) == [
        Fact("Names changed", ["Bard → Gemini in 41 places"]),
        Fact("Definitions", ["“Content” (changed, used 3 more times)"]),
        Fact("Numbered anew", ["2 → 4, 3 → 5"]),
    ]


def test_days_are_written_as_elsewhere_on_the_page() -> None:
    assert facts_of(Summary(effective=("2026-08-25", "2026-11-19"))) == [
        Fact("Takes effect", ["25 August 2026 → 19 November 2026"])
    ]
    assert facts_of(Summary(effective=("", "2026-11-19"))) == [Fact("Takes effect", ["19 November 2026 (new)"])]
