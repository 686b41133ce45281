"""The same bytes give the same text for as long as the extractor has the same number."""

from __future__ import annotations

import json

import pytest

from monitoring.extraction import is_current
from tests.measures.pack import DATA
from tests.monitoring.extraction import golden
from tests.monitoring.extraction.golden.pages import PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_as_before_or_by_an_extractor_of_another_number(name: str) -> None:
    now, before = golden.pretty(golden.read(name)), golden.expected(name)
    assert before is not None, f"{name} is new: run `python -m tests.monitoring.extraction.golden`."
    extractor = json.loads(before)["extractor"]
    assert is_current(extractor), f"{extractor} is out of force: run `python -m tests.monitoring.extraction.golden`."
    if now != before:
        pytest.fail(golden.WHAT_TO_DO.format(name=name, extractor=extractor))


def test_no_expectation_is_left_of_a_page_that_is_gone() -> None:
    assert {path.stem for path in golden.EXPECTED.glob("*.json")} == set(PAGES)


@pytest.mark.skipif(not (DATA / "pages" / "pages.tar.zst").exists(), reason="no real captures here (ATLAS_SHARED_DATA)")
def test_real_pages_are_read_as_before() -> None:
    now = {sha256: (extractor, digest) for sha256, extractor, digest in golden.drawn()}
    before = golden.recorded()
    assert set(now) == set(before)
    changed = golden.changed_under_the_same_number(now, before)
    assert not changed, golden.WHAT_TO_DO.format(name=f"{len(changed)} real captures", extractor=now[changed[0]][0])
    assert now == before, "The extractor has a new number: run `python -m tests.monitoring.extraction.golden`."


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (None, '{"extractor": "html-1", "text": "a"}', False),
        ('{"extractor": "html-1", "text": "a"}', '{"extractor": "html-1", "text": "a"}', False),
        ('{"extractor": "html-1", "text": "a"}', '{"extractor": "html-1", "text": "b"}', True),
        ('{"extractor": "html-1", "text": "a"}', '{"extractor": "html-2", "text": "b"}', False),
    ],
)
def test_a_text_may_be_written_anew_only_under_a_new_number(before: str | None, after: str, refused: bool) -> None:
    assert golden.must_raise(before, after) is refused
