"""Where a document stands when its selectors find nothing."""

from __future__ import annotations

import pytest

from monitoring.extraction import extract
from monitoring.fetching.elsewhere import ancestors, read_elsewhere
from monitoring.fetching.judging import HowToRead, Page
from tests.monitoring.pipeline.site import BODY, OPENING

TEXT = "".join(f"<p>{paragraph}</p>" for paragraph in (OPENING, *BODY))


def page(body: str) -> Page:
    content = f"<html lang=en><title>Terms</title><body>{body}</body></html>".encode()
    return Page(content, 200, "text/html", "utf-8", "https://chat.example/terms", "https://chat.example/terms", {})


def elsewhere(body: str, *select: str, before: str = "") -> tuple[tuple[str, ...], float | None] | None:
    previous = extract(page(before).content, media_type="text/html", language="en") if before else None
    found = read_elsewhere(page(body), HowToRead(select, ()), kind="terms-of-service", language="en", previous=previous)
    return (found.select, found.kept) if found else None


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (".a > .b .c", [".a > .b", ".a"]),
        ("main", []),
        ("body .text", []),
        ('[data-x="a b"] p', ['[data-x="a b"]']),
        ("#a:not(.b, .c) p", []),
    ],
)
def test_ancestors_are_what_the_selector_names(selector: str, expected: list[str]) -> None:
    assert ancestors(selector) == expected


def test_the_nearest_ancestor_is_taken() -> None:
    shown = f"<div class=page><section class=legal><h1>Terms of Service</h1>{TEXT}</section></div>"

    assert elsewhere(shown, ".page .legal .old-name") == ((".page .legal",), None)


def test_a_landmark_is_taken_where_no_ancestor_is_left() -> None:
    shown = f"<nav>Menu</nav><main><h1>Terms of Service</h1>{TEXT}</main>"

    assert elsewhere(shown, ".old-name") == (("main",), None)


def test_the_place_must_hold_the_last_text() -> None:
    old = f"<h1>Terms of Service</h1>{TEXT}"
    teaser = "".join(f"<p>You agree that terms of liability {number} shall be binding.</p>" for number in range(40))
    shown = f"<div class=page><h1>Terms of Service</h1>{teaser}</div><article><h1>Terms of Service</h1>{TEXT}</article>"

    found = elsewhere(shown, ".page .old-name", before=old)

    assert found == (("article",), 1.0)


def test_a_page_that_is_no_document_gives_nothing() -> None:
    assert elsewhere("<main><h1>Page not found</h1><p>It may have moved.</p></main>", ".legal .text") is None
