"""HTML to canonical text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from monitoring.extraction import locating, markup, parting
from monitoring.extraction.building import BOLD_LEVEL, BlockBuilder
from monitoring.extraction.encoding import decode
from monitoring.extraction.errors import NoText
from monitoring.extraction.folding import fold
from monitoring.extraction.labels import counted_label, split_label
from monitoring.extraction.markup import Token
from monitoring.extraction.selectors import Selector
from monitoring.extraction.texts import BlockKind, ExtractedText

EXTRACTOR = "html-4"

_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLOCKS = frozenset(
    """address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary
    table tbody td tfoot th thead tr ul""".split()
)
# Blocks that only end what stands before and after them.
_PLAIN = _BLOCKS - frozenset("h1 h2 h3 h4 h5 h6 ol ul menu li dt dd table tr td th pre".split())
_BOLD = frozenset(("b", "strong"))
_LISTS = frozenset(("ol", "ul", "menu"))
_BREAK = "\x00"


class _Role(Enum):
    """What a tag does to the text around it. A tag of none of these is a part of its line."""

    PLAIN = "ends a block"
    BLOCK = "opens or closes a block"
    BREAK = "breaks a line"
    BOLD = "bold print"
    BUTTON = "is pressed, not read"


_ROLE_OF: dict[str, _Role] = {
    **dict.fromkeys(_BLOCKS, _Role.BLOCK),
    **dict.fromkeys(_PLAIN, _Role.PLAIN),
    **dict.fromkeys(_BOLD, _Role.BOLD),
    "br": _Role.BREAK,
    "button": _Role.BUTTON,
}
_ATTRIBUTE = re.compile(r'\s([a-z-]+)(?:="([^"]*)")?')
# What a site asks of its readers below a text.
_ASKED = re.compile(
    r"(?:(?:was|is)\s+this\s+(?:(?:page|article|information|content|answer|document|section)\s+)?(?:helpful|useful)"
    r"|did\s+this\s+(?:(?:page|article)\s+)?(?:answer\s+your\s+question|help(?:\s+you)?))\s*\?",
    re.IGNORECASE,
)
_LONGEST_BOLD_HEADING = 120
_CELLS_OF_LAYOUT = 40


def extract_html(
    content: bytes,
    *,
    charset: str | None,
    language: str | None,
    url: str = "",
    expected_kind: str = "",
    select: Sequence[Selector],
    remove: Sequence[Selector],
) -> ExtractedText:
    """The text of a page: what ``select`` names, or else the document that the page is about."""
    decoded = decode(content, charset=charset)
    tree = markup.parse(decoded.text)
    if tree.body is None:
        raise NoText("There is no page in it.")
    html = tree.css_first("html")
    stated = html.attributes.get("lang") if html is not None else None
    title_node = tree.css_first("head > title")
    title = title_node.text() if title_node is not None else ""
    warnings = list(decoded.warnings)
    markup.remove(tree, remove)
    if select:
        streams, unmatched = markup.select(tree, select)
        warnings += [f"a selector matched nothing: {selector}" for selector in unmatched]
    else:
        fragment = url.partition("#")[2]
        names = parting.names_of(tree) if fragment or expected_kind else {}
        markup.clean(tree, surroundings=True)
        stream = markup.tokens_of(tree.body)
        streams = [locating.find_document(stream, fragment=fragment, expected_kind=expected_kind, names=names)]
    builder = BlockBuilder()
    for stream in streams:
        StreamReader(builder).read(stream)
    text = builder.finish(
        extractor=EXTRACTOR, language=language, title=title, encoding=decoded.encoding, warnings=tuple(warnings)
    )
    if text.language is None and stated:
        return builder.finish(
            extractor=EXTRACTOR, language=stated, title=title, encoding=decoded.encoding, warnings=tuple(warnings)
        )
    return text


@dataclass(slots=True)
class _Row:
    """A row of a table that is being read: the blocks of each cell. A row that only lays out a page is dissolved."""

    cells: list[list[tuple[BlockKind, str, str, int]]] = field(default_factory=list)
    layout: bool = False


@dataclass(slots=True)
class _Counter:
    """A list: its kind of numbers (empty: none) and the next of them."""

    style: str = ""
    number: int = 1
    step: int = 1


class StreamReader:
    """Walks one stream of tags and text and gives the builder its blocks."""

    def __init__(self, builder: BlockBuilder) -> None:
        self.builder = builder
        self.parts: list[str] = []
        self.bold = 0
        self.plain = False  # whether there is text outside of bold print in the present block
        self.heading = 0
        self.heading_tag = ""
        self.item_depth = 0
        self.item_label = ""
        self.lists: list[_Counter] = []
        self.rows: list[_Row] = []
        self.pre = 0

    def read(self, stream: Sequence[Token]) -> None:
        """This loop sees every tag and text of a page: what is commonest is asked first, and with one look-up."""
        parts, append, role_of = self.parts, self.parts.append, _ROLE_OF.get
        skip_to = 0
        for index, (closing, tag, attributes, text) in enumerate(stream):
            if index < skip_to:
                continue
            if text:
                if not self.plain or not parts:
                    if text.isspace():
                        if parts:
                            append(text)
                        continue
                    if not self.bold:
                        self.plain = True
                if self.pre:
                    text = text.replace("\n", _BREAK)
                if "&" in text:
                    text = markup.unescape(text)
                append(text)
                continue
            role = role_of(tag)
            if role is None:
                if closing:
                    if tag and tag == self.heading_tag:
                        self._close_heading()
                elif attributes and not self.heading and ' role="heading"' in attributes:
                    self._open_heading(tag, attributes)
            elif role is _Role.PLAIN:
                if not self.heading and (closing or not attributes or ' role="heading"' not in attributes):
                    if parts:
                        self._flush()
                elif closing:
                    self._close(tag)
                else:
                    self._open(tag, attributes)
            elif role is _Role.BLOCK:
                if closing:
                    self._close(tag)
                else:
                    self._open(tag, attributes)
            elif role is _Role.BREAK:
                append(_BREAK)
            elif role is _Role.BOLD:
                self.bold = max(0, self.bold + (-1 if closing else 1))
            elif not closing and not self.heading and "aria-expanded" not in attributes:
                skip_to = markup.end_of(stream, index)
            elif closing and tag == self.heading_tag:
                self._close_heading()
            elif not closing and not self.heading and ' role="heading"' in attributes:
                self._open_heading(tag, attributes)
        self._flush()
        while self.rows:
            self._end_row()

    def _open(self, tag: str, attributes: str) -> None:
        if tag in _HEADINGS:
            self._flush()
            self.heading, self.heading_tag = _HEADINGS[tag], tag
            self._row_is_layout()
            return
        if self.heading:
            if tag in ("li", "table", "section", "article", "ul", "ol"):
                self._close_heading()
            self.parts.append(" ")
            if self.heading:
                return
        self._flush()
        if ' role="heading"' in attributes:
            self._open_heading(tag, attributes)
        elif tag in _LISTS:
            self.lists.append(_counter(tag, attributes))
        elif tag == "li":
            self.item_depth += 1
            self.item_label = self._next_label(attributes)
        elif tag in ("dt", "dd"):
            self.item_depth += 1
        elif tag == "table":
            self._row_is_layout()
        elif tag == "tr":
            self.rows.append(_Row())
        elif tag in ("td", "th"):
            if self.rows:
                self.rows[-1].cells.append([])
        elif tag == "pre":
            self.pre += 1

    def _close(self, tag: str) -> None:
        if self.heading:
            if tag == self.heading_tag:
                self._close_heading()
            else:
                self.parts.append(" ")
            if tag not in ("li", "dd", "dt", "tr", "ol", "ul"):
                return
        self._flush()
        if tag in _LISTS:
            if self.lists:
                self.lists.pop()
        elif tag in ("li", "dt", "dd"):
            self.item_depth = max(0, self.item_depth - 1)
            self.item_label = ""
        elif tag == "tr":
            if self.rows:
                self._end_row()
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)

    def _open_heading(self, tag: str, attributes: str) -> None:
        self._flush()
        stated = dict(_ATTRIBUTE.findall(attributes)).get("aria-level", "")
        self.heading = int(stated) if stated.isdigit() and 1 <= int(stated) <= 6 else 2
        self.heading_tag = tag
        self._row_is_layout()

    def _close_heading(self) -> None:
        self._flush()
        self.heading, self.heading_tag = 0, ""

    def _next_label(self, attributes: str) -> str:
        if not self.lists or not self.lists[-1].style:
            return ""
        counter = self.lists[-1]
        if ' value="' in attributes:
            stated = dict(_ATTRIBUTE.findall(attributes)).get("value", "")
            if stated.isdigit() and len(stated) < 6:
                counter.number = int(stated)
        label = counted_label(counter.number, counter.style)
        counter.number += counter.step
        return label

    def _row_is_layout(self) -> None:
        for row in self.rows:
            row.layout = True

    def _flush(self) -> None:
        if not self.parts:
            return
        whole = "".join(self.parts)
        self.parts.clear()
        plain, self.plain = self.plain, False
        if not whole or whole.isspace():
            return
        if len(whole) < _LONGEST_BOLD_HEADING and "?" in whole and _ASKED.fullmatch(fold(whole)):
            return
        for text in _lines(whole) if _BREAK in whole else (whole,):
            if self.heading:
                self._add(BlockKind.HEADING, text, self.item_label, self.heading)
            elif self.item_depth:
                self._add(BlockKind.ITEM, text, self.item_label, 0)
            elif not plain and not self.rows and _is_bold_heading(text):
                self._add(BlockKind.HEADING, text, "", BOLD_LEVEL)
            else:
                self._add(BlockKind.PARAGRAPH, text, "", 0)
            self.item_label = ""

    def _add(self, kind: BlockKind, text: str, label: str, level: int) -> None:
        if self.rows and self.rows[-1].cells:
            self.rows[-1].cells[-1].append((kind, text, label, level))
        else:
            self.builder.add(kind, text, label=label, level=level)

    def _end_row(self) -> None:
        row = self.rows.pop()
        filled = sum(1 for cell in row.cells if any(text.strip() for _, text, _, _ in cell))
        if row.layout or filled < 2 or sum(map(len, row.cells)) > _CELLS_OF_LAYOUT:
            for cell in row.cells:
                for kind, text, label, level in cell:
                    self._add(kind, text, label, level)
            return
        cells = [" ".join(f"{label} {text}" if label else text for _, text, label, _ in cell) for cell in row.cells]
        if self.rows and self.rows[-1].cells:
            self.rows[-1].cells[-1].append((BlockKind.PARAGRAPH, " | ".join(map(fold, cells)), "", 0))
        else:
            self.builder.add_row(cells)


def _counter(tag: str, attributes: str) -> _Counter:
    if tag != "ol":
        return _Counter()
    stated = dict(_ATTRIBUTE.findall(attributes)) if attributes else {}
    if "list-style: none" in stated.get("style", "") or "list-style-type: none" in stated.get("style", ""):
        return _Counter()
    style = stated.get("type", "1")
    start = stated.get("start", "1")
    number = int(start) if start.isdigit() and len(start) < 6 else 1
    return _Counter(style if style in ("1", "a", "A", "i", "I") else "1", number, -1 if "reversed" in stated else 1)


def _lines(text: str) -> list[str]:
    """The paragraphs of a text with line breaks: two breaks part them, and one does before a numbered line."""
    found: list[str] = []
    gap = False
    for line in text.split(_BREAK):
        if not line.strip():
            gap = gap or bool(found)
            continue
        folded = fold(line)
        if found and not gap and not (split_label(folded)[0] and split_label(folded)[1]):
            found[-1] += " " + folded
        else:
            found.append(folded)
        gap = False
    return found


def _is_bold_heading(text: str) -> bool:
    words = fold(text)
    return 2 < len(words) <= _LONGEST_BOLD_HEADING and words[-1] not in ".;,。；" and any(map(str.isalpha, words))
