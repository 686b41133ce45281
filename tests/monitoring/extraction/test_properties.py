"""What holds for all bytes."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitoring.extraction import ExtractedText, ExtractionError, extract
from monitoring.extraction.encoding import decode
from monitoring.extraction.folding import fold

from .pdfs import pdf_of

TAGS = st.sampled_from(
    "<p> </p> <div> </div> <h1> </h1> <h2> <li> <ul> </ul> <ol> </ol> <table> <tr> <td> </td> </table> <br> <b> </b> <a> </a>"
    " <main> </main> <nav> </nav> <!-- --> <script> </script> <dl> <dt> <dd> <pre> </pre> <button> <svg> </svg> <html> <body>"
    " <template> <select> <textarea> <plaintext> <xmp> <frameset> <details> <summary> &amp; &lt; &nbsp; 4.2 (a) 1. •".split()
)
PAGES = st.lists(st.one_of(TAGS, st.text(max_size=12)), max_size=60).map("".join)
MEDIA = st.sampled_from(
    ["text/html", "application/pdf", "text/plain", "text/markdown", "application/json", "", "text/html; charset=x"]
)


def attempt(content: bytes, media_type: str, **arguments: object) -> ExtractedText | str:
    try:
        return extract(content, media_type=media_type, **arguments)  # type: ignore[arg-type]
    except ExtractionError as error:
        return f"{type(error).__name__}: {error}"


def check(text: ExtractedText) -> None:
    """The shape that every text has."""
    assert text.text
    assert "\n\n".join(block.text for block in text.blocks) == text.text
    assert ExtractedText.loads(text.dumps()) == text
    assert unicodedata.is_normalized("NFC", text.text)
    end = -2
    for block in text.blocks:
        assert block.start == end + 2
        assert block.text == text.text[block.start : block.end]
        assert block.text == fold(block.text)
        assert re.search(r"\S", block.text)
        end = block.end
    assert end == len(text.text)


@given(st.binary(max_size=300), MEDIA)
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_a_text_or_a_typed_error_and_always_the_same(content: bytes, media_type: str) -> None:
    first = attempt(content, media_type)
    assert attempt(content, media_type) == first
    if isinstance(first, ExtractedText):
        check(first)


@given(PAGES)
@settings(max_examples=250, deadline=None)
def test_any_markup_gives_a_text_or_a_typed_error_and_always_the_same(page: str) -> None:
    content = page.encode("utf-8", "surrogatepass")
    first = attempt(content, "text/html")
    assert attempt(content, "text/html") == first
    if isinstance(first, ExtractedText):
        check(first)


@given(PAGES, st.lists(st.sampled_from(["p", "div", "body", "li", "h1 + p", "*", ":not(p)"]), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_selectors_give_a_text_or_a_typed_error(page: str, select: list[str]) -> None:
    content = page.encode("utf-8", "surrogatepass")
    read = attempt(content, "text/html", select=select, remove=["b", "main", {"startBefore": "p", "endAfter": "div"}])
    assert read
    if isinstance(read, ExtractedText):
        check(read)


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_markdown_gives_a_text_or_a_typed_error(markdown: str) -> None:
    read = attempt(markdown.encode(), "text/markdown")
    assert read
    if isinstance(read, ExtractedText):
        check(read)


@given(st.text(max_size=100))
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


PDF = pdf_of(["Terms of Service", "You pay for the ser-", "vice.", "", "(a) at once"], ["Page 2 of 2"])


@given(st.lists(st.tuples(st.integers(0, len(PDF) - 1), st.binary(max_size=6), st.integers(0, 12)), max_size=6))
@example([(195, b"\x01", 0)])  # a page that points at itself
@settings(max_examples=60, deadline=None)
def test_any_change_to_a_pdf_gives_a_text_or_a_typed_error_and_always_the_same(
    changes: list[tuple[int, bytes, int]],
) -> None:
    content = PDF
    for place, added, dropped in changes:
        content = content[:place] + added + content[place + dropped :]
    first = attempt(content, "application/pdf")
    assert attempt(content, "application/pdf") == first
    if isinstance(first, ExtractedText):
        check(first)


@given(st.lists(st.text(alphabet="abcXYZ .,é漢", min_size=1, max_size=40), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_a_text_that_is_read_again_as_plain_text_stays_as_it_is(paragraphs: list[str]) -> None:
    first = attempt("\n\n".join(paragraphs).encode(), "text/plain")
    if isinstance(first, ExtractedText):
        again = attempt(first.text.encode(), "text/plain")
        assert isinstance(again, ExtractedText)
        assert again.text == first.text
    else:
        assert not "".join(paragraphs).strip()


@given(st.text(max_size=60), st.sampled_from(["utf-8", "utf-16", "gbk", "shift_jis", "latin1", "iso-2022-jp", "none"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_under_any_label_are_decoded(text: str, label: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    assert decode(content, charset=label) == decode(content, charset=label)
    assert len(decode(content, charset=label).text) <= len(content)
