"""Telling a document from what a site shows in its place. Pure, and by general rules alone.

A page that is no document is never a change: it is recorded as a failed check with one of the reasons given here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from monitoring.extraction import ExtractedText, TooComplex, is_pdf, sentence_spans, split_sentences
from monitoring.extraction.folding import comparison_key
from monitoring.extraction.kinds import DOCUMENT_NAME, KIND_WORDS, kind_of, kinds_in, telling_words
from monitoring.extraction.languages import detect_language
from monitoring.extraction.outlining import Outline, count_words, outline
from monitoring.fetching import signs
from monitoring.fetching.outcomes import Reason, reason_of_status

DOCUMENT: Literal["document"] = "document"

# Words below which a page can't be a document unless it looks like the one that was read before.
_SHORT = 120
_BARELY = 25
# A page of failure may have a footer or suggestions below, but isn't as long as a document.
_LONGEST_FAILURE = 700
# Shares of the last good text that are found on the page.
_MOSTLY_THERE = 0.6
_HARDLY_THERE = 0.15
# A third of the words is what may be left of a text that was rewritten; less is suspicious.
LEAST_LEFT = 3
_SAMPLE = 4_000
_NOTHING_THERE = 0.05
_SENTENCE = 12
# A list of documents names at least so many, and has at least this share of its characters in links.
_LIST_NAMES = 5
_LIST_LINKED = 0.25
# Below this number of words a page that names no document must be twice as legal.
_FEW_WORDS = 400
_LEGAL_PER_HUNDRED_WORDS = 1.5


# A sentence in which a document speaks of a failure has so many words beside those of the failure, and the document so many
# other sentences with at least two legal words.
_SENTENCE_BESIDE = 6
_LEAST_CLAUSES = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page is: "document", or the reason why it isn't, and the words that say why."""

    outcome: Reason | Literal["document"]
    why: str

    @property
    def is_document(self) -> bool:
        return self.outcome == DOCUMENT


@dataclass(frozen=True)
class _Page:
    """All that the rules ask."""

    outline: Outline
    text: str
    words: int
    previous: ExtractedText | None
    expected_kind: str
    kept: float | None  # share of the last text that is on this page

    @cached_property
    def legal(self) -> float:
        """Words of legal language per hundred."""
        middle = len(self.text) // 2
        sample = self.text if middle < _SAMPLE else self.text[:_SAMPLE] + self.text[middle : middle + _SAMPLE]
        return 100 * len(signs.LEGAL.findall(sample)) / max(1, count_words(sample))

    @cached_property
    def clauses(self) -> int:
        """Sentences with at least two words of legal language."""
        return sum(len(signs.LEGAL.findall(sentence)) > 1 for sentence in split_sentences(self.text))


def classify(
    content: bytes,
    *,
    status: int,
    media_type: str,
    url: str,
    final_url: str,
    headers: Mapping[str, str] = {},
    previous: ExtractedText | None = None,
    expected_kind: str = "",
) -> Reading:
    """Whether this answer is the document that was asked for.

    ``previous`` is the last good text, ``expected_kind`` a kind's slug ("privacy-policy") or its English name.
    Deterministic; raises nothing for any bytes.
    """
    low = {name.lower(): value for name, value in headers.items()}
    kind = media_type.partition(";")[0].strip().lower()
    charset = media_type.lower().partition("charset=")[2].partition(";")[0].strip() or None
    if is_pdf(content):
        return _of_status(status, None, low) or _of_pdf(content)
    if kind in ("application/json", "application/problem+json") or kind.startswith(
        ("image/", "video/", "audio/", "font/")
    ):
        return _of_status(status, None, low) or Reading(Reason.ERROR, f"the answer is {kind}, no document")
    if kind == "application/pdf" and status < 400 and b"<html" not in content[:2048].lower():
        return Reading(Reason.BLANK if not content.strip() else Reason.TRUNCATED, "declared as PDF, but it isn't one")
    try:
        seen = outline(content, charset=charset)
    except TooComplex as error:
        return _of_status(status, None, low) or Reading(Reason.TOO_COMPLEX, str(error))
    text = seen.text
    words = count_words(text)
    page = _Page(
        outline=seen,
        text=text,
        words=words,
        previous=previous,
        expected_kind=kind_of(expected_kind),
        kept=_kept(text, previous),
    )
    return _of_status(status, page, low) or _of_page(page, plain=kind in ("text/plain", "text/markdown"))


