"""Where a document stands on its page when its selectors no longer find it. Pure: no network, no clock, no database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from monitoring.extraction import ExtractedText, ExtractionError, markup
from monitoring.extraction.encoding import decode
from monitoring.extraction.errors import InvalidSelector
from monitoring.extraction.selectors import SelectorLike, find_first
from monitoring.fetching.judging import HowToRead, Page, judge

#: Elements that HTML has for a page's main part.
LANDMARKS = ("main", "article", "[role=main]")
#: The share of the last text that must stand in what is read instead.
MOSTLY = 0.6
_ONE_STEP = re.compile(r"(?:[^\s>+~\[(]|\[[^\]]*\]|\([^)]*\))+")


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The text that these selectors give (none: the document is found by itself). ``kept`` is the share of the last good text
    that is in it; None where there was none before."""

    select: tuple[str, ...]
    text: ExtractedText
    kept: float | None


def read_elsewhere(
    page: Page, how: HowToRead, *, kind: str, language: str | None, previous: ExtractedText | None
) -> Elsewhere | None:
    """The nearest place that gives the document: what stood around the parts that were selected, else a landmark, else the
    page as a whole. None where no place gives a text that is believed. ``previous`` is the last good text of this page."""
    try:
        tree = markup.parse(decode(page.content, charset=page.charset).text)
    except ExtractionError:
        return None
    best: Elsewhere | None = None
    for select in (*_places(tree, how.select), ()):
        judged = judge([(page, HowToRead(select, how.remove))], kind=kind, language=language, previous=None)
        if judged.text is None or judged.reason is not None:
            continue
        kept = _kept(judged.text, previous)
        if kept is None:
            return Elsewhere(select, judged.text, None)
        if kept >= MOSTLY and (best is None or best.kept is None or kept > best.kept + 0.02):
            best = Elsewhere(select, judged.text, kept)
    return best


def _places(tree: LexborHTMLParser, select: Sequence[SelectorLike]) -> list[tuple[str, ...]]:
    """What is on the page of: the ancestors that the selectors name, the nearest first; the landmarks."""
    named = [ancestor for each in select if isinstance(each, str) for ancestor in ancestors(each)]
    return [(each,) for each in dict.fromkeys([*named, *LANDMARKS]) if _is_there(tree, each) and each not in select]


def ancestors(selector: str) -> list[str]:
    """The selector without its last steps, the longest first: `.a > .b .c` gives `.a > .b` and `.a`. Lists of selectors give
    none."""
    if "," in selector:
        return []
    steps = list(_ONE_STEP.finditer(selector))
    return [
        selector[: step.end()].strip() for step in reversed(steps[:-1]) if step.group() not in ("html", "body", ":root")
    ]


def _is_there(tree: LexborHTMLParser, selector: str) -> bool:
    try:
        return find_first(tree, selector) is not None
    except InvalidSelector:
        return False


def _kept(text: ExtractedText, previous: ExtractedText | None) -> float | None:
    """The share of the last text's characters whose blocks are in this one."""
    if previous is None:
        return None
    here = {block.text for block in text.blocks}
    total = sum(len(block.text) for block in previous.blocks)
    return sum(len(block.text) for block in previous.blocks if block.text in here) / max(1, total)
