"""Bytes to characters, in the order of the WHATWG: byte order mark, header, meta, detection."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from monitoring.extraction.charsets import codec_of

_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.-]{2,40})""")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CJK = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
# What UTF-8 looks like when it was read as windows-1252.
_MOJIBAKE = re.compile("Ã[\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ¡-¿]|â€[\x80-\xbf™œ˜“”¦¢]|Â[\xa0-\xbf]|ï»¿")
_C1 = re.compile("[\x80-\x84\x86-\x9f]")
# The same in UTF-8: bytes are searched many times faster than characters.
_C1_IN_UTF8 = re.compile(rb"\xc2[\x80-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters, the name of the encoding as Python knows it, and what was odd."""

    text: str
    encoding: str
    warnings: tuple[str, ...] = ()


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

    The order is that of https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding: the
    byte order mark (which wins over the header), ``charset`` (what the HTTP header says), the ``meta`` of the head,
    detection. A ``meta`` can be read only where ASCII bytes are ASCII characters, so one that says UTF-16 means UTF-8.
    Beyond the standard: a declared encoding is overruled, with a warning, where the bytes are valid UTF-8 with
    characters outside of ASCII, since pages saved by a browser keep the old ``meta``; and ``meta`` is looked for in
    4,096 bytes instead of 1,024.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            return _finish(content[len(mark) :], name)
    declared = codec_of(charset)
    if declared is None and markup:
        declared = _stated(content[:4096])
    wide = declared is not None and declared.startswith(("utf-16", "iso2022"))
    if content.isascii() and not wide:
        return _finish(content, "utf-8")
    if declared not in (None, "utf-8") and not wide and _is_utf8(content):
        return _finish(content, "utf-8", f"declared as {declared}, but it is UTF-8")
    return _finish(content, declared or ("utf-8" if _is_utf8(content) else _detect(content)))


def _stated(head: bytes) -> str | None:
    """The codec that the markup states, comments aside; the first label that the web knows counts."""
    head = _COMMENT.sub(b"", head)
    for match in (*_META.finditer(head), *_XML.finditer(head)):
        if codec := codec_of(match.group(1).decode("ascii")):
            return "utf-8" if codec.startswith("utf-16") else codec
    return None


def _finish(content: bytes, name: str, *warnings: str) -> Decoded:
    """Bytes that windows-125x leaves unassigned are control characters on the web (Python refuses them)."""
    text = content.decode(name, _AS_CONTROL if name.startswith("cp125") else "replace")
    controls = 0
    if not text.isascii():
        controls = len(_C1_IN_UTF8.findall(content) if name == "utf-8" else _C1.findall(text))
    if controls:
        warnings = (*warnings, f"{controls} control characters of the C1 range")
    return Decoded(text, name, warnings)


def _as_control(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(byte) for byte in error.object[error.start : error.end]), error.end


_AS_CONTROL = "monitoring.extraction.as-control"
codecs.register_error(_AS_CONTROL, _as_control)


def oddities(text: str) -> tuple[str, ...]:
    """Warnings about characters that look like a wrong decoding somewhere before us."""
    if text.isascii():
        return ()
    found = []
    if lost := text.count("\ufffd"):
        found.append(f"{lost} characters could not be decoded")
    if mangled := len(_MOJIBAKE.findall(text)):
        found.append(f"{mangled} places look like UTF-8 that was read as windows-1252")
    return tuple(found)
