"""A parsed page: what to leave out, what was selected, and its markup as a flat stream of tags and text.

The stream is read without recursion, so that no depth of nesting can break it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from monitoring.extraction.errors import NoText, SelectorMatchedNothing, TooComplex
from monitoring.extraction.selectors import Range, Selector, find_all, find_first

MOST_CHARACTERS = 20_000_000
MOST_TAGS = 400_000
DEEPEST = 4_000
# Each unclosed one is opened again in every later paragraph: the tree grows with their square.
MOST_UNCLOSED = 400

# (closing slash, tag, attributes, text): one of tag and text is empty.
Token = tuple[str, str, str, str]

# As lexbor writes it: every attribute with its quotes, "<" in text always as a reference. What fits nowhere is dropped.
_TOKENS = re.compile(
    r'<(/?)([a-zA-Z][^\s/>]*+)((?:\s[^\s>][^\s=>]*+(?:="[^"]*+")?+)*+)\s*>|<!--(?:.*?)-->|<[^>]*>?|([^<]+)', re.DOTALL
)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# a, b, big, code, em, font, i, nobr, s, small, strike, strong, tt and u, written so that most tags fail at their first letter.
_FORMATTING = re.compile(r"<(/?)[abcefinstu](?:ig|ode|m|ont|obr|mall|t(?:rike|rong)?)?[\s>]", re.IGNORECASE)
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_START, _END = "data-range-start", "data-range-end"

# Never a part of a text, whoever selected it.
_NEVER = (
    "script,style,svg,noscript,template,iframe,object,canvas,audio,video,math annotation,xmp,noembed,noframes,"
    "plaintext,select,input,textarea,progress,meter,datalist,map,dialog:not([open]),rp,rt"
)
# Furniture around a text and what no reader sees.
_FURNITURE = (
    "nav,footer,[role=navigation],[role=contentinfo],[role=dialog],[role=alertdialog],[role=search],[role=menu],"
    "[role=menubar],[role=tooltip],[role=status],[role=alert],[hidden]:not([hidden=until-found]),"
    '[style*="display:none" i],[style*="display: none" i],[style*="visibility:hidden" i],'
    '[style*="visibility: hidden" i],'
    ".sr-only,.visually-hidden,.screen-reader-text,.visuallyhidden,.skip-link,.skip-to-content,.noprint,.no-print,"
    ".breadcrumb,.breadcrumbs,"
    "#onetrust-consent-sdk,#CybotCookiebotDialog,#usercentrics-root,.cookie-banner,.cookie-consent,.cookie-notice,"
    "#cookie-banner,#cookie-consent,#cookie-notice,#cookie-law-info-bar,.cc-window,.cky-consent-container,"
    ".osano-cm-window,#didomi-host,#qc-cmp2-container,#truste-consent-track,.iubenda-cs-container,#iubenda-cs-banner"
)
# Without a selector, also what usually stands beside a text.
_SURROUNDINGS = "aside,[role=banner],[role=complementary],body > header"
_MAILBOX = "[data-cfemail]"
# Left out by screen readers: icons and doubles, but also the whole page below an open dialog.
_UNREAD = "[aria-hidden=true]"
_LONGEST_UNREAD = 300
_CONTROLS = "[aria-controls]:not([aria-haspopup])"
_FOLDS = ("", "region", "tabpanel", "group")
_SHORTEST_FOLD = 20


def parse(text: str) -> LexborHTMLParser:
    """The page as a tree. Raises TooComplex before anything costly is tried."""
    if len(text) > MOST_CHARACTERS:
        raise TooComplex(f"{len(text)} characters are more than {MOST_CHARACTERS}.")
    tags = text.count("<")
    if tags > MOST_TAGS:
        raise TooComplex(f"{tags} tags are more than {MOST_TAGS}.")
    if tags > DEEPEST and tags - text.count("</") > DEEPEST and _depth(text) > DEEPEST:
        raise TooComplex(f"It is nested deeper than {DEEPEST} elements.")
    if tags > MOST_UNCLOSED:
        formatting = _FORMATTING.findall(text)
        unclosed = len(formatting) - 2 * formatting.count("/")
        if unclosed > MOST_UNCLOSED:
            raise TooComplex(f"{unclosed} formatting elements aren't closed.")
    return LexborHTMLParser(text)


def _depth(text: str) -> int:
    """An upper bound of how deep the elements nest, from the tags alone: what isn't closed counts as open."""
    depth = deepest = 0
    open_tags: dict[str, int] = {}
    for closing, name in _TAG.findall(text):
        tag = name.lower()
        if tag in VOID or tag in _CLOSED_BY_SIBLINGS:
            continue
        if not closing:
            open_tags[tag] = open_tags.get(tag, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif open_tags.get(tag, 0):
            open_tags[tag] -= 1
            depth -= 1
    return deepest


# Each of these ends the one before it, unless something else stands between them, which is counted.
_CLOSED_BY_SIBLINGS = frozenset("li p option optgroup td th tr thead tbody tfoot dt dd colgroup rb rt rp".split())


def remove(tree: LexborHTMLParser, selectors: Iterable[Selector]) -> None:
    """Take out what the declaration removes. What matches nothing is no fault."""
    for selector in selectors:
        if isinstance(selector, Range):
            _remove_range(tree, selector)
        else:
            _destroy(find_all(tree, selector))


def _destroy(nodes: Sequence[LexborNode]) -> None:
    """Innermost first: a node inside of a destroyed one must not be touched again."""
    for node in reversed(nodes):
        if node.tag not in ("html", "body", "head"):
            node.decompose()


def _remove_range(tree: LexborHTMLParser, selected: Range) -> None:
    tokens = _range_positions(tree, selected)
    if tokens is None:
        return
    stream, start, end = tokens
    # Text between the marks goes; tags stay, so that what is around keeps its structure.
    kept = [token for index, token in enumerate(stream) if not (start <= index < end and token[3])]
    body = tree.body
    if body is not None:
        fresh = LexborHTMLParser("".join(_written(token) for token in kept))
        if fresh.body is not None:
            body.replace_with(fresh.body)


def _written(token: Token) -> str:
    closing, tag, attributes, text = token
    return text or (f"<{closing}{tag}{attributes}>" if tag else "")


def select(tree: LexborHTMLParser, selectors: Sequence[Selector]) -> tuple[list[list[Token]], tuple[str, ...]]:
    """The selected parts as streams, in the order of the selectors, and those selectors that matched nothing.

    What lies inside of a part that is already there isn't taken twice. Raises SelectorMatchedNothing.
    """
    parts: list[LexborNode | Range] = []
    unmatched: list[str] = []
    taken: set[int] = set()
    for selector in selectors:
        if isinstance(selector, Range):
            if find_first(tree, selector.start) is None or find_first(tree, selector.end) is None:
                unmatched.append(str(selector))
            else:
                parts.append(selector)
            continue
        nodes = find_all(tree, selector)
        if not nodes:
            unmatched.append(selector)
        for each in nodes:
            if each.mem_id not in taken and not any(above in taken for above in _ancestors(each)):
                taken.add(each.mem_id)
                parts.append(each)
    if not parts:
        raise SelectorMatchedNothing(tuple(str(selector) for selector in selectors))
    kept = set(taken)
    for part in parts:
        if isinstance(part, Range):
            for end in (part.start, part.end):
                node = find_first(tree, end)
                if node is not None:
                    kept.add(node.mem_id)
                    kept.update(_ancestors(node))
        else:
            kept.update(_ancestors(part))
    # Positions of ranges are marked before furniture goes, for their ends may be found by what stands beside them.
    ranges = {id(part): _mark(tree, part, str(number)) for number, part in enumerate(parts) if isinstance(part, Range)}
    clean(tree, keep=kept)
    streams = []
    for part in parts:
        if isinstance(part, Range):
            between = _between(tokens_of(tree.body), part, ranges[id(part)])
            if between is None:
                unmatched.append(str(part))
            else:
                stream, first, last = between
                streams.append(stream[first:last])
        else:
            streams.append(tokens_of(part))
    if not streams:
        raise SelectorMatchedNothing(tuple(str(selector) for selector in selectors))
    return streams, tuple(unmatched)


def _ancestors(node: LexborNode) -> list[int]:
    found = []
    above = node.parent
    while above is not None:
        found.append(above.mem_id)
        above = above.parent
    return found


def clean(tree: LexborHTMLParser, *, keep: frozenset[int] | set[int] = frozenset(), surroundings: bool = False) -> None:
    """Take out furniture and what no reader sees, and write addresses that are hidden from robots."""
    for node in find_all(tree, _MAILBOX):
        address = _mailbox(node.attributes.get("data-cfemail") or "")
        if address:
            node.replace_with(address)
    _destroy([node for node in find_all(tree, _NEVER) if node.mem_id not in keep])
    # What is controlled is looked up first: the buttons themselves may stand in furniture.
    controlled = _controlled(tree)
    furniture = find_all(tree, f"{_FURNITURE},{_SURROUNDINGS}" if surroundings else _FURNITURE)
    _destroy([node for node in furniture if node.mem_id not in keep and not _opens(node, controlled)])
    unread = [node for node in find_all(tree, _UNREAD) if node.mem_id not in keep]
    _destroy([node for node in unread if len(node.text()) <= _LONGEST_UNREAD and not _opens(node, controlled)])


def _controlled(tree: LexborHTMLParser) -> frozenset[str]:
    """The ids of what a reader can unfold: a button or tab names it, which opens neither a menu nor a dialog."""
    return frozenset(
        identifier
        for node in find_all(tree, _CONTROLS)
        for identifier in (node.attributes.get("aria-controls") or "").split()
    )


def _opens(node: LexborNode, controlled: frozenset[str]) -> bool:
    """Whether a hidden element is a fold or tab with text of its own, not a menu."""
    role = node.attributes.get("role") or ""
    if role not in _FOLDS or node.tag in ("nav", "footer", "header", "aside"):
        return False
    if role != "tabpanel" and node.attributes.get("id") not in controlled:
        return False
    linked = sum(len(link.text().strip()) for link in node.css("a"))
    return len(node.text().strip()) > max(2 * linked, _SHORTEST_FOLD)


def _mailbox(code: str) -> str:
    """An address as Cloudflare writes it: the first byte is the key of the others."""
    try:
        data = bytes.fromhex(code)
        return bytes(byte ^ data[0] for byte in data[1:]).decode("utf-8") if len(data) > 3 else ""
    except (ValueError, UnicodeDecodeError):
        return ""


def tokens_of(node: LexborNode | None) -> list[Token]:
    """The markup of a node as a stream. Raises NoText where there is no node."""
    if node is None:
        raise NoText("There is no page in it.")
    html = node.html or ""
    return _TOKENS.findall(html)


def _mark(tree: LexborHTMLParser, selected: Range, number: str) -> str:
    for name, selector in ((_START, selected.start), (_END, selected.end)):
        node = find_first(tree, selector)
        if node is not None:
            old = node.attributes.get(name)
            node.attrs[name] = f"{old} {number}" if old else number
    return number


def _range_positions(tree: LexborHTMLParser, selected: Range) -> tuple[list[Token], int, int] | None:
    number = _mark(tree, selected, "r")
    return _between(tokens_of(tree.body), selected, number)


def _between(stream: list[Token], selected: Range, number: str) -> tuple[list[Token], int, int] | None:
    """Where the range begins and ends in the stream of the body, or None where an end isn't there."""
    start = _position(stream, _START, number, after=bool(selected.start_after))
    end = _position(stream, _END, number, after=bool(selected.end_after))
    if start is None or end is None or end <= start:
        return None
    return stream, start, end


def _position(stream: list[Token], name: str, number: str, *, after: bool) -> int | None:
    marked = re.compile(rf'{name}="(?:[^"]*\s)?{number}(?:\s[^"]*)?"')
    for index, (closing, tag, attributes, _) in enumerate(stream):
        if tag and not closing and name in attributes and marked.search(attributes):
            return end_of(stream, index) if after else index
    return None


def end_of(stream: Sequence[Token], start: int) -> int:
    """The position behind the element that starts at ``start``."""
    if stream[start][1] in VOID:
        return start + 1
    depth = 0
    for index in range(start, len(stream)):
        closing, tag, _, _ = stream[index]
        if tag and tag not in VOID:
            depth += -1 if closing else 1
            if depth == 0:
                return index + 1
    return len(stream)


def unescape(text: str) -> str:
    """The five references that a serialised page contains."""
    text = text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">")
    return text.replace("&quot;", '"').replace("&amp;", "&")
