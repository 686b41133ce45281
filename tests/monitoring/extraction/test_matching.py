"""What selectors find on a page."""

from __future__ import annotations

import pytest

from monitoring.extraction import InvalidSelector
from monitoring.extraction.matching import Matched, matches, require_selectors

PAGE = b"<html><body><h1>Terms</h1><p>One two.</p><p>Three</p><footer>Imprint</footer></body></html>"


def test_elements_and_their_words_are_counted() -> None:
    assert matches(PAGE, charset=None, selectors=["p", "aside"]) == [Matched("p", 2, 3), Matched("aside", 0, 0)]


def test_a_range_matches_where_both_of_its_ends_are_there() -> None:
    there, absent = {"startAfter": "h1", "endBefore": "footer"}, {"startAfter": "h1", "endBefore": "aside"}

    assert [found.count for found in matches(PAGE, charset=None, selectors=[there, absent])] == [1, 0]


@pytest.mark.parametrize("selector", ["p[", " ", {"startBefore": "p"}, {"startBefore": "p", "endBefore": "p["}])
def test_what_is_no_selector_is_refused_without_a_page(selector: str | dict[str, str]) -> None:
    with pytest.raises(InvalidSelector):
        require_selectors([selector])
