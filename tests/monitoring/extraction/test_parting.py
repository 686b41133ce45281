"""Several documents on one page: all of them are the document, unless the address or the kind says which is meant."""

from __future__ import annotations

import pytest

from monitoring.extraction import extract

CLAUSE = "<p>You may use the service only as these terms allow, and we may end your use where you break them.</p>"
COOKIES = "<p>We store small files on your device where you agree to it, and keep each for thirty days at most.</p>"
PERSONAL = "<p>We collect what you tell us of yourself, and give it to nobody who doesn't work on our behalf.</p>"

IN_PARTS = (
    "<nav><a href=#a>Terms of Service</a><a href=#b>Privacy Policy</a><a href=#c>Cookie Policy</a></nav>"
    f"<div><div id=a>{CLAUSE * 9}</div><div id=b>{PERSONAL * 9}</div><div id=c>{COOKIES * 9}</div></div>"
)
IN_TABS = (
    "<button role=tab aria-controls=a>Terms of Service</button><button role=tab aria-controls=b>Privacy Policy</button>"
    f"<div><div role=tabpanel id=a>{CLAUSE * 9}</div><div role=tabpanel id=b hidden>{PERSONAL * 9}</div></div>"
)
IN_SECTIONS = (
    f"<section><h2>Terms of Service</h2>{CLAUSE * 9}</section><section><h2>Privacy Policy</h2>{PERSONAL * 9}</section>"
)
UNDER_HEADINGS = f"<h1>Terms of Service</h1>{CLAUSE * 9}<h1 id=own>Privacy Policy</h1>{PERSONAL * 9}"


def read(body: str, *, kind: str = "", url: str = "https://x.example/legal") -> str:
    page = f"<html><body>{body}</body></html>".encode()
    return extract(page, media_type="text/html", url=url, expected_kind=kind).text


@pytest.mark.parametrize(
    "body", [IN_PARTS, IN_TABS, IN_SECTIONS, UNDER_HEADINGS], ids=["parts", "tabs", "sections", "h1"]
)
def test_the_kind_says_which_of_several_documents_is_meant(body: str) -> None:
    text = read(body, kind="privacy-policy")
    assert text.count("We collect") == 9
    assert "You may" not in text
    assert "small files" not in text


@pytest.mark.parametrize(
    "body", [IN_PARTS, IN_TABS, IN_SECTIONS, UNDER_HEADINGS], ids=["parts", "tabs", "sections", "h1"]
)
@pytest.mark.parametrize("kind", ["", "brand-guidelines"])
def test_where_nothing_says_which_is_meant_all_are_the_document(body: str, kind: str) -> None:
    text = read(body, kind=kind)
    assert text.count("We collect") == 9
    assert text.count("You may") == 9


def test_the_kind_by_its_english_name_does_too() -> None:
    assert "You may" not in read(IN_PARTS, kind="Privacy Policy")


def test_all_parts_of_the_kind_belong_to_it() -> None:
    further = IN_PARTS.replace(">Cookie Policy<", ">Additional Terms for Businesses<")
    text = read(further, kind="terms-of-service")
    assert text.count("You may") == 9
    assert text.count("small files") == 9
    assert "We collect" not in text


def test_the_fragment_says_more_than_the_kind() -> None:
    text = read(UNDER_HEADINGS, kind="terms-of-service", url="https://x.example/legal#own")
    assert text.startswith("Privacy Policy\n\nWe collect")
    assert "You may" not in text


def test_sections_of_one_document_stay_together() -> None:
    page = (
        f"<div><section><h2>Acceptable use</h2>{CLAUSE * 9}</section><section><h2>Privacy Policy</h2>{PERSONAL * 9}</section>"
        f"<section><h2>What you pay</h2>{COOKIES * 9}</section></div>"
    )
    text = read(page, kind="privacy-policy")
    assert (text.count("You may"), text.count("We collect"), text.count("small files")) == (9, 9, 9)


def test_a_document_with_a_short_word_on_another_is_one() -> None:
    page = f"<h1>Terms of Service</h1>{CLAUSE * 9}<h1>Privacy Policy</h1><p>It stands on a page of its own.</p>"
    text = read(page, kind="privacy-policy")
    assert "You may" in text
    assert "page of its own" in text
