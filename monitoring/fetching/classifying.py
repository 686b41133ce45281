"""Telling a document from what a site shows in its place. Pure, and by general rules alone.

A page that is no document is never a change: it is recorded as a failed check with one of the reasons given here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from urllib.parse import urlsplit

from monitoring.extraction import ExtractedText, TooComplex
from monitoring.extraction.folding import comparison_key
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
_LEAST_LEFT = 3
_SAMPLE = 20_000
_LEGAL_PER_HUNDRED_WORDS = 1.6


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
    url: str
    final_url: str
    previous: ExtractedText | None
    expected_kind: str
    kept: float | None  # share of the last text that is on this page

    @cached_property
    def legal(self) -> float:
        """Words of legal language per hundred."""
        sample = self.text[:_SAMPLE]
        return 100 * len(signs.LEGAL.findall(sample)) / max(1, count_words(sample))


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
    if content[:1024].lstrip().startswith(b"%PDF-"):
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
        url=url,
        final_url=final_url,
        previous=previous,
        expected_kind=_slug(expected_kind),
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
    if page.words < _BARELY and not plain and (empty := _of_empty(page)):
        return empty
    if page.previous is not None:
        return _beside_previous(page, page.previous)
    return _alone(page)


def _failure(page: _Page) -> Reading | None:
    """A page that says that it has failed. Said in the title or a heading counts more than in the text."""
    if page.words > _LONGEST_FAILURE and page.legal >= _LEGAL_PER_HUNDRED_WORDS:
        return None
    if page.outline.marks & signs.CHALLENGE_MARKS and page.words < _SHORT:
        return Reading(Reason.CHALLENGE, "a form or script of a challenge on a page with hardly any text")
    headlines = [page.outline.title, *page.outline.headings[:4]]
    opening = [block.text for block in page.outline.blocks[:8]]
    for reason, pattern in signs.PHRASES:
        if reason is Reason.LOGIN and not (page.outline.passwords or page.words < _BARELY * 2):
            continue
        if reason is Reason.CONSENT and page.legal >= _LEGAL_PER_HUNDRED_WORDS and not _is_wall(page):
            continue
        for line in headlines:
            if len(line) < 120 and (match := pattern.search(line)) and _alone_in(match, line, reason):
                return Reading(reason, f"the page is headed “{line}”")
        if page.words < _SHORT or reason in (Reason.SOFT_404, Reason.CONSENT):
            lines = (*opening, page.outline.without_scripts) if page.words < _SHORT else opening[:3]
            for line in lines:
                if len(line) < 400 and (match := pattern.search(line)):
                    return Reading(reason, f"the page says “{match.group()}” and little else")
    return None


def _alone_in(match: re.Match[str], line: str, reason: Reason) -> bool:
    """A number or a single word is only a headline of failure where it leads or is most of the line."""
    if len(match.group()) > 9 or reason is Reason.LOGIN:
        return True
    return match.start() == 0 or len(match.group()) * 3 >= len(line)


def _is_wall(page: _Page) -> bool:
    """A consent wall: the text speaks of consent and partners, and no heading names a document."""
    return not any(pattern.search(line) for pattern in signs.KIND_WORDS.values() for line in page.outline.headings[:3])


def _of_empty(page: _Page) -> Reading | None:
    """A page with hardly a word."""
    if page.outline.refresh:
        return Reading(Reason.JS_SHELL, "the page only sends the browser on")
    for dialog in page.outline.dialogs:
        if signs.CONSENT.search(dialog):
            return Reading(Reason.CONSENT, "a consent wall over an empty page")
    if page.words == 0 and not page.outline.scripts:
        return Reading(Reason.BLANK, "the page has no text")
    if any(pattern.search(line) for pattern in signs.KIND_WORDS.values() for line in page.outline.headings[:2]):
        return Reading(Reason.TRUNCATED, "a heading without its text")
    if page.outline.scripts:
        return Reading(
            Reason.JS_SHELL, f"{page.words} words and {page.outline.scripts} scripts: the text comes by script"
        )
    if page.words < 8 or page.legal == 0:
        return Reading(Reason.BLANK if page.words == 0 else Reason.TRUNCATED, f"only {page.words} words")
    return None


def _beside_previous(page: _Page, previous: ExtractedText) -> Reading:
    """A page that holds the lesser part of the last text, or none of it."""
    kept = page.kept or 0.0
    language = detect_language(page.text)
    if (
        language
        and previous.language
        and language != previous.language
        and kept < _HARDLY_THERE
        and page.words > _BARELY
    ):
        if page.legal >= _LEGAL_PER_HUNDRED_WORDS or not _is_elsewhere(page):
            return Reading(
                Reason.WRONG_LANGUAGE, f"the text is in “{language}”, the last one was in “{previous.language}”"
            )
        return Reading(Reason.WRONG_PAGE, f"another page, in “{language}”")
    before = count_words(previous.text)
    if page.words * _LEAST_LEFT < before:
        if kept < _HARDLY_THERE and page.legal < _LEGAL_PER_HUNDRED_WORDS:
            return Reading(
                Reason.WRONG_PAGE, f"{kept:.0%} of the last text is there, and it doesn't read as a document"
            )
        if page.words < _SHORT and page.words * 5 < before:
            return Reading(Reason.TRUNCATED, f"{page.words} words where {before} stood")
        return Reading(Reason.TEXT_LOST, f"{page.words} words where {before} stood")
    return _alone(page)


def _alone(page: _Page) -> Reading:
    """A page of which nothing is known but its kind."""
    if page.words < _SHORT and page.legal < _LEGAL_PER_HUNDRED_WORDS:
        return Reading(Reason.TRUNCATED, f"{page.words} words, and none that a document is made of")
    if page.legal < _LEGAL_PER_HUNDRED_WORDS:
        return Reading(Reason.WRONG_PAGE, f"{page.legal:.1f} legal words in a hundred: it doesn't read as a document")
    linked = page.outline.linked_characters / max(1, len(page.text))
    if linked > 0.5 and _sentences(page) < 10:
        return Reading(Reason.WRONG_PAGE, f"{linked:.0%} of the page are links: a list of documents, not one")
    if other := _other_kind(page):
        return Reading(Reason.KIND_CHANGED, f"it is headed as “{other}”, not as “{page.expected_kind}”")
    return Reading(DOCUMENT, f"{page.words} words that read as a document")


def _sentences(page: _Page) -> int:
    return sum(1 for block in page.outline.blocks if count_words(block.text) >= 12)


def _other_kind(page: _Page) -> str:
    """The kind that title and first heading name, where they name one and it isn't the expected one."""
    expected = signs.KIND_WORDS.get(page.expected_kind)
    if expected is None or any(expected.search(line) for line in (page.outline.title, *page.outline.headings)):
        return ""
    headlines = " ".join((page.outline.title, *page.outline.headings[:2]))
    if _words_of(page.expected_kind) & _words_of(headlines):
        return ""
    named = [kind for kind, pattern in signs.KIND_WORDS.items() if pattern.search(headlines)]
    return named[0] if named and page.previous is not None else ""


def _words_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[a-z]{4,}", text.lower()) if word not in ("policy", "terms", "agreement")}


def _is_elsewhere(page: _Page) -> bool:
    """Whether the request ended at another path than it asked for."""
    asked, got = urlsplit(page.url), urlsplit(page.final_url)
    return asked.path.rstrip("/") != got.path.rstrip("/")


def _slug(kind: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", kind.lower()).strip("-")
    return _SAME_KIND.get(slug, slug)


_SAME_KIND = {
    "trackers-policy": "cookie-policy",
    "data-processor-agreement": "data-processing-agreement",
    "terms": "terms-of-service",
    "terms-of-use": "terms-of-service",
    "privacy-notice": "privacy-policy",
    "usage-policy": "acceptable-use-policy",
}


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
