"""The one sentence splitter of all rooms."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Short forms that end in a stop and don't end a sentence.
_ABBREVIATIONS = frozenset(
    """e.g i.e cf vs inc ltd llc corp co mr mrs ms dr prof st u.s u.k e.u u.s.c c.f.r fed reg approx incl excl al ca viz
    dept jr sr z.b d.h bzw usw ggf inkl lit bsp vgl p.ex m.fl t.ex bl.a""".split()
)
# Short forms that do so before a number.
_BEFORE_NUMBERS = frozenset("no nos nr art arts sec secs para paras abs p pp ch cl subs fig vol ed est rev".split())
_END = re.compile(r"""(?:[.!?]+["'”’»)\]]*(?=\s)|[。！？；]+["”’」』）)]*|\n{2,})\s*""")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences of ``text`` without the white space between them; nothing but white space is left out.

    A paragraph's end (two line feeds) always ends a sentence. Deterministic, in order, never overlapping.
    """
    return list(sentences(text))


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The spans of ``sentence_spans`` one by one, for whoever looks for the first of its kind."""
    start = 0
    for match in _END.finditer(text):
        if not _continues(text, start, match):
            yield from _trimmed(text, start, match.end())
            start = match.end()
    yield from _trimmed(text, start, len(text))


def split_sentences(text: str) -> list[str]:
    """The sentences themselves, as they stand."""
    return [text[start:end] for start, end in sentence_spans(text)]


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if end > start:
        yield start, end


def _continues(text: str, start: int, match: re.Match[str]) -> bool:
    """Whether the stop belongs to a short form or a number, so that the sentence goes on."""
    sign = match.group()
    if not sign.startswith("."):
        return False
    following = text[match.end() : match.end() + 1]
    if "\n\n" in sign or not following:
        return False
    # From the end: a pattern that ends there would be tried at each word of the sentence.
    before = text[start : match.start()]
    words = before.rsplit(maxsplit=1)
    word = words[-1] if words and not before[-1].isspace() else ""
    word = word[max(map(word.rfind, "([“\"'")) + 1 :].lower()
    if following.islower() and sign.startswith("..."):
        return True
    if len(sign.strip()) == 1 and (word in _ABBREVIATIONS or (word in _BEFORE_NUMBERS and following.isdigit())):
        return True
    if len(word) == 1 and word.isalpha() and word not in "iå":
        return True  # an initial, or a label such as "a."
    if word.isdigit() and len(word) <= 3 and match.start() - len(word) == start:
        return True  # a label such as "4."
    return following.islower()
