"""What holds for all bytes."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.extraction import ExtractedText, ExtractionError, extract
from monitoring.extraction.folding import fold

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
