from __future__ import annotations

import codecs

import pytest

from monitoring.extraction import extract
from monitoring.extraction.encoding import decode

UMLAUTS = "<p>Über die Nutzung für Ärzte</p>"


def test_a_byte_order_mark_comes_before_the_header() -> None:
    decoded = decode(codecs.BOM_UTF8 + UMLAUTS.encode(), charset="windows-1252")
    assert (decoded.text, decoded.encoding) == (UMLAUTS, "utf-8")


def test_the_header_comes_before_the_meta() -> None:
    page = '<meta charset="koi8-r">' + UMLAUTS
    assert decode(page.encode("cp1252"), charset="iso-8859-1").text == page


def test_the_meta_is_asked_where_the_header_is_silent() -> None:
    page = '<meta http-equiv="content-type" content="text/html; charset=shift_jis"><p>プライバシー</p>'
    assert decode(page.encode("cp932")).text == page


def test_what_nobody_names_is_detected() -> None:
    chinese = "<p>" + "我们会收集您的个人信息并用于改进服务。" * 5 + "</p>"
    assert decode(chinese.encode("gb18030")).text == chinese
    assert decode(UMLAUTS.encode("cp1252")).text == UMLAUTS
    assert decode(UMLAUTS.encode()).encoding == "utf-8"


def test_bytes_that_are_utf_8_overrule_an_old_meta_with_a_warning() -> None:
    decoded = decode(('<meta charset="iso-8859-1">' + UMLAUTS).encode())
    assert UMLAUTS in decoded.text
    assert decoded.warnings == ("declared as cp1252, but it is UTF-8",)


@pytest.mark.parametrize("charset", ["no-such-thing", "rot13", "base64", "idna", ""])
def test_a_charset_that_is_none_is_ignored(charset: str) -> None:
    assert decode(UMLAUTS.encode(), charset=charset).text == UMLAUTS


def test_the_encoding_stands_on_the_text() -> None:
    assert extract(UMLAUTS.encode("cp1252"), media_type="text/html; charset=latin1").encoding == "cp1252"


def test_mojibake_is_warned_of() -> None:
    mangled = "We donâ€™t sell your data to CafÃ© owners."
    (warning,) = extract(f"<p>{mangled}</p>".encode(), media_type="text/html").warnings
    assert "UTF-8 that was read as windows-1252" in warning


def test_lost_characters_are_warned_of() -> None:
    text = extract(b"<p>It\x92s \xff</p>", media_type="text/html", charset="utf-8")
    assert text.warnings == ("2 characters could not be decoded",)
