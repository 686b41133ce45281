from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter

from monitoring.extraction import BlockKind, Encrypted, NoText, extract

from .pdfs import pdf_of

LONG = "You may use the service only as these terms allow and only as long as you have an ac-"


def read(content: bytes):  # type: ignore[no-untyped-def]
    return extract(content, media_type="application/pdf")


def test_lines_are_joined_to_paragraphs_and_hyphens_at_their_ends_are_gone() -> None:
    text = read(
        pdf_of(
            ["Terms of Service", "Last updated: May 1, 2024", "", LONG, "count. You pay in advance.", "", "(a) at once"]
        )
    )
    assert [(block.kind, block.label, block.text) for block in text.blocks] == [
        (BlockKind.HEADING, "", "Terms of Service"),
        (BlockKind.DATE, "", "Last updated: May 1, 2024"),
        (BlockKind.PARAGRAPH, "", LONG.removesuffix("ac-") + "account. You pay in advance."),
        (BlockKind.ITEM, "(a)", "at once"),
    ]
    assert (text.extractor, text.dates[0].date) == ("pdf-3", "2024-05-01")


def test_running_heads_stay_once_and_page_numbers_are_out() -> None:
    pages = [["Example Terms", "", f"On page {word} you agree to more than before, and you pay.", "", str(number)]
             for number, word in enumerate(["one", "two", "three", "four"], 1)]  # fmt: skip
    text = read(pdf_of(*pages))
    assert text.text.count("Example Terms") == 1
    assert [block.text for block in text.blocks[1:]] == [
        f"On page {word} you agree to more than before, and you pay." for word in ("one", "two", "three", "four")
    ]


def test_a_sentence_goes_on_over_the_end_of_a_page() -> None:
    text = read(pdf_of(["You may use the service only as these terms"], ["allow it. You pay."]))
    assert text.text == "You may use the service only as these terms allow it. You pay."


def test_the_content_decides_that_it_is_a_pdf() -> None:
    assert extract(pdf_of(["You pay for it."]), media_type="text/html").origin == "pdf"


def test_an_encrypted_pdf_raises() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf_of(["You pay."])))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Encrypted):
        read(out.getvalue())


@pytest.mark.parametrize("content", [pdf_of([""]), b"%PDF-1.7 broken", pdf_of(["You pay."])[:200], b""])
def test_a_pdf_without_text_raises(content: bytes) -> None:
    with pytest.raises(NoText):
        read(content)


def test_the_last_item_after_an_and_is_an_item_of_its_own() -> None:
    lead = "You keep to all of the following for as long as you use the service:"
    text = read(
        pdf_of([lead, "(a) the rules of the service and those of the law of your country; and", "(b) the fees."])
    )
    assert [(block.label, block.text) for block in text.blocks[1:]] == [
        ("(a)", "the rules of the service and those of the law of your country; and"),
        ("(b)", "the fees."),
    ]


def test_an_item_that_ends_in_and_is_no_heading() -> None:
    text = read(pdf_of(["You name all of these to us:", "", "the Subscriber Name; and", "", "Dates of each fault."]))
    assert [block.kind for block in text.blocks] == [BlockKind.PARAGRAPH] * 3
