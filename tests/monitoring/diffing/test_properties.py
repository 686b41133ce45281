"""What holds for any two texts."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.diffing import Comparison, Significance, apply, compare
from monitoring.diffing.operations import COPYING
from monitoring.diffing.reading import sections
from monitoring.extraction.texts import ExtractedText
from tests.monitoring.texts import text_of

WORDS = st.sampled_from(
    "we may not keep 30 days seven your data. The “Service” the service - – • any (a) ™ 数 据。 don’t U.S. $5 \\ x".split()
)
BLOCKS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)
MARKED = st.builds("{}{}".format, st.sampled_from(["", "", "", "# ", "## ", "- ", "@ "]), BLOCKS) | st.sampled_from(
    ["-", "- •"]
)
CELLS = st.sampled_from(["Logs", "30 days", "may not", "“A b”", "™", "yes", "no"])
ROWS = st.lists(CELLS, min_size=2, max_size=4).map(lambda cells: f"| {' | '.join(cells)}")
TEXTS = st.lists(MARKED | ROWS, min_size=1, max_size=8).map(lambda blocks: text_of(*blocks))
ANY_TEXTS = st.text(min_size=1, max_size=60).map(lambda text: ExtractedText(text, (), "plain-1"))
BUDGETS = st.sampled_from([0, 3, 30, 10_000_000])


@st.composite
def edited(draw: st.DrawFn) -> tuple[ExtractedText, ExtractedText]:
    """A text and an edited form of it: blocks dropped, doubled, moved, reworded."""
    blocks = draw(st.lists(MARKED | ROWS, min_size=1, max_size=8))
    other = draw(st.lists(st.one_of(st.sampled_from(blocks), MARKED, ROWS), min_size=1, max_size=8))
    return text_of(*blocks), text_of(*other)


@st.composite
def tables(draw: st.DrawFn) -> tuple[ExtractedText, ExtractedText]:
    """A table and the same one with its columns in another order; in some of its rows a cell changed."""
    rows = draw(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5))
    order = draw(st.permutations(range(3)))
    shuffled = [[draw(CELLS) if draw(st.integers(0, 9)) == 0 else row[column] for column in order] for row in rows]
    old, new = (text_of(*(f"| {' | '.join(row)}" for row in each)) for each in (rows, shuffled))
    return old, new


PAIRS = st.one_of(edited(), tables(), st.tuples(TEXTS, TEXTS), st.tuples(ANY_TEXTS, ANY_TEXTS))


@settings(max_examples=300, deadline=None)
@given(PAIRS, BUDGETS)
def test_operations_rebuild_the_new_text_and_cover_both(pair: tuple[ExtractedText, ExtractedText], budget: int) -> None:
    old, new = pair
    comparison = compare(old, new, budget=budget)
    assert apply(old, comparison) == new.text
    position = 0
    for operation in comparison.operations:
        assert operation.new[0] == position
        position = operation.new[1]
        if not operation.words:
            assert operation.kind in COPYING or operation.new[0] == operation.new[1]
    assert position == len(new.text)
    used = sorted(operation.old for operation in comparison.operations if operation.old[0] < operation.old[1])
    assert [start for start, _ in used] == [0, *(end for _, end in used[:-1])] if used else not old.text
    assert not used or used[-1][1] == len(old.text)


@settings(max_examples=100, deadline=None)
@given(PAIRS, BUDGETS)
def test_same_input_gives_same_output_and_survives_json(pair: tuple[ExtractedText, ExtractedText], budget: int) -> None:
    comparison = compare(*pair, budget=budget)
    assert compare(*pair, budget=budget).dumps() == comparison.dumps()
    assert Comparison.loads(comparison.dumps()) == comparison


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_a_text_compared_with_itself_is_no_change(text: ExtractedText) -> None:
    comparison = compare(text, ExtractedText.loads(text.dumps()))
    assert (comparison.significance, comparison.words_added, comparison.words_removed) == (Significance.NONE, 0, 0)


@settings(max_examples=150, deadline=None)
@given(st.one_of(edited(), tables(), st.tuples(TEXTS, TEXTS)), BUDGETS)
def test_reading_shows_the_whole_new_text(pair: tuple[ExtractedText, ExtractedText], budget: int) -> None:
    old, new = pair
    rows = [row for section in sections(old, new, compare(old, new, budget=budget)) for row in section.rows]
    assert [row.text for row in rows if row.new is not None] == [block.text for block in new.blocks]
