"""Bytes to characters, in the order of the WHATWG: byte order mark, header, meta, detection."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{2,40})""")
# Labels that the web means otherwise than Python does (https://encoding.spec.whatwg.org/#names-and-labels).
_LABELS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
# What UTF-8 looks like when it was read as windows-1252.
_MOJIBAKE = re.compile("Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ¡-¿]|â€[\x80-\xbf™œ˜“”¦¢]|Â[\xa0-\xbf]|ï»¿")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters, the name of the encoding as Python knows it, and what was odd."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


def _codec(label: str | None) -> str | None:
    """Python's codec for a label of the web, or None where it is unknown or no text encoding."""
    if not label:
        return None
    label = label.strip().strip("\"'").lower()
    name = _LABELS.get(label, label)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(info, "_is_text_encoding", True) or info.name in ("idna", "punycode", "utf-7", "unicode_escape"):
        return None
    return info.name


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _detect(content: bytes) -> str:
    """A guess for bytes that nobody named and that are no UTF-8."""
    sample = content[:200_000]
    if sample.count(b"\x00") > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    for name in ("gb18030", "cp932", "cp949", "big5hkscs"):
        text = sample.decode(name, "ignore")
        foreign = sum(character > "\x7f" for character in text)
        if foreign and text.count("\ufffd") == 0 and len(_CJK.findall(text)) > 0.8 * foreign and foreign > 20:
            try:
                content.decode(name)
            except UnicodeDecodeError:
                continue
            return name
    return "cp1252"


def decode(content: bytes, *, charset: str | None = None, markup: bool = True) -> Decoded:
    """The characters of a document. Never fails: what can't be decoded becomes U+FFFD, with a warning.

    ``charset`` is what the HTTP header says. A declared single-byte or regional encoding is overruled where the bytes
    are valid UTF-8 with characters outside of ASCII: pages captured in a browser keep the old ``meta``.
    """
    warnings: list[str] = []
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _finish(content[len(mark) :], name, warnings)
    head = content[:4096]
    declared = _codec(charset)
    if declared is None and markup and (match := _META.search(head) or _XML.search(head)):
        declared = _codec(match.group(1).decode("ascii"))
        if declared and declared.startswith("utf-16"):
            declared = "utf-8"
    if declared == "utf-8" or content.isascii():
        return _finish(content, "utf-8" if content.isascii() and not _wide(declared) else str(declared), warnings)
    if not _wide(declared) and _is_utf8(content):
        if declared is not None:
            warnings.append(f"declared as {declared}, but it is UTF-8")
        return _finish(content, "utf-8", warnings)
    return _finish(content, declared or _detect(content), warnings)


def _wide(name: str | None) -> bool:
    """Encodings in which ASCII bytes don't mean ASCII characters."""
    return name is not None and name.startswith(("utf-16", "utf-32", "iso2022", "hz"))


def _finish(content: bytes, name: str, warnings: list[str]) -> Decoded:
    text = content.decode(name, "replace")
    return Decoded(text, name, tuple(warnings))


def oddities(text: str) -> tuple[str, ...]:
    """Warnings about characters that look like a wrong decoding somewhere before us."""
    if text.isascii():
        return ()
    found = []
    if lost := text.count("\ufffd"):
        found.append(f"{lost} characters could not be decoded")
    if mangled := len(_MOJIBAKE.findall(text)):
        found.append(f"{mangled} places look like UTF-8 that was read as windows-1252")
    if controls := len(_C1.findall(text)):
        found.append(f"{controls} control characters of the C1 range")
    return tuple(found)
