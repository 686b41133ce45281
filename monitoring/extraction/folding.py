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


def fold(text: str) -> str:
    """Form 1 of a run of text: NFC, invisible characters gone, white space folded to single spaces, trimmed.

    Idempotent: ``fold(fold(x)) == fold(x)``.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", text)))
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


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
