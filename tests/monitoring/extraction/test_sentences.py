from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.extraction import sentence_spans, split_sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("You pay. We send it.", ["You pay.", "We send it."]),
        ("We, Example Inc. and others, pay. You don't!", ["We, Example Inc. and others, pay.", "You don't!"]),
        ("See e.g. Section 4.2 of it. Then go.", ["See e.g. Section 4.2 of it.", "Then go."]),
        ("4. You pay. We send.", ["4. You pay.", "We send."]),
        ("He said “no.” She left.", ["He said “no.”", "She left."]),
        ("A heading\n\nA text.", ["A heading", "A text."]),
        ("我们会收集。您可以拒绝！", ["我们会收集。", "您可以拒绝！"]),
        ("", []),
    ],
)
def test_sentences_are_split(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text(alphabet="ab .!?\n\"'。(1A", max_size=200))
def test_spans_are_in_order_and_leave_out_white_space_alone(text: str) -> None:
    spans = sentence_spans(text)
    covered: set[int] = set()
    last = 0
    for start, end in spans:
        assert last <= start < end
        covered.update(range(start, end))
        last = end
    assert all(text[index].isspace() for index in range(len(text)) if index not in covered)
