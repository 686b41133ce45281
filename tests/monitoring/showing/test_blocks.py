"""A version's text as a page shows it."""

from monitoring.extraction import from_markdown
from monitoring.showing.blocks import anchors, shown_blocks

TEXT = from_markdown("# Terms\n\nWe keep data.\n\nYou may leave.\n\nWe keep data.")


def test_an_anchor_is_made_of_the_words_and_outlives_a_move() -> None:
    turned = from_markdown("# Terms\n\nYou may leave.\n\nWe keep data.")

    assert anchors(TEXT.blocks)[1] == anchors(turned.blocks)[2]


def test_equal_blocks_have_different_anchors() -> None:
    assert len(set(anchors(TEXT.blocks))) == 4


def test_a_quotation_is_marked_where_it_stands() -> None:
    start = TEXT.text.index("You may")
    block = shown_blocks(TEXT, (start, start + len("You may")))[2]

    assert [(run.text, run.marked, run.opens) for run in block.runs] == [
        ("You may", True, True),
        (" leave.", False, False),
    ]


def test_a_quotation_over_two_blocks_opens_once() -> None:
    start = TEXT.text.index("keep data")
    runs = [run for block in shown_blocks(TEXT, (start, TEXT.text.index("leave"))) for run in block.runs]

    assert [run.text for run in runs if run.marked] == ["keep data.", "You may "]
    assert sum(run.opens for run in runs) == 1
