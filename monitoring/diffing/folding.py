"""The key by which texts are compared: what a reader would call the same words gets the same key.

Folded: Unicode compatibility forms, case, quotation marks, dashes, dots of omission, list bullets, trademark signs,
small numbers written as words ("seven" and "7"), and white space (but for white space between two digits).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import chain, pairwise
from typing import Generic, NamedTuple, TypeVar

# One East Asian character is one token: these scripts write no spaces between words.
_IDEOGRAPHS = "぀-ヿ㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
_WORD = rf"(?:(?![{_IDEOGRAPHS}])\w)+(?:['’](?:(?![{_IDEOGRAPHS}])\w)+)*"
_NUMBER = r"\d+(?:[.,]\d+)+"
# Addresses stay whole, hidden ones (see ``units.hide_addresses``) too.
_ADDRESS = r"\[email\s*protected\]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S*[\w/]"
_TOKEN = re.compile(rf"({_ADDRESS}|{_NUMBER}(?!\w)|{_WORD}|[^\w\s]|\w)")
# The same for texts that have neither an address nor East Asian characters, in a third of the time.
_PLAIN_TOKEN = re.compile(rf"({_NUMBER}(?!\w)|\w+(?:['’]\w+)*|[^\w\s])")
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")

_CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»‹›＂", '"'),
        **dict.fromkeys("‐‑‒–—―−﹘﹣－", "-"),
        **dict.fromkeys("•·●○◦▪■□‣∙*", ""),
        **dict.fromkeys("™®©", ""),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\\", ""),
    }
)
_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_SMALL_NUMBERS = {word: str(number) for number, word in enumerate(_COUNTING.split())} | {
    "twenty": "20",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "ninety": "90",
}


Value = TypeVar("Value")


class Token(NamedTuple):
    """A word, a number or one sign (``start`` to ``end``), and what stands behind it up to the next (``next``).

    Signs that don't count (list bullets, trademark signs) belong to a neighbour; only a text of nothing else has
    a token whose ``key`` is empty.
    """

    key: str
    start: int
    end: int
    next: int


# Tokens are made by the hundred thousand, and this is the quickest way to make a named tuple.
_new_token = partial(tuple.__new__, Token)


@lru_cache(maxsize=100_000)
def fold_word(word: str) -> str:
    """The key of one word or sign."""
    if word.isascii():
        key = word.lower().translate(_CHARACTERS) if not word.isalnum() else word.lower()
    else:
        # Signs first: compatibility forms would turn "´" into a space and "™" into letters.
        key = unicodedata.normalize("NFKC", word.translate(_CHARACTERS)).casefold().translate(_CHARACTERS)
    return _SMALL_NUMBERS.get(key, key)


def _token_pattern(text: str) -> re.Pattern[str]:
    if "@" in text or "://" in text or "[email" in text or not (text.isascii() or not _IDEOGRAPH.search(text)):
        return _TOKEN
    return _PLAIN_TOKEN


def tokens(text: str, offset: int = 0, until: int | None = None) -> tuple[Token, ...]:
    """The text as tokens in order: each character belongs to exactly one of them.

    ``offset`` is where the text stands in a longer one; ``until`` the place there to which its last token reaches.
    """
    keys: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _token_pattern(text).finditer(text):
        key = fold_word(match[1])
        if key:
            start, end = match.span()
            keys.append(key)
            starts.append(offset + start)
            ends.append(offset + end)
    if not keys:
        keys, starts, ends = [""], [offset], [offset + len(text)]
    starts[0] = offset
    nexts = [*starts[1:], offset + len(text) if until is None else until]
    return tuple(map(_new_token, zip(keys, starts, ends, nexts, strict=True)))


class Remembered(dict[str, Value], Generic[Value]):
    """What was found out about each word as it stands between white space: asked by the hundred thousand.

    Bounded: it is emptied when it is full, and long words (whole paragraphs, where a script has no spaces) aren't kept.
    """

    def __init__(self, find: Callable[[str], Value]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, word: str) -> Value:
        value = self._find(word)
        if len(word) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[word] = value
        return value


_LONGEST_KEPT = 32
_MOST_KEPT = 40_000
_KEYS: Remembered[tuple[str, ...]] = Remembered(
    lambda word: tuple(filter(None, map(fold_word, _token_pattern(word).findall(word))))
)


def keys_of(text: str) -> tuple[str, ...]:
    """The keys of the tokens of a text: as many as ``tokens`` gives, at a fraction of its cost."""
    if "[email" in text:  # the one token that may have white space in it
        return tuple(filter(None, map(fold_word, _TOKEN.findall(text)))) or ("",)
    return tuple(chain.from_iterable(map(_KEYS.__getitem__, text.split()))) or ("",)


def _count_words(word: str) -> int:
    return sum(map(is_word, _KEYS[word]))


_WORDS = Remembered(_count_words)


def count_words(text: str) -> int:
    """How many of the keys of a text are words: as ``keys_of`` and ``is_word`` say, without making the keys."""
    if "[email" in text:
        return sum(map(is_word, keys_of(text)))
    return sum(map(_WORDS.__getitem__, text.split()))


@lru_cache(maxsize=100_000)
def is_word(key: str) -> bool:
    """Whether a token's key is a word or a number, not a sign."""
    return bool(key) and (key[0].isalnum() or key[-1].isalnum() or len(key) > 2)


def join_keys(keys: Sequence[str]) -> str:
    """One key of many, without white space; two numbers side by side stay apart ("1 0" is not "10")."""
    figures = bytes(map(_FIGURES.__getitem__, keys))
    if figures.count(0) == len(keys):
        return "".join(keys)
    if _EMPTY in figures:
        return join_keys([*filter(None, keys)])
    borders = [border.end() for border in _TWO_NUMBERS.finditer(figures)]
    if not borders:
        return "".join(keys)
    return " ".join(["".join(keys[first:last]) for first, last in pairwise((0, *borders, len(keys)))])


_BEGINS, _ENDS, _EMPTY = 1, 2, 4  # with a figure; and no sign at all
_TWO_NUMBERS = re.compile(rb"[\x02\x03](?=[\x01\x03])")
_FIGURES = Remembered(lambda key: _BEGINS * key[0].isdigit() + _ENDS * key[-1].isdigit() if key else _EMPTY)


def fold(text: str) -> str:
    """The comparison key of a text: equal for texts that differ in form alone."""
    return join_keys(keys_of(text))


def words_only(text: str) -> str:
    """The words and numbers alone, parted by one space: how texts of different origin are compared."""
    return " ".join(filter(is_word, keys_of(text)))
