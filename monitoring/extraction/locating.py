"""Finding the document on a page by itself, where no selector says where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitoring.extraction import parting
from monitoring.extraction.markup import Token

# A run of characters shorter than this is rather a caption, a link or a button than prose.
_PROSE = 25
_MAIN = frozenset(("main", "article"))
_CONTAINERS = frozenset("body main article section div td table tbody tr center form".split())
_MAIN_SHARE = 0.6
_DESCENT_SHARE = 0.97
_LEAST_MAIN = 400
# Parts that are named as what surrounds a text. The name alone is no reason to leave anything out: see `_drop_furniture`.
_NAMED = re.compile(
    r'\s(?:class|id)="[^"]*?(?<![a-z])(?:(?:mega|main|sub|drop)?(?:nav|menu)(?:bar|igation|links?)?|sidebar|footer|'
    r"breadcrumbs?|toolbar|related|share|sharing|(?:cookie|consent)[-_]?(?:banner|popup|modal|bar|notice|preferences|manager)"
    r")(?![a-z])",
    re.IGNORECASE,
)
_LINKED_SHARE = 0.5
_LARGEST_SHARE = 0.3
# A menu that also says what its links lead to: so many links, and no run of words as long as a clause.
_LEAST_LINKS = 8
_LONGEST_OFFER = 200
# The words of the buttons of a consent dialogue. Two of them, and the word "cookie", make one.
_CHOICE = re.compile(
    r"(?:accept|allow|agree to|reject|decline|deny|refuse|confirm|save|manage|customi[sz]e)"
    r"(?: (?:to )?(?:all|my|selected|only|necessary|essential|non-essential))*"
    r"(?: (?:cookies?|preferences|choices|settings|options))?(?: and close)?"
    r"|(?:only )?(?:necessary|essential)(?: cookies)?(?: only)?|cookie settings|preferences"
    r"|(?:alle |nur notwendige |auswahl )?(?:akzeptieren|ablehnen|erlauben|bestätigen)"
    r"|tout (?:accepter|refuser)|(?:accepter|refuser) tout|personnaliser"
    r"|(?:aceptar|rechazar) (?:todo|todas)|accetta tutt[io]|rifiuta tutt[io]|(?:aceitar|rejeitar) tudo"
    r"|(?:godkänn|acceptera|neka|avvisa) alla|(?:alles|alle cookies) (?:accepteren|weigeren)"
    r"|全部接受|接受全部|全部拒绝|拒绝全部",
    re.IGNORECASE,
)
_LEAST_CHOICES = 2
_LONGEST_CHOICE = 40
_LONGEST_CONSENT = 4_000


@dataclass(slots=True)
class _Element:
    tag: str
    start: int
    end: int
    parent: int
    main: bool = False
    prose: int = 0
    title: bool = False
    text: int = 0
    linked: int = 0
    links: int = 0
    longest: int = 0
    choices: int = 0


def find_document(
    stream: list[Token], *, fragment: str = "", expected_kind: str = "", names: Mapping[str, str] = {}
) -> list[Token]:
    """The part of a page's body that is its document: the smallest element that holds nearly all prose, and its title.

    ``fragment`` of the address may name the one among several texts of a page, and so may ``expected_kind``; ``names`` is
    what the page calls its parts (`parting.names_of`). Where there is no prose the whole body is given back.
    """
    elements = _elements(stream)
    if not elements:
        return stream
    dropped = _drop_furniture(elements, stream)
    named = _named(elements, stream, fragment)
    if named is None and (fragment or expected_kind):
        parts = parting.documents_of(elements, stream, names)
        chosen = parting.choose(parts, stream, fragment=fragment, expected_kind=expected_kind)
        if chosen:
            return [token for part in chosen for token in _without(stream, part, dropped)]
    best = named or elements[0]
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
    return _without(stream, found, dropped)


def _drop_furniture(elements: Sequence[_Element], stream: Sequence[Token]) -> list[_Element]:
    """The outermost parts that are menus or consent dialogues. A part with a clause in it stays, whatever it is called."""
    whole, end = elements[0].text, 0
    dropped = []
    for element in elements[1:]:
        if element.start < end or not element.text or element.title or element.main:
            continue
        if element.text <= _LARGEST_SHARE * whole and (_is_menu(element, stream) or _asks_for_consent(element, stream)):
            dropped.append(element)
            end = element.end
    return dropped


def _is_menu(element: _Element, stream: Sequence[Token]) -> bool:
    """It is named as what surrounds a text, and is mostly links, or links with a line of praise each."""
    mostly_linked = not element.prose and element.linked >= _LINKED_SHARE * element.text
    if mostly_linked or (element.links >= _LEAST_LINKS and element.longest <= _LONGEST_OFFER):
        # The name is asked last: it costs the most, and few parts get so far.
        return _NAMED.search(stream[element.start][2]) is not None
    return False


def _asks_for_consent(element: _Element, stream: Sequence[Token]) -> bool:
    """The reader is asked to accept or reject cookies, by buttons or links."""
    if element.choices < _LEAST_CHOICES or element.text > _LONGEST_CONSENT:
        return False
    return any("cookie" in text.lower() for _, _, _, text in stream[element.start : element.end] if text)


def _without(stream: list[Token], found: _Element | parting.Part, dropped: Sequence[_Element]) -> list[Token]:
    kept: list[Token] = []
    position = found.start
    for element in dropped:
        if found.start < element.start and element.end <= found.end:
            kept += stream[position : element.start]
            position = element.end
    return kept + stream[position : found.end]


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
    stack: list[tuple[str, _Element]] = []
    here: _Element | None = None
    position = -1
    links = buttons = 0
    for index, (closing, tag, attributes, text) in enumerate(stream):
        if text:
            if here is None or not (words := text.split()):
                continue
            length = len("".join(words))
            here.text += length
            if links:
                here.linked += length
            elif length >= _PROSE:
                here.prose += length
                if length > here.longest:
                    here.longest = length
            if (links or buttons) and length <= _LONGEST_CHOICE and _CHOICE.fullmatch(text.strip()):
                here.choices += 1
        elif tag in _CONTAINERS:
            if not closing:
                is_main = tag in _MAIN or ' role="main"' in attributes
                here = _Element(tag, index, len(stream), position, is_main)
                position = len(elements)
                elements.append(here)
                stack.append((tag, here))
            elif stack and stack[-1][0] == tag:
                ended = stack.pop()[1]
                ended.end = index + 1
                position = ended.parent
                here = stack[-1][1] if stack else None
        elif tag == "a":
            links = max(0, links + (-1 if closing else 1))
            if here is not None and not closing:
                here.links += 1
        elif tag == "button":
            buttons = max(0, buttons + (-1 if closing else 1))
        elif tag == "h1" and here is not None and not closing:
            here.title = True
    for element in reversed(elements):
        if element.parent >= 0 and (element.text or element.title):
            above = elements[element.parent]
            above.text += element.text
            above.prose += element.prose
            above.linked += element.linked
            above.links += element.links
            above.choices += element.choices
            if element.longest > above.longest:
                above.longest = element.longest
            above.title = above.title or element.title
    return elements
