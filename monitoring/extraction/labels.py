"""Numbering in front of the words: "4.2", "(a)", "Section 3.", "第一条"."""

from __future__ import annotations

import re

_ROMAN = r"(?=[ivxlc])(?:x{0,3}(?:ix|iv|v?i{0,3})|x?l|l?x{0,3})"
_LABEL = re.compile(
    rf"""(?:
      (?:section|article|clause|part|chapter|annex|schedule|exhibit|appendix|artikel|abschnitt)\s+
          (?:\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}|[ivxlc]{{1,6}}|[a-z])(?:[.:)]|\s[-–—])(?=\s)
    | §{{1,2}}\s?\d{{1,4}}[a-z]?(?:\.\d{{1,3}}){{0,4}}[.:)]?(?=\s)
    | [a-z]?\d{{1,3}}(?:\.\d{{1,3}}){{0,4}}(?:[.)]|\.\))(?=\s)
    | \d{{1,3}}(?:\.\d{{1,3}}){{0,4}}(?:[.)]|\.\))(?=["“‘'«]?[^\W\d_]{{2}})
    | \d{{1,3}}(?:\.\d{{1,3}}){{1,4}}(?=\s["“‘'«(]?(?-i:[^\W\d_a-zß-ÿ]))
    | \((?:[a-z]|(?P<twice>[a-z])(?P=twice)|{_ROMAN}|\d{{1,2}})\)
    | (?:[a-z]|{_ROMAN})[.)](?=\s)
    | 第[一二三四五六七八九十百零〇\d]{{1,5}}[条章节部分款項项编編]+[、:：.．]?
    | [一二三四五六七八九十]{{1,3}}[、.．]
    | [(（](?:[一二三四五六七八九十]{{1,3}}|\d{{1,3}})[)）]、?
    | \d{{1,3}}(?:[.．]\d{{1,3}}){{0,4}}[、．]
    | [•·▪▫◦‣●○■□➢➤✓–—*\-](?=\s)
    )\s*""",
    re.IGNORECASE | re.VERBOSE,
)
# The first two letters of every label that begins with two letters.
_BEGINNINGS = frozenset("se ar cl pa ch an sc ex ap ab".split()) | {a + b for a in "ivxlc" for b in "ivxlc"}
_LONGEST_ALONE = 12
_HEADING_NUMBER = re.compile(r"\d{1,2}\s+(?=[^\W\d_a-zß-ÿ])")
_BULLETS = frozenset("•·▪▫◦‣●○■□➢➤✓–—*-")
_ENUMERATED = re.compile(r"[(（]|[a-z]{1,5}[.)]$", re.IGNORECASE)


def split_label(text: str, *, heading: bool = False) -> tuple[str, str]:
    """Folded ``text`` as its label and its words: "4.2 Fees" is ("4.2", "Fees"). The label may be empty.

    Where there is nothing but a label, the words are empty. In a heading a number without a stop is a label too.
    """
    beginning = text[:2]
    plain = beginning.isascii() and beginning.isalpha() and beginning.lower() not in _BEGINNINGS
    if plain and len(text) > _LONGEST_ALONE:
        return "", text  # as with nearly all texts: no form needs to be tried
    match = _LABEL.match(text) or (_HEADING_NUMBER.match(text) if heading else None)
    if match is None:
        if len(text) <= _LONGEST_ALONE and (alone := _LABEL.match(text + " A")) and alone.end() >= len(text):
            return text, ""
        return "", text
    return match.group().strip(), text[match.end() :]


def is_bullet(label: str) -> bool:
    """Whether a label is only a mark without an order."""
    return label in _BULLETS


def is_enumerated(label: str) -> bool:
    """Whether a label is that of an item in a list ("(a)", "b.", a bullet), not of a section."""
    return is_bullet(label) or _ENUMERATED.match(label) is not None


def counted_label(number: int, style: str) -> str:
    """The label that a browser writes in front of an item of an ordered list: "3.", "c.", "iii."."""
    if style in ("a", "A") and number > 0:
        letters = ""
        while number > 0:
            number, rest = divmod(number - 1, 26)
            letters = chr(97 + rest) + letters
        return (letters.upper() if style == "A" else letters) + "."
    if style in ("i", "I") and 0 < number < 4000:
        roman = ""
        for value, sign in _ROMAN_SIGNS:
            count, number = divmod(number, value)
            roman += sign * count
        return (roman.upper() if style == "I" else roman) + "."
    return f"{number}."


_ROMAN_SIGNS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
