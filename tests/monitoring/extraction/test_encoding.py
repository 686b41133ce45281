from __future__ import annotations

import codecs

import pytest

from monitoring.extraction import extract
from monitoring.extraction.charsets import codec_of
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


@pytest.mark.parametrize(
    ("label", "python"),
    [
        ("latin1", "cp1252"), (" ISO-8859-1 ", "cp1252"), ("us-ascii", "cp1252"), ("iso-8859-9", "cp1254"),
        ("gb2312", "gb18030"), ("gbk", "gb18030"), ("shift_jis", "cp932"), ("windows-31j", "cp932"),
        ("euc-kr", "cp949"), ("ks_c_5601-1987", "cp949"), ("big5", "big5hkscs"), ("tis-620", "cp874"),
        ("iso-8859-8-i", "iso8859-8"), ("x-mac-cyrillic", "mac-cyrillic"), ("koi8-ru", "koi8-u"), ("utf-16", "utf-16-le"),
    ],
)  # fmt: skip
def test_labels_mean_what_the_web_means_by_them(label: str, python: str) -> None:
    assert codec_of(label) == python
    assert codecs.lookup(python)


@pytest.mark.parametrize(
    "label", ["utf-7", "rot13", "iso-2022-kr", "hz-gb-2312", "latin-1", "unicode_escape", "", None]
)
def test_what_is_no_label_of_the_web_names_nothing(label: str | None) -> None:
    assert codec_of(label) is None


@pytest.mark.parametrize("label", ["utf-16", "utf-16be", "unicode"])
def test_a_meta_that_says_utf_16_means_utf_8(label: str) -> None:
    decoded = decode(f'<meta charset="{label}">{UMLAUTS}'.encode())
    assert (decoded.encoding, decoded.warnings) == ("utf-8", ())


def test_a_header_may_say_utf_16() -> None:
    assert decode(UMLAUTS.encode("utf-16-le"), charset="utf-16").text == UMLAUTS


@pytest.mark.parametrize(("mark", "name"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_a_byte_order_mark_tells_utf_16(mark: bytes, name: str) -> None:
    decoded = decode(mark + UMLAUTS.encode(name), charset="utf-8")
    assert (decoded.text, decoded.encoding) == (UMLAUTS, name)


def test_a_meta_in_a_comment_states_nothing() -> None:
    page = '<!-- <meta charset="koi8-r"> -->' + UMLAUTS
    assert decode(page.encode("cp1252")).text == page


def test_a_meta_with_an_unknown_label_leaves_it_to_the_next() -> None:
    page = '<meta charset="x-none"><meta charset="iso-8859-2"><p>Łódź</p>'
    assert decode(page.encode("iso8859-2")).text == page


def test_an_xml_declaration_states_the_encoding() -> None:
    page = '<?xml version="1.0" encoding="windows-1251"?><p>Условия</p>'
    assert decode(page.encode("cp1251")).text == page


def test_plain_text_has_no_meta() -> None:
    text = '<meta charset="koi8-r"> Über'
    assert decode(text.encode("cp1252"), markup=False).text == text


def test_controls_of_the_c1_range_are_warned_of_and_left_out() -> None:
    text = extract(b"<p>It\x81 is</p>", media_type="text/html; charset=iso-8859-1")
    assert (text.text, text.warnings) == ("It is", ("1 control characters of the C1 range",))
