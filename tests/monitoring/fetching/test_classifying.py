from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.extraction import ExtractedText, extract
from monitoring.fetching import Reading, classify
from monitoring.fetching.outcomes import Reason
from tests.monitoring.extraction.pdfs import pdf_of

from . import shown

TERMS = extract(shown.document(), media_type="text/html")


def read(
    content: bytes,
    *,
    status: int = 200,
    media_type: str = "text/html; charset=utf-8",
    headers: Mapping[str, str] = {},
    previous: ExtractedText | None = None,
    kind: str = "terms-of-service",
) -> Reading:
    url = "https://example.com/terms"
    return classify(
        content,
        status=status,
        media_type=media_type,
        url=url,
        final_url=url,
        headers=headers,
        previous=previous,
        expected_kind=kind,
    )


@pytest.mark.parametrize("previous", [None, TERMS])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (shown.CHALLENGE, "challenge"),
        (shown.CAPTCHA, "challenge"),
        (shown.LOGIN, "login"),
        (shown.CONSENT, "consent"),
        (shown.MAINTENANCE, "maintenance"),
        (shown.NOT_FOUND, "soft_404"),
        (shown.CRASHED, "error"),
        (shown.BROKEN, "error"),
        (shown.BLOCKED, "block"),
        (shown.COUNTRY, "block"),
        (shown.SHELL, "js_shell"),
        (shown.BARE_SHELL, "js_shell"),
        (shown.REDIRECT, "js_shell"),
        (shown.REFRESH, "js_shell"),
        (shown.BLANK, "blank"),
        (b"", "blank"),
        (shown.HEADING_ONLY, "truncated"),
        (shown.PRODUCT, "wrong_page"),
        (shown.LIST, "wrong_page"),
    ],
)
def test_what_stands_in_place_of_a_document_is_named_with_status_200(
    content: bytes, reason: str, previous: ExtractedText | None
) -> None:
    reading = read(content, previous=previous)
    assert reading.outcome == reason
    assert reading.why
    assert not reading.is_document


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (shown.document(), "terms-of-service"),
        (shown.document("Privacy Policy", shown.PRIVACY), "Privacy Policy"),
        (shown.document("Terms of Service", times=1), "terms-of-service"),
        (shown.document(body=shown.CONSENT.decode()), "terms-of-service"),
        (shown.document("Användarvillkor", shown.SWEDISH), "terms-of-service"),
        (shown.document("Sub-processors", ("Example Cloud, Ireland: hosting",)), "data-processing-agreement"),
        (shown.document("Acceptable Use", body="<p>Access denied pages are shown to those who break it.</p>"), ""),
    ],
)
def test_documents_are_documents(content: bytes, kind: str) -> None:
    assert read(content, kind=kind).outcome == "document"


def test_a_document_that_speaks_of_failures_is_a_document() -> None:
    clauses = (
        "Where access is denied or the service is unavailable due to maintenance, you must sign in again later.",
        "You agree to verify you are human where we ask for it, and shall not circumvent a captcha.",
        "An error may occur; a page not found is no breach of this agreement, and we accept no liability for it.",
    )
    assert read(shown.document(clauses=clauses, times=5)).outcome == "document"


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (404, shown.NOT_FOUND, "http_404"),
        (404, shown.document(), "http_404"),
        (410, b"", "http_410"),
        (429, b"", "http_429"),
        (418, b"", "http_4xx"),
        (401, shown.LOGIN, "login"),
        (403, shown.BLOCKED, "block"),
        (403, shown.CHALLENGE, "challenge"),
        (451, b"", "block"),
        (500, shown.BROKEN, "http_5xx"),
        (503, shown.MAINTENANCE, "maintenance"),
        (503, shown.CHALLENGE, "challenge"),
        (503, b"", "http_5xx"),
    ],
)
def test_a_status_of_failure_is_never_a_document(status: int, content: bytes, reason: str) -> None:
    assert read(content, status=status, previous=TERMS).outcome == reason


def test_a_header_that_asks_for_a_challenge_is_believed() -> None:
    assert read(b"", status=403, headers={"CF-Mitigated": "challenge"}).outcome is Reason.CHALLENGE


def test_the_last_text_on_the_page_makes_it_the_document_whatever_else_is_there() -> None:
    content = shown.document(body="<h1>Sign in</h1><input type=password>")
    assert read(content, previous=TERMS).outcome == "document"


def test_a_rewritten_document_of_the_same_name_is_a_document() -> None:
    rewritten = tuple(clause.replace("you", "the customer").replace("We", "The provider") for clause in shown.CLAUSES)
    assert read(shown.document(clauses=rewritten[:6]), previous=TERMS).outcome == "document"


def test_much_lost_text_is_suspicious() -> None:
    assert read(shown.document(times=1), previous=TERMS).outcome is Reason.TEXT_LOST


def test_another_document_in_its_place_is_suspicious() -> None:
    reading = read(shown.document("Privacy Policy", shown.PRIVACY), previous=TERMS)
    assert reading.outcome is Reason.KIND_CHANGED
    assert "privacy-policy" in reading.why


def test_the_document_in_another_language_is_no_new_version() -> None:
    assert read(shown.document("Användarvillkor", shown.SWEDISH), previous=TERMS).outcome is Reason.WRONG_LANGUAGE


def test_a_page_that_shares_nothing_with_the_last_text_is_wrong() -> None:
    help_page = shown.page(
        "<main><h1>How to begin</h1>" + "<p>Open the menu, choose a plan and agree to pay for it.</p>" * 20 + "</main>"
    )
    assert read(help_page, previous=TERMS).outcome is Reason.WRONG_PAGE


def test_a_pdf_is_a_document_and_half_of_one_is_truncated() -> None:
    pdf = pdf_of(["You pay."])
    assert read(pdf, media_type="application/pdf").outcome == "document"
    assert read(pdf[: len(pdf) // 2], media_type="application/pdf").outcome is Reason.TRUNCATED


def test_what_is_declared_as_pdf_and_is_none_is_no_document() -> None:
    assert read(b"oops", media_type="application/pdf").outcome is Reason.TRUNCATED


@pytest.mark.parametrize("media_type", ["application/json", "image/png"])
def test_data_and_pictures_are_no_documents(media_type: str) -> None:
    assert read(b'{"error": "nope"}', media_type=media_type).outcome is Reason.ERROR


def test_a_page_nested_too_deep_is_too_complex() -> None:
    assert read(b"<div>" * 50_000).outcome is Reason.TOO_COMPLEX


@given(
    st.binary(max_size=200) | st.sampled_from([shown.LIST, shown.SHELL, shown.document()]),
    st.sampled_from([0, 200, 204, 301, 403, 404, 500, 999]),
    st.sampled_from(["", "text/html", "application/pdf", "text/plain", "nonsense"]),
    st.sampled_from([None, TERMS]),
    st.text(max_size=20),
)
@settings(max_examples=120, deadline=None)
def test_any_answer_gives_a_reason_of_the_list_and_always_the_same(
    content: bytes, status: int, media_type: str, previous: ExtractedText | None, kind: str
) -> None:
    first = read(content, status=status, media_type=media_type, previous=previous, kind=kind)
    assert first.outcome == "document" or first.outcome in set(Reason)
    assert read(content, status=status, media_type=media_type, previous=previous, kind=kind) == first
