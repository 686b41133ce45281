"""The demo's texts: complete, long enough, truly different, and changed in the ways that the product's story needs."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

import atlas.demo
import monitoring
from atlas.demo.policysite.applications import APPLICATIONS
from atlas.demo.policysite.history import Kind, ScriptedDocument, Step, written_documents
from atlas.demo.policysite.rendering import body_html, plain_text
from atlas.demo.policysite.sources import CannotEdit, edited, unwrap
from monitoring.catalogue.reading import read_catalogue
from monitoring.diffing import compare
from monitoring.extraction import ExtractedText, extract
from monitoring.fetching import classify

DOCUMENTS = {document.key: document for document in written_documents()}
FOLDER = Path(atlas.demo.__file__).parent
WRITTEN: dict[str, Any] = yaml.safe_load((FOLDER / "findings.yaml").read_text(encoding="utf-8"))
FINDINGS: list[dict[str, Any]] = WRITTEN["findings"]
# The weight of each change, in order; an unchanged text after a failure counts as one that is none.
WEIGHTS = {
    "hexmoor/privacy-notice": ["minor", "substantive", "none", "substantive"],
    "hexmoor/services-agreement": ["substantive", "minor", "minor", "substantive", "substantive"],
    "tintavox/privacy-policy": ["minor", "substantive", "none", "substantive"],
    "tintavox/terms-of-service": ["substantive", "none", "cosmetic", "substantive", "minor", "minor"],
    "wrenfold/privacy-policy": ["substantive", "none", "none", "substantive", "cosmetic", "substantive"],
    "wrenfold/terms-of-service": ["minor", "none", "substantive", "cosmetic", "substantive", "minor"],
}
each_document = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


def read(document: ScriptedDocument, step: Step) -> ExtractedText:
    select = ("div.legal-text",) if document.platform == "tintavox" else ()
    content = step.page(document.platform, None).body
    return extract(content, media_type="text/html; charset=utf-8", url="http://site.example/", select=select)


def five_word_runs(document: ScriptedDocument) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", plain_text(document.steps[document.last_dated].source).lower())
    return set(zip(*(words[start:] for start in range(5)), strict=False))


def test_three_platforms_publish_two_documents_each() -> None:
    assert Counter(document.platform for document in DOCUMENTS.values()) == {"wrenfold": 2, "tintavox": 2, "hexmoor": 2}


@each_document
def test_document_has_at_least_three_different_texts_in_its_history(document: ScriptedDocument) -> None:
    texts = {step.source for step in document.versions() if step.date}
    assert len(texts) >= 3


@each_document
def test_every_version_has_a_thousand_words_or_more(document: ScriptedDocument) -> None:
    assert min(len(plain_text(step.source).split()) for step in document.versions()) >= 1000


@pytest.mark.parametrize(("one", "other"), list(combinations(DOCUMENTS, 2)))
def test_two_documents_share_hardly_a_run_of_five_words(one: str, other: str) -> None:
    first, second = five_word_runs(DOCUMENTS[one]), five_word_runs(DOCUMENTS[other])
    assert len(first & second) / min(len(first), len(second)) < 0.03


@each_document
def test_dates_of_the_history_grow_within_its_year_and_next_versions_have_none(document: ScriptedDocument) -> None:
    dates = [step.date for step in document.steps[: document.last_dated + 1]]
    known = [date for date in dates if date]
    assert len(known) == len(dates)
    assert known == sorted(set(known))
    assert datetime(2026, 2, 1, tzinfo=UTC) <= known[0]
    assert known[-1] < datetime(2026, 11, 21, tzinfo=UTC)
    assert all(step.date is None for step in document.steps[document.last_dated + 1 :])


@each_document
def test_document_recovers_with_the_same_text_soon_after_a_failure(document: ScriptedDocument) -> None:
    for before, failure, after in zip(document.steps, document.steps[1:], document.steps[2:], strict=False):
        if failure.kind is not Kind.VERSION:
            assert failure.date
            assert after.date
            assert after.date - failure.date < timedelta(days=2)
            assert after.source == before.source


def test_history_holds_each_kind_of_failure_and_both_statuses_of_a_block() -> None:
    shown = {(step.kind, step.status) for document in DOCUMENTS.values() for step in document.steps}
    assert shown == {
        (Kind.VERSION, 200),
        (Kind.BLANK, 200),
        (Kind.BLOCK, 403),
        (Kind.BLOCK, 200),
        (Kind.SOFT_404, 200),
    }


@each_document
def test_every_document_keeps_a_version_for_the_visitor_to_publish(document: ScriptedDocument) -> None:
    coming = document.steps[document.last_dated + 1 :]
    assert coming
    assert all(step.kind is Kind.VERSION for step in coming)


@pytest.mark.parametrize(
    ("key", "step", "before", "after"),
    [
        ("wrenfold/terms-of-service", 4, "courts in New Castle County", "binding arbitration"),
        ("wrenfold/privacy-policy", 1, "for 30 days so that we", "for 90 days so that we"),
        ("tintavox/terms-of-service", 1, "for the sole purpose", "train, test and improve its generators"),
        ("tintavox/privacy-policy", 2, "voiceprints for twelve months", "voiceprints for three years"),
        ("hexmoor/services-agreement", 4, "in the 24 months", "in the 12 months"),
        ("hexmoor/privacy-notice", 2, "erased after 30 days", "erased after 90 days"),
    ],
)
def test_story_is_told_by_the_words_that_change(key: str, step: int, before: str, after: str) -> None:
    old, new = (plain_text(DOCUMENTS[key].steps[number].source) for number in (step - 1, step))
    assert (before in old, before in new) == (True, False)
    assert (after in old, after in new) == (False, True)


@each_document
def test_changes_weigh_what_the_story_needs(document: ScriptedDocument) -> None:
    texts = [read(document, step) for step in document.versions()]
    weights = [compare(old, new).significance.value for old, new in pairwise(texts)]
    assert weights == WEIGHTS[document.key]


@pytest.mark.parametrize(
    ("key", "step", "kinds", "told"),
    [
        ("wrenfold/privacy-policy", 6, {"move": 2}, "moved"),
        ("hexmoor/services-agreement", 3, {"renumber": 7, "insert": 1}, "numbering"),
        ("tintavox/terms-of-service", 6, {"rename": 9, "delete": 1, "insert": 1}, "renamed"),
    ],
)
def test_history_holds_a_reordered_a_renumbered_and_a_renamed_version(
    key: str, step: int, kinds: dict[str, int], told: str
) -> None:
    old, new = (read(DOCUMENTS[key], DOCUMENTS[key].steps[number]) for number in (step - 1, step))
    comparison = compare(old, new)
    found = Counter(operation.kind.value for operation in comparison.operations)
    found.pop("equal")
    assert found == kinds
    summary = comparison.summary
    moved = [item.title for item in summary.sections if item.change.value == "moved"]
    numbers = {(item.before, item.after) for item in summary.numbering} & {("4.2", "5.2"), ("13.1", "14.1")}
    names = [(each.before, each.after, each.count) for each in summary.renamed]
    assert {"moved": moved, "numbering": numbers, "renamed": names}[told] == {
        "moved": ["What about children?", "What about cookies?"],
        "numbering": {("4.2", "5.2"), ("13.1", "14.1")},
        "renamed": [("Credits", "Sparks", 9)],
    }[told]


@each_document
def test_each_step_is_told_for_what_it_is(document: ScriptedDocument) -> None:
    url = f"http://site.example/{document.key}"
    previous: ExtractedText | None = None
    for step in document.steps:
        page = step.page(document.platform, None)
        reading = classify(
            page.body, status=page.status, media_type="text/html", url=url, final_url=url, previous=previous
        )
        expected = "document" if step.kind is Kind.VERSION else step.kind.value
        assert str(reading.outcome) == expected, (document.key, step.number, reading.why)
        previous = read(document, step) if step.kind is Kind.VERSION else previous


@pytest.mark.parametrize(("key", "step"), [("wrenfold/privacy-policy", 2), ("hexmoor/privacy-notice", 3)])
def test_edit_of_the_date_alone_changes_only_a_block_of_kind_date(key: str, step: int) -> None:
    old, new = (read(DOCUMENTS[key], DOCUMENTS[key].steps[number]) for number in (step - 1, step))
    differing = [
        (before.kind.value, after.kind.value)
        for before, after in zip(old.blocks, new.blocks, strict=True)
        if before.text != after.text
    ]
    assert differing == [("date", "date")]


@each_document
def test_document_is_read_without_the_furniture_of_its_site(document: ScriptedDocument) -> None:
    step = document.steps[document.last_dated]
    source = [line for line in plain_text(step.source).splitlines() if line.strip(" |")]
    text = read(document, step).text
    assert text.startswith(source[0])
    assert text.endswith(source[-1][-80:])
    for furniture in ("fictional company", "cookies, so there is", "Mind the paint", "crumbs", "Was this page helpful"):
        assert furniture not in text


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: f"{finding['platform']}-{finding['type']}")
def test_excerpt_of_a_finding_stands_exactly_once_in_the_current_text(finding: dict[str, Any]) -> None:
    document = DOCUMENTS[f"{finding['platform']}/{finding['document']}"]
    assert read(document, document.steps[document.last_dated]).text.count(finding["excerpt"]) == 1


def test_every_platform_has_three_findings_that_say_all_that_a_page_shows() -> None:
    assert Counter(finding["platform"] for finding in FINDINGS) == {"wrenfold": 3, "tintavox": 3, "hexmoor": 3}
    for finding in FINDINGS:
        assert set(finding) == {
            *("platform", "document", "topic", "type", "excerpt", "headline", "description"),
            *("why_it_matters", "severity"),
        }
        assert set(finding["why_it_matters"]) == set(finding["severity"]) == {"person", "organization"}
        for severity in finding["severity"].values():
            assert severity["level"] in {"low", "medium", "high"}
            assert severity["because"]


def test_analyst_has_words_for_one_change_of_each_platform() -> None:
    assert [decision["platform"] for decision in WRITTEN["decisions"]] == ["wrenfold", "tintavox", "hexmoor"]
    for decision in WRITTEN["decisions"]:
        document = DOCUMENTS[f"{decision['platform']}/{decision['document']}"]
        step, before = document.steps[decision["step"]], document.steps[decision["step"] - 1]
        assert step.date
        assert step.source != before.source
        assert len(decision["words"].split()) > 20


def test_catalogue_takes_the_demo_and_reads_it_at_the_addresses_of_the_policy_site() -> None:
    files = (FOLDER / "catalogue").glob("*.yaml")
    platforms = read_catalogue(files, None, policy_site="http://site.example").platforms
    urls = {
        f"{platform.slug}/{document.slug}": [source.url for source in document.sources]
        for platform in platforms
        for document in platform.documents
    }
    made_by_script = {"hexmoor/acceptable-use-policy": [f"http://site.example/{key}" for key in APPLICATIONS]}
    assert urls == {key: [f"http://site.example/{key}"] for key in DOCUMENTS} | made_by_script
    assert all(platform.demo for platform in platforms)


def test_findings_are_on_types_of_the_taxonomy() -> None:
    taxonomy = {
        topic.slug: {kind.slug for kind in topic.types}
        for topic in read_catalogue([], Path(monitoring.__file__).parent / "data" / "topics.yaml").topics
    }
    for finding in FINDINGS:
        assert finding["type"] in taxonomy[finding["topic"]]


def test_lines_broken_for_reading_are_joined_and_blocks_kept_apart() -> None:
    source = "# Head\nfirst\nline\n\n- one\n  more\n- two\n| a | b |\nlast"
    assert unwrap(source) == "# Head\nfirst line\n\n- one more\n- two\n| a | b | last"
    assert unwrap("- one\n\nafter") == "- one\n\nafter"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"old": "gone", "new": "here"}, "found 0 times instead of once: 'gone'"),
        ({"old": "day", "new": "week"}, "found 2 times instead of once: 'day'"),
        ({"everywhere": "gone", "new": "here"}, "nowhere in the text: 'gone'"),
        ({"old": "A day", "new": "A day"}, "changes nothing"),
        ({"old": "A day"}, "an edit has old and new"),
    ],
)
def test_edit_that_does_not_fit_is_refused(edit: dict[str, str], words: str) -> None:
    with pytest.raises(CannotEdit, match=re.escape(words)) as refused:
        edited("A day or a day.", [edit], where="here")
    assert str(refused.value).startswith("here: ")


def test_edits_are_applied_in_order() -> None:
    edits = [{"old": "A day", "new": "Two weeks"}, {"old": "Two\nweeks", "new": "Three weeks"}]
    assert edited("A day.", edits, where="here") == "Three weeks."


def test_source_becomes_headings_lists_tables_and_escaped_text() -> None:
    source = "## 1. **Fees** & more\n\nA <b> [link](/x).\n\n- one\n- two\n\n| a | b |\n| 1 | 2 |"
    assert body_html(source).replace("\n", "") == (
        '<h2 id="1-fees-more">1. <strong>Fees</strong> &amp; more</h2><p>A &lt;b&gt; <a href="/x">link</a>.</p>'
        "<ul><li>one</li><li>two</li></ul>"
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )
