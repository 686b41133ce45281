"""The blocks of a text as they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import overload

from monitoring.extraction.texts import BLOCK_SEPARATOR, Block, BlockKind, ExtractedText

from .folding import Token, count_words, is_word, join_keys, keys_of, tokens

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
DATE = (
    rf"(?:{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\.?,?\s+\d{{4}}"
    rf"|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.]\d{{2,4}}|{_MONTH}\.?\s+\d{{4}})"
)
_DATE = re.compile(DATE, re.IGNORECASE)
_AGE = re.compile(r"\b(?:\d+|an?|one)\s+(?:second|minute|hour|day|week|month|year)s?\s+ago\b", re.IGNORECASE)
_DATE_WORD = re.compile(
    r"\b(?:updated?|modified|revised?|revision|effective|version|published|posted|dated?|amended|changed)\b",
    re.IGNORECASE,
)
# What else such a line may say, besides names and titles, which begin with a capital.
_LINE_WORDS = (
    "a an and as at be been by current date day document first for force from has have in is it its last latest most new "
    "notice of on our page policy previous recently since terms the these this time to was were will with"
)
_COMMON = frozenset(_LINE_WORDS.split())
_NAMES = 4
_DATE_LINE_WORDS = 14
_COUNT = re.compile(r"\d|\ban?\b|\bone\b")  # no date and no age is without one
# What Cloudflare puts in place of an address of mail for readers without scripts.
HIDDEN_ADDRESS = re.compile(r"\[email\s*protected\]")
_ADDRESS = re.compile(r"\[email|[\w.+-]+@")
# What is left in the text of marks of headings and of numbers in front of them ("###2.2. Use", "4.2 Fees").
_NUMBERING = re.compile(
    r"#*\s*(?:\d{1,3}(?:\.\d{1,3})*[.)]+|\d{1,3}(?:\.\d{1,3})+|\([a-z]\))\s+(?=[\"'“‘(]?[^\W\d_a-z])"
)
_COPYRIGHT = re.compile(r"\W*(?:©|\(c\)|copyright\b)", re.IGNORECASE)
# The keys of a site's search or assistant, which follow the reader's machine: "⌘I", "Ctrl+K".
_SHORTCUT = re.compile(r"(?:[⌘⌃⌥⇧]\s?|(?:ctrl|cmd|alt|shift)\s?\+\s?)+[a-z0-9]", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")


def is_date_line(text: str) -> bool:
    """Whether a short line says when the document was updated or takes effect, and nothing else."""
    if len(text) > 120 or not _COUNT.search(text) or len(text.split()) > _DATE_LINE_WORDS:
        return False
    rest, dates = _DATE.subn(" ", text)
    rest, ages = _AGE.subn(" ", rest)
    if not dates + ages:
        return False
    words = re.findall(r"\w+", rest)
    if not _DATE_WORD.search(rest):
        return len(words) <= 2 * (dates + ages)
    others = [word for word in words if word.lower() not in _COMMON and not _DATE_WORD.fullmatch(word)]
    return len(others) <= _NAMES and not any(word[0].islower() for word in others)


class Unit:
    """A block with its place (``start`` to ``end``, ``next`` where the following one starts) and its key."""

    hides_addresses = False  # whether addresses of mail count as hidden ones: see ``hide_addresses``

    def __init__(
        self, index: int, kind: BlockKind, path: tuple[str, ...], label: str, text: str, start: int, next_: int
    ) -> None:
        self.index, self.kind, self.path, self.label = index, kind, path, label
        self.text, self.start, self.end, self.next = text, start, start + len(text), next_

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        found = tokens(self.text, self.start, self.next)
        numbering = _NUMBERING.match(self.text)
        if numbering:
            # Numbering that stands in the text belongs to the first word and doesn't count.
            inside = self.start + numbering.end()
            rest = [token for token in found if token.start >= inside]
            found = (rest[0]._replace(start=self.start), *rest[1:]) if rest else found
        if tuple(map(_KEY, found)) == self.keys:
            return found
        # Two fields are what both have to agree on: how many there are, and what each is called.
        return tuple(
            token if token.key == key else token._replace(key=key) for token, key in zip(found, self.keys, strict=True)
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of ``tokens``; most blocks are never asked for more."""
        numbering = _NUMBERING.match(self.text)
        found = keys_of(self.text[numbering.end() :] if numbering else self.text)
        if self.hides_addresses:
            found = tuple("@" if _ADDRESS.match(key) else key for key in found)
        if len(self.text) < 200 and _COPYRIGHT.match(self.text):
            # The year of a copyright line moves on by itself.
            found = tuple("©year" if _YEAR.fullmatch(key) else key for key in found)
        return found

    @cached_property
    def key(self) -> str:
        return join_keys(self.keys)

    @cached_property
    def is_date(self) -> bool:
        return self.kind == BlockKind.DATE or is_date_line(self.text)

    @cached_property
    def words(self) -> int:
        if "keys" in self.__dict__ or self.hides_addresses:
            return sum(map(is_word, self.keys))
        numbering = _NUMBERING.match(self.text)
        return count_words(self.text[numbering.end() :] if numbering else self.text)

    @cached_property
    def counts(self) -> bool:
        """Whether a change of the block changes the document: it has words, and is neither a date line nor a shortcut."""
        return any(map(str.isalnum, self.text)) and not self.is_date and not _SHORTCUT.fullmatch(self.text)

    @property
    def section(self) -> tuple[str, ...]:
        """The headings under which the block stands; a heading stands under itself."""
        return (*self.path, self.text) if self.kind == BlockKind.HEADING else self.path


