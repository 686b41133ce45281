from __future__ import annotations

import pytest

from monitoring.extraction import InvalidSelector, NoText, Range, SelectorMatchedNothing, extract

PAGE = b"""<html><body><nav>Menu</nav>
<div class="a"><h1 id="terms">Terms</h1><p>One.</p><p class="ad">Buy now.</p></div>
<div class="b"><h2 id="privacy">Privacy</h2><p>Two.</p><h2 id="cookies">Cookies</h2><p>Three.</p></div>
<aside class="c"><p>Four.</p></aside><div class="empty"></div></body></html>"""


def read(*select: object, remove: tuple[object, ...] = ()) -> str:
    return extract(PAGE, media_type="text/html", select=select, remove=remove).text  # type: ignore[arg-type]


def test_only_what_is_selected_is_read() -> None:
    assert read(".a") == "Terms\n\nOne.\n\nBuy now."


def test_what_is_removed_is_left_out() -> None:
    assert read(".a", remove=(".ad", ".nowhere")) == "Terms\n\nOne."


def test_parts_come_in_the_order_of_the_selectors_and_only_once() -> None:
    assert read(".c", ".a", ".a p") == "Four.\n\nTerms\n\nOne.\n\nBuy now."


def test_furniture_that_was_selected_is_read() -> None:
    assert read("nav") == "Menu"


def test_a_range_runs_from_one_element_to_another() -> None:
    assert read(Range(start_before="#privacy", end_before="#cookies")) == "Privacy\n\nTwo."
    assert read(Range(start_after="#privacy", end_after="#cookies")) == "Two.\n\nCookies"


def test_a_range_may_cross_elements() -> None:
    assert read(Range(start_before=".ad", end_after="#privacy")) == "Buy now.\n\nPrivacy"


def test_open_terms_archives_form_of_a_range_is_accepted() -> None:
    assert read({"startBefore": "#privacy", "endBefore": "#cookies"}) == "Privacy\n\nTwo."


def test_a_range_can_be_removed() -> None:
    assert read(".b", remove=({"startBefore": "#privacy", "endBefore": "#cookies"},)) == "Cookies\n\nThree."


def test_selectors_that_match_nothing_raise() -> None:
    with pytest.raises(SelectorMatchedNothing) as caught:
        read("#moved", {"startBefore": "#terms", "endBefore": "#gone"})
    assert caught.value.reason == "selector"
    assert "#moved" in str(caught.value)


def test_one_selector_of_several_that_matches_nothing_is_a_warning() -> None:
    text = extract(PAGE, media_type="text/html", select=[".a", "#moved"])
    assert text.warnings == ("a selector matched nothing: #moved",)


def test_a_selected_element_without_text_has_no_text() -> None:
    with pytest.raises(NoText):
        read(".empty")


@pytest.mark.parametrize("selector", ["p[", "##", {"startBefore": "#a"}, {"start": "#a", "end": "#b"}])
def test_what_is_no_selector_raises(selector: object) -> None:
    with pytest.raises(InvalidSelector):
        read(selector)
