"""The blocks of a text as they are compared."""

from __future__ import annotations

import re
from functools import cached_property

from monitoring.extraction.texts import BLOCK_SEPARATOR, BlockKind, ExtractedText

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


def hide_addresses(*texts: list[Unit]) -> None:
    """Where one text hides addresses of mail, take all of them in every text as hidden."""
    if any("protected]" in unit.text and HIDDEN_ADDRESS.search(unit.text) for units in texts for unit in units):
        for units in texts:
            for unit in units:
                unit.hides_addresses = True


def units(text: ExtractedText) -> list[Unit]:
    """The blocks in order. A text whose blocks don't cover it is parted at its double line feeds."""
    blocks = text.blocks
    if blocks and BLOCK_SEPARATOR.join(block.text for block in blocks) == text.text:
        found, position = [], 0
        for index, block in enumerate(blocks):
            next_ = position + len(block.text) + len(BLOCK_SEPARATOR)
            if index == len(blocks) - 1:
                next_ = len(text.text)
            found.append(Unit(index, block.kind, block.heading_path, block.label, block.text, position, next_))
            position = next_
        return found
    found, position = [], 0
    for part in re.findall(r"(?s).+?(?:\n\n+|\Z)", text.text):
        found.append(Unit(len(found), BlockKind.PARAGRAPH, (), "", part.rstrip("\n"), position, position + len(part)))
        position += len(part)
    return found