def _of_status(status: int, page: _Page | None, headers: Mapping[str, str]) -> Reading | None:
    """What the status says, sharpened by what the page says. None for 2xx."""
    reason = reason_of_status(status)
    if reason is None:
        return None
    why = f"status {status}"
    said = (_failure(page) if page else None) or Reading(reason, "")
    challenged = (
        "challenge" in headers.get("cf-mitigated", "").lower()
        or "captcha" in headers.get("x-amzn-waf-action", "").lower()
    )
    if challenged or (said.outcome is Reason.CHALLENGE and status in (401, 403, 405, 429, 503)):
        return Reading(Reason.CHALLENGE, f"{why}, {said.why or 'the server asks for a challenge'}")
    if status in (401, 407):
        return Reading(Reason.LOGIN, f"{why}: credentials are asked for")
    if status in (403, 451):
        if said.outcome is Reason.LOGIN and page and page.outline.passwords:
            return Reading(Reason.LOGIN, f"{why}, {said.why}")
        return Reading(Reason.BLOCK, why)
    if status == 503 and said.outcome is Reason.MAINTENANCE:
        return Reading(Reason.MAINTENANCE, f"{why}, {said.why}")
    return Reading(reason, why)


def _of_pdf(content: bytes) -> Reading:
    if b"%%EOF" not in content[-2048:] and b"startxref" not in content[-4096:]:
        return Reading(Reason.TRUNCATED, "the PDF has no end")
    return Reading(DOCUMENT, "a PDF")


def _of_page(page: _Page, *, plain: bool) -> Reading:
    """The rules for a page that came with a status of success, the surest first."""
    if page.kept is not None and page.kept >= _MOSTLY_THERE:
        return Reading(DOCUMENT, f"{page.kept:.0%} of the last text is there")
    failure = _failure(page)
    if failure is not None:
        return failure
    if listed := _of_list(page):
        return listed
    if page.words < _BARELY and not plain and (empty := _of_empty(page)):
        return empty
    if page.previous is not None and (unlike := _beside_previous(page, page.previous)):
        return unlike
    return _alone(page)


def _failure(page: _Page) -> Reading | None:
    """A page that says that it has failed. Said in the title or a heading counts more than in the text."""
    if page.words > 2 * _LONGEST_FAILURE or (page.words > _LONGEST_FAILURE and page.legal >= _LEGAL_PER_HUNDRED_WORDS):
        return None
    if page.outline.marks & signs.CHALLENGE_MARKS and page.words < _SHORT:
        return Reading(Reason.CHALLENGE, "a form or script of a challenge on a page with hardly any text")
    headlines = [page.outline.title, *page.outline.headings[:4]]
    opening = [block.text for block in page.outline.blocks[:8]]
    short = page.words < _SHORT
    for reason, pattern in signs.PHRASES:
        if reason is Reason.CONSENT:
            if wall := _of_wall(page):
                return wall
            continue
        if reason is Reason.LOGIN and not page.outline.passwords and (not short or _names_document(page)):
            continue
        for line in headlines:
            if len(line) < 120 and (match := pattern.search(line)) and _leads(match, line):
                return Reading(reason, f"the page is headed “{line}”")
        if short or reason is Reason.SOFT_404:
            for line in (*opening, page.outline.without_scripts) if short else opening[:3]:
                if (
                    len(line) < 400
                    and (match := pattern.search(line))
                    and (reason is not Reason.LOGIN or len(line) < 60)
                    and not _is_of_clause(match, line, page)
                ):
                    return Reading(reason, f"the page says “{match.group()}” and little else")
    return None