class Units(Sequence[Unit]):
    """The blocks of a text in order. Most stay as they were and are never asked for: each is made when it first is.

    ``texts`` are theirs; ``marks`` their kinds and labels; ``spaces`` how much stands between each and the next.
    """

    def __init__(self, blocks: Sequence[Block], texts: list[str], starts: list[int], spaces: list[int]) -> None:
        self.texts, self.starts, self.spaces = texts, starts, spaces
        self.hides_addresses = False
        self._blocks = blocks
        self._made: list[Unit | None] = [None] * len(texts)

    @cached_property
    def marks(self) -> list[tuple[BlockKind, str]]:
        return list(map(_MARKS, self._blocks))

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Unit: ...
    @overload
    def __getitem__(self, place: slice) -> list[Unit]: ...
    def __getitem__(self, place: int | slice) -> Unit | list[Unit]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self.texts)))]
        return self._made[place] or self._make(place)

    def __iter__(self) -> Iterator[Unit]:
        return map(self.__getitem__, range(len(self.texts)))

    def is_item(self, place: int) -> bool:
        return self._blocks[place].kind == BlockKind.ITEM

    def section_of(self, heading: Unit) -> range:
        """The places of the heading and of all that stands under it."""
        above, place = heading.section, heading.index + 1
        while place < len(self.texts) and self._blocks[place].heading_path[: len(above)] == above:
            place += 1
        return range(heading.index, place)

    def next_of(self, place: int) -> int:
        """Where the block behind starts."""
        return self.starts[place] + len(self.texts[place]) + self.spaces[place]

    def _make(self, place: int) -> Unit:
        place = place if place >= 0 else len(self.texts) + place
        block = self._blocks[place]
        unit = Unit(
            place, block.kind, block.heading_path, block.label, block.text, self.starts[place], self.next_of(place)
        )
        if self.hides_addresses:
            unit.hides_addresses = True
        self._made[place] = unit
        return unit


_MARKS = attrgetter("kind", "label")
_KEY = itemgetter(0)


def hide_addresses(*texts: Units) -> None:
    """Where one text hides addresses of mail, take all of them in every text as hidden."""
    if any("protected]" in text and HIDDEN_ADDRESS.search(text) for units in texts for text in units.texts):
        for units in texts:
            units.hides_addresses = True


def units(text: ExtractedText) -> Units:
    """The blocks in order. A text whose blocks don't cover it is parted at its double line feeds."""
    blocks: Sequence[Block] = text.blocks
    texts = [block.text for block in blocks]
    if blocks and BLOCK_SEPARATOR.join(texts) == text.text:
        between = len(BLOCK_SEPARATOR)
        starts = list(accumulate([len(each) + between for each in texts[:-1]], initial=0))
        return Units(blocks, texts, starts, [between] * (len(texts) - 1) + [0])
    parts = re.findall(r"(?s).+?(?:\n\n+|\Z)", text.text)
    texts = [part.rstrip("\n") for part in parts]
    starts = list(accumulate(map(len, parts[:-1]), initial=0))
    blocks = [
        Block(BlockKind.PARAGRAPH, each, start, start + len(each)) for each, start in zip(texts, starts, strict=False)
    ]
    return Units(blocks, texts, starts, [len(part) - len(each) for part, each in zip(parts, texts, strict=True)])
