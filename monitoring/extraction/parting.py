"""Several documents on one page, and which of them is meant.

They are told by their names: what a list of contents, a tab or the first line of each says. Where nothing says which is
meant the whole page is the document: a page read too wide can be narrowed, a clause that was left out is never missed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selectolax.lexbor import LexborHTMLParser

from monitoring.extraction.folding import fold
from monitoring.extraction.kinds import DOCUMENT_NAME, is_called, kind_of, kinds_in
from monitoring.extraction.markup import Token, unescape
from monitoring.extraction.selectors import find_all

# A document is longer than a section that tells of one; together they are nearly all that the page says.
_LEAST = 600
_TOGETHER = 0.8
_LONGEST_NAME = 80
_ID = re.compile(r'\sid="([^"]*)"')
_HEADING = re.compile(r"h[1-6]")


class Element(Protocol):
    """A container in the stream, with the characters of prose that it holds."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def parent(self) -> int: ...
    @property
    def prose(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One of the documents: from where to where it stands in the stream."""

    name: str
    start: int
    end: int


def names_of(tree: LexborHTMLParser) -> dict[str, str]:
    """What links and tabs of a page call the elements that they lead to, by the ids of these, where it names a document."""
    names: dict[str, str] = {}
    for node in find_all(tree, 'a[href*="#"],[role=tab][aria-controls],button[aria-controls]'):
        target = (node.attributes.get("href") or "").partition("#")[2] or node.attributes.get("aria-controls") or ""
        name = fold(node.text())
        if target and target not in names and _is_name(name):
            names[target] = name
    return names


def choose(
    parts: Sequence[Part], stream: Sequence[Token], *, fragment: str = "", expected_kind: str = ""
) -> list[Part]:
    """The parts that the fragment stands in, or else all that are of the kind. Empty where nothing says which."""
    if fragment:
        marks = (f' id="{fragment}"', f' name="{fragment}"')
        places = (place for place, token in enumerate(stream) if token[2] and any(mark in token[2] for mark in marks))
        place = next(places, -1)
        if chosen := [part for part in parts if part.start <= place < part.end]:
            return chosen
    kind = kind_of(expected_kind)
    return [part for part in parts if is_called(part.name, kind)] if kind else []


def documents_of(elements: Sequence[Element], stream: Sequence[Token], names: Mapping[str, str]) -> list[Part]:
    """The documents of a page that holds at least two of different kinds and hardly anything beside them; else none."""
    whole = elements[0].prose
    siblings: dict[int, list[Element]] = {}
    for element in elements[1:]:
        if element.prose >= _LEAST:
            siblings.setdefault(element.parent, []).append(element)
    for together in siblings.values():
        if len(together) > 1 and sum(each.prose for each in together) >= _TOGETHER * whole:
            parts = [Part(_name(stream, each, names), each.start, each.end) for each in together]
            named = [part for part in parts if part.name]
            if _covers([each.prose for each, part in zip(together, parts, strict=True) if part.name], whole):
                return named if _differ(named) else []
    return _under_headings(elements, stream)


def _name(stream: Sequence[Token], element: Element, names: Mapping[str, str]) -> str:
    """What the page calls this element, else its first line, if that names a document."""
    first = ""
    for closing, tag, attributes, text in stream[element.start : min(element.end, element.start + 40)]:
        if tag and not closing and (match := _ID.search(attributes)) and match[1] in names:
            return names[match[1]]
        if text and not text.isspace():
            first = fold(unescape(text))
            break
    return first if _is_name(first) else ""


def _under_headings(elements: Sequence[Element], stream: Sequence[Token]) -> list[Part]:
    """The parts of a page whose headings of the first level each name a document."""
    starts = [place for place, (closing, tag, _, _) in enumerate(stream) if tag == "h1" and not closing]
    if len(starts) < 2:
        return []
    around = min(
        (each for each in elements if each.start <= starts[0] and starts[-1] < each.end),
        key=lambda each: each.end - each.start,
    )
    ends = [*starts[1:], around.end]
    parts = [Part(_text_of_heading(stream, start), start, end) for start, end in zip(starts, ends, strict=True)]
    sizes = [_prose(stream[part.start : part.end]) for part in parts]
    if min(sizes) < _LEAST or not all(_is_name(part.name) for part in parts) or not _covers(sizes, elements[0].prose):
        return []
    return parts if _differ(parts) else []


def _text_of_heading(stream: Sequence[Token], start: int) -> str:
    words = []
    for closing, tag, _, text in stream[start + 1 : start + 40]:
        if closing and _HEADING.fullmatch(tag):
            break
        words.append(text)
    return fold(unescape("".join(words)))


def _prose(stream: Iterable[Token]) -> int:
    return sum(len(text) for _, _, _, text in stream if text and not text.isspace())


def _covers(sizes: Sequence[int], whole: int) -> bool:
    return len(sizes) > 1 and sum(sizes) >= _TOGETHER * whole


def _differ(parts: Sequence[Part]) -> bool:
    return len({tuple(kinds_in(part.name)) or part.name for part in parts}) > 1


def _is_name(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and DOCUMENT_NAME.search(text) is not None
