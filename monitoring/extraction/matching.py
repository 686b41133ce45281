"""What each selector of a declaration finds on a page, for whoever writes one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from monitoring.extraction import markup
from monitoring.extraction.encoding import decode
from monitoring.extraction.errors import InvalidSelector
from monitoring.extraction.outlining import count_words
from monitoring.extraction.selectors import Range, Selector, SelectorLike, find_all, find_first, parse_selectors


@dataclass(frozen=True, slots=True)
class Matched:
    """``count`` elements match (a range: 1 where both of its ends are there), with so many words in them; None for a range."""

    selector: str
    count: int
    words: int | None


def matches(content: bytes, *, charset: str | None, selectors: Sequence[SelectorLike]) -> list[Matched]:
    """For each selector, in order, what it finds on the page as received. Raises InvalidSelector and TooComplex."""
    tree = markup.parse(decode(content, charset=charset).text)
    return [_matched(tree, selector) for selector in parse_selectors(selectors)]


def _matched(tree: LexborHTMLParser, selector: Selector) -> Matched:
    if isinstance(selector, Range):
        ends = (find_first(tree, selector.start), find_first(tree, selector.end))
        return Matched(str(selector), int(None not in ends), None)
    found = find_all(tree, selector)
    return Matched(selector, len(found), sum(count_words(node.text(separator=" ")) for node in found))


def require_selectors(selectors: Sequence[SelectorLike]) -> None:
    """Raises InvalidSelector for the first that can't be parsed; no page is needed for that."""
    empty = LexborHTMLParser("<html></html>")
    for selector in parse_selectors(selectors):
        for each in (selector.start, selector.end) if isinstance(selector, Range) else (selector,):
            if not each.strip():
                raise InvalidSelector(each)
            find_first(empty, each)
