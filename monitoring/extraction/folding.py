"""Form 1: how the author's characters become canonical text."""

from __future__ import annotations

import re
import unicodedata

# Zero-width characters, the soft hyphen, marks of writing direction, and controls that are no white space.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
# Those of the invisible that Python calls printable.
_PRINTABLE_BUT_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f"


def fold(text: str) -> str:
    """Form 1 of a run of text: NFC, invisible characters gone, white space folded to single spaces, trimmed.

    Idempotent: ``fold(fold(x)) == fold(x)``.
    """
    text = " ".join(text.split())
    if text.isascii():
        return text if text.isprintable() else " ".join(_INVISIBLE.sub("", text).split())
    if not text.isprintable() or any(character in text for character in _PRINTABLE_BUT_INVISIBLE):
        text = " ".join(_INVISIBLE.sub("", _SURROGATES.sub("\ufffd", text)).split())
    return unicodedata.normalize("NFC", text)


_QUOTES = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
    }
)


def comparison_key(text: str) -> str:
    """The key by which texts are compared: compatibility forms, quotes, dashes and case folded."""
    return " ".join(unicodedata.normalize("NFKC", text.translate(_QUOTES)).casefold().split())
