"""Sentences of real versions are found in the next ones; the figures are held so that a drop is seen."""

from __future__ import annotations

import pytest

from tests.measures.anchoring import measure
from tests.measures.pack import DATA


@pytest.mark.skipif(not (DATA / "history").exists(), reason="the real history isn't beside the project")
def test_what_stands_is_found_in_its_place_and_what_is_gone_is_not_claimed() -> None:
    found = measure(every=25, number=8)

    through = found["comparison"]
    assert through.stands > 1000
    assert through.right >= 0.999 * through.stands, through.wrong
    # Equal sentences between equal neighbours can't be told apart by search: it says so by its score.
    assert found["search"].right >= 0.998 * found["search"].stands, found["search"].wrong
    assert through.gone > 40
    assert (through.claimed, found["search"].claimed) == (0, 0)