def _is_of_clause(match: re.Match[str], line: str, page: _Page) -> bool:
    """Whether a document only speaks of the failure: in a sentence of legal words, among other such sentences."""
    spans = sentence_spans(line)
    around = next((line[start:end] for start, end in spans if start <= match.start() < end), line)
    rest = around.replace(match.group(), " ")
    return (
        count_words(rest) >= _SENTENCE_BESIDE and signs.LEGAL.search(rest) is not None and page.clauses > _LEAST_CLAUSES
    )


def _leads(match: re.Match[str], line: str) -> bool:
    """A number or a single word is only a headline of failure where it leads or is most of the line."""
    return len(match.group()) > 9 or match.start() == 0 or len(match.group()) * 3 >= len(line)


def _of_wall(page: _Page) -> Reading | None:
    """A consent wall: it is headed by its care for privacy, and no heading names a document."""
    if page.words > _LONGEST_FAILURE:
        return None
    asking = [line for line in page.outline.headings[:3] if signs.CONSENT.search(line)]
    others = [line for line in page.outline.headings[:3] if line not in asking]
    if asking and not any(pattern.search(line) for pattern in KIND_WORDS.values() for line in others):
        return Reading(Reason.CONSENT, f"the page is headed “{asking[0]}”")
    return None


def _of_empty(page: _Page) -> Reading | None:
    """A page with hardly a word."""
    seen = page.outline
    if seen.refresh:
        return Reading(Reason.JS_SHELL, "the page only sends the browser on")
    if _names_document(page, first=2):
        return Reading(Reason.TRUNCATED, "a heading without its text")
    if any(signs.CONSENT.search(dialog) for dialog in seen.dialogs):
        return Reading(Reason.CONSENT, "a consent wall over an empty page")
    for reason in (Reason.SOFT_404, Reason.ERROR, Reason.BLOCK):
        match = dict(signs.PHRASES)[reason].search(seen.beside)
        if match and len(match.group()) > 9:
            return Reading(reason, f"the page says “{match.group()}” and nothing else")
    if page.words == 0 and not seen.scripts:
        return Reading(Reason.BLANK, "the page has no text")
    if seen.scripts:
        return Reading(Reason.JS_SHELL, f"{page.words} words and {seen.scripts} scripts: the text comes by script")
    if page.words < 8 or page.legal == 0:
        return Reading(Reason.BLANK if page.words == 0 else Reason.TRUNCATED, f"only {page.words} words")
    return None


def _of_list(page: _Page) -> Reading | None:
    """A list of documents, which is none itself: many links with names of documents, and little prose."""
    linked = page.outline.linked_characters / max(1, len(page.text))
    if linked < _LIST_LINKED:
        return None
    lines = [(block.text, count_words(block.text)) for block in page.outline.blocks]
    names = len({text.casefold() for text, words in lines if words <= 9 and DOCUMENT_NAME.search(text)})
    sentences = [words for _, words in lines if words >= _SENTENCE]
    if names >= _LIST_NAMES and (names > len(sentences) or sum(sentences) <= page.words / 2):
        return Reading(Reason.WRONG_PAGE, f"a list of documents: {names} names and {len(sentences)} sentences")
    return None


