"""From the answers of a document's sources to what was read, or why it wasn't. Pure: no network, no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.extraction import ExtractedText, ExtractionError, combine, extract
from monitoring.extraction.selectors import SelectorLike
from monitoring.fetching.classifying import LEAST_LEFT, classify
from monitoring.fetching.outcomes import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Page:
    """What one source gave: the bytes and what was said about them."""

    content: bytes
    status: int
    media_type: str
    charset: str | None
    url: str
    final_url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class HowToRead:
    """What a source's declaration says about its page, and of which kind the document is, where its page holds several."""

    select: Sequence[SelectorLike]
    remove: Sequence[SelectorLike]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """`text` where one was read. With a `reason` of the outcome `suspicious` there may be a text that isn't believed yet."""

    text: ExtractedText | None
    reason: Reason | None = None
    why: str = ""

    @property
    def outcome(self) -> Outcome | None:
        return self.reason.outcome if self.reason else None


def judge(
    pages: Sequence[tuple[Page, HowToRead]], *, kind: str, language: str | None, previous: ExtractedText | None
) -> Judgement:
    """Is this the document, and what does it say? `previous` is the last good text; a document of several sources is judged
    page by page without it, since no page holds the whole. A page that says the last good text, word for word, is the
    document: nothing else is asked of it."""
    text = _text_of(pages, language) if previous is not None else None
    if isinstance(text, ExtractedText) and previous is not None and text.sha256 == previous.sha256:
        return Judgement(text)
    alone = len(pages) == 1
    doubt: Judgement | None = None
    for page, _ in pages:
        reading = classify(
            page.content,
            status=page.status,
            media_type=page.media_type,
            url=page.url,
            final_url=page.final_url,
            headers=page.headers,
            previous=previous if alone else None,
            expected_kind=kind if alone else "",
        )
        if reading.is_document:
            continue
        judgement = Judgement(None, Reason(reading.outcome), reading.why)
        if judgement.outcome != Outcome.SUSPICIOUS:
            return judgement
        doubt = judgement
    text = text or _text_of(pages, language)
    if isinstance(text, ExtractionError):
        return doubt or Judgement(None, Reason(text.reason), str(text))
    if doubt is None and previous is not None and len(text.text) * LEAST_LEFT < len(previous.text):
        # The page may be whole and the selectors match only a part of it by now.
        doubt = Judgement(None, Reason.TEXT_LOST, f"{len(text.text)} characters where {len(previous.text)} stood")
    return Judgement(text, doubt.reason, doubt.why) if doubt else Judgement(text)


def _text_of(pages: Sequence[tuple[Page, HowToRead]], language: str | None) -> ExtractedText | ExtractionError:
    try:
        return combine([_extract(page, how, language) for page, how in pages])
    except ExtractionError as error:
        return error


def _extract(page: Page, how: HowToRead, language: str | None) -> ExtractedText:
    return extract(
        page.content,
        media_type=page.media_type,
        charset=page.charset,
        url=_address(page),
        language=language,
        expected_kind=how.kind,
        select=how.select,
        remove=how.remove,
    )


def _address(page: Page) -> str:
    """Where the page was found, with the fragment that was asked for: as in a browser, it outlives a redirect."""
    asked = page.url.partition("#")[2]
    return f"{page.final_url}#{asked}" if asked and "#" not in page.final_url else page.final_url


def reread(pages: Sequence[tuple[Page, HowToRead]], *, language: str | None) -> ExtractedText | None:
    """Bytes that were accepted before, read in today's way; None where that isn't possible any more."""
    try:
        return combine([_extract(page, how, language) for page, how in pages])
    except ExtractionError:
        return None
