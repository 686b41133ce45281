from __future__ import annotations

import pytest

from monitoring.extraction import NoText, combine, extract
from tests.monitoring.texts import text_of


def test_sources_are_joined_in_order() -> None:
    first, second = text_of("# Terms", "One."), text_of("# Privacy", "Two.")
    whole = combine([first, second])
    assert whole.text == "Terms\n\nOne.\n\nPrivacy\n\nTwo."
    assert [whole.text[block.start : block.end] for block in whole.blocks] == [block.text for block in whole.blocks]


def test_one_source_is_given_back_as_it_is() -> None:
    only = extract(b"<p>You pay.</p>", media_type="text/html")
    assert combine([only]) is only


def test_dates_and_warnings_of_all_sources_are_kept() -> None:
    parts = [extract(f"<p>Last updated: May {day}, 2024</p>".encode(), media_type="text/html") for day in (1, 2)]
    assert [stated.date for stated in combine(parts).dates] == ["2024-05-01", "2024-05-02"]


def test_no_source_is_no_text() -> None:
    with pytest.raises(NoText):
        combine([])
