"""Finding the document on a page by itself, where no selector says where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitoring.extraction.markup import VOID, Token

# A run of characters shorter than this is rather a caption, a link or a button than prose.
_PROSE = 25
_MAIN = frozenset(("main", "article"))
_CONTAINERS = frozenset("body main article section div td table tbody tr center form".split())
_MAIN_SHARE = 0.6
_DESCENT_SHARE = 0.97
_LEAST_MAIN = 400


@dataclass(slots=True)
class _Element:
    tag: str
    start: int
    end: int
    parent: int
    main: bool = False
    prose: int = 0
    title: bool = False


def find_document(stream: list[Token], *, fragment: str = "") -> list[Token]:
    """The part of a page's body that is its document: the smallest element that holds nearly all prose, and its title.

    ``fragment`` of the address may name the one among several texts of a page. Where there is no prose the whole body
    is given back.
    """
    elements = _elements(stream)
    if not elements:
        return stream
    best = _named(elements, stream, fragment) or elements[0]
    mains = [element for element in elements if element.main]
    if mains and best is elements[0]:
        main = max(mains, key=lambda element: (element.prose, -element.start))
        if main.prose >= _LEAST_MAIN and main.prose >= _MAIN_SHARE * best.prose:
            best = main
    index = elements.index(best)
    children: dict[int, list[int]] = {}
    for position, element in enumerate(elements):
        children.setdefault(element.parent, []).append(position)
    while True:
        inner = max(
            (child for child in children.get(index, ()) if elements[child].tag in _CONTAINERS),
            key=lambda child: elements[child].prose,
            default=None,
        )
        if inner is None or elements[inner].prose < _DESCENT_SHARE * best.prose or not best.prose:
            break
        if elements[index].title and not elements[inner].title:
            break
        index = inner
    found = elements[index]
    return stream[found.start : found.end]


def _named(elements: Sequence[_Element], stream: Sequence[Token], fragment: str) -> _Element | None:
    """The element that the fragment names, if it holds a text and isn't only a place to jump to."""
    if not fragment:
        return None
    mark = f' id="{fragment}"'
    named = (each for each in elements if mark in stream[each.start][2] and each.prose >= _LEAST_MAIN)
    return next(named, None)


def _elements(stream: Sequence[Token]) -> list[_Element]:
    """The containers of the stream with how much prose each holds. The first is the body."""
    elements: list[_Element] = []
    stack: list[tuple[str, int]] = []
    links = 0
    for index, (closing, tag, attributes, text) in enumerate(stream):
        if text:
            length = sum(map(len, text.split())) if not links else 0
            if length >= _PROSE and stack:
                elements[stack[-1][1]].prose += length
        elif tag == "a":
            links = max(0, links + (-1 if closing else 1))
        elif not tag or tag in VOID:
            continue
        elif not closing:
            parent = stack[-1][1] if stack else -1
            if tag in _CONTAINERS:
                is_main = tag in _MAIN or ' role="main"' in attributes
                elements.append(_Element(tag, index, len(stream), parent, is_main))
                stack.append((tag, len(elements) - 1))
            elif tag == "h1" and stack:
                elements[parent].title = True
        elif stack and stack[-1][0] == tag:
            elements[stack.pop()[1]].end = index + 1
    for element in reversed(elements):
        if element.parent >= 0:
            above = elements[element.parent]
            above.prose += element.prose
            above.title = above.title or element.title
    return elements