def _beside_previous(page: _Page, previous: ExtractedText) -> Reading | None:
    """What speaks against a page that holds the lesser part of the last text, or none of it."""
    kept = page.kept or 0.0
    before = count_words(previous.text)
    legal = page.legal >= _LEGAL_PER_HUNDRED_WORDS
    language = detect_language(page.text)
    shrunk = page.words * LEAST_LEFT < before
    if language and previous.language and language != previous.language and kept < _HARDLY_THERE:
        if legal and not shrunk:
            return Reading(
                Reason.WRONG_LANGUAGE, f"the text is in “{language}”, the last one was in “{previous.language}”"
            )
        return Reading(Reason.WRONG_PAGE, f"another page, in “{language}”")
    if kept < _NOTHING_THERE and (
        shrunk or not (_is_named(page) or _names_document(page) or _shares_title(page, previous))
    ):
        if page.words < _SHORT and _is_named(page):
            return Reading(Reason.TRUNCATED, f"{page.words} words where {before} stood")
        return Reading(
            Reason.WRONG_PAGE, f"{kept:.0%} of the last text is there, and nothing says that it is its successor"
        )
    if shrunk and kept < _MOSTLY_THERE:
        if page.words < _SHORT and page.words * 5 < before:
            return Reading(Reason.TRUNCATED, f"{page.words} words where {before} stood")
        return Reading(Reason.TEXT_LOST, f"{page.words} words where {before} stood")
    if not legal and kept >= _HARDLY_THERE:
        return Reading(DOCUMENT, f"{kept:.0%} of the last text is there")
    if other := _other_kind(page):
        return Reading(Reason.KIND_CHANGED, f"it is headed as “{other}”, not as “{page.expected_kind}”")
    return None


def _alone(page: _Page) -> Reading:
    """A page of which nothing is known but its kind."""
    if _is_named(page) and page.words >= _BARELY:
        return Reading(DOCUMENT, f"{page.words} words under the name of the document")
    if page.words < _SHORT and page.legal < _LEGAL_PER_HUNDRED_WORDS:
        return Reading(Reason.TRUNCATED, f"{page.words} words, and none that a document is made of")
    least = _LEGAL_PER_HUNDRED_WORDS * (2 if page.words < _FEW_WORDS and not _names_document(page) else 1)
    if page.legal < least:
        return Reading(Reason.WRONG_PAGE, f"{page.legal:.1f} legal words in a hundred: it doesn't read as a document")
    return Reading(DOCUMENT, f"{page.words} words that read as a document")


def _names_document(page: _Page, first: int = 3) -> bool:
    """Whether title or first headings name a document of whatever kind."""
    lines = (page.outline.title, *page.outline.headings[:first]) if first > 2 else page.outline.headings[:first]
    return any(DOCUMENT_NAME.search(line) or kinds_in(line) for line in lines)


def _is_named(page: _Page) -> bool:
    """Whether title or first headings name the expected kind of document."""
    expected = KIND_WORDS.get(page.expected_kind)
    words = telling_words(page.expected_kind)
    lines = (page.outline.title, *page.outline.headings[:3])
    return any((expected and expected.search(line)) or words & telling_words(line) for line in lines)


def _shares_title(page: _Page, previous: ExtractedText) -> bool:
    old = next((block.text for block in previous.blocks if block.kind == "heading"), previous.title)
    return comparison_key(old) in {comparison_key(line) for line in page.outline.headings[:5]}


def _other_kind(page: _Page) -> str:
    """The kind that title and first heading name, where they name one and it isn't the expected one."""
    expected = KIND_WORDS.get(page.expected_kind)
    if expected is None or any(expected.search(line) for line in (page.outline.title, *page.outline.headings)):
        return ""
    named = kinds_in(" ".join((page.outline.title, *page.outline.headings[:2])))
    return named[0] if named else ""


def _kept(text: str, previous: ExtractedText | None) -> float | None:
    """The share of the last text's characters whose blocks stand on this page."""
    if previous is None:
        return None
    total = sum(len(block.text) for block in previous.blocks)
    as_it_was = set(text.split("\n"))
    rest = [block.text for block in previous.blocks if block.text not in as_it_was]
    missing = sum(map(len, rest))
    if missing > (1 - _MOSTLY_THERE) * total:
        here = comparison_key(text)
        missing = sum(len(each) for each in rest if comparison_key(each) not in here)
    return 1 - missing / total
