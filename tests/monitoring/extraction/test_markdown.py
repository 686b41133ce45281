from __future__ import annotations

import pytest

from monitoring.extraction import NoText, extract, from_markdown

MARKDOWN = """\
Terms of Service
================

_Last updated: May 1, 2024_

## 4\\. Fees

You **must** pay [the fee](https://x.example/fees?a=(1)) ![](pixel.png)within
30 days. See <https://x.example>.

*   first item
*   second
1.  numbered

| Data | Kept |
| --- | --- |
| Logs | 30 days |

* * *

A snake\\_case word and 2 \\* 3.
"""


def test_markdown_is_read_as_blocks_without_its_marks() -> None:
    text = from_markdown(MARKDOWN)
    assert [(str(block.kind), block.label, block.text) for block in text.blocks] == [
        ("heading", "", "Terms of Service"),
        ("date", "", "Last updated: May 1, 2024"),
        ("heading", "4.", "Fees"),
        ("paragraph", "", "You must pay the fee within 30 days. See https://x.example."),
        ("item", "", "first item"),
        ("item", "", "second"),
        ("item", "1.", "numbered"),
        ("row", "", "Data | Kept"),
        ("row", "", "Logs | 30 days"),
        ("paragraph", "", "A snake_case word and 2 * 3."),
    ]
    assert (text.extractor, text.origin, text.title) == ("markdown-4", "markdown", "Terms of Service")


def test_link_around_paragraphs_leaves_no_mark() -> None:
    text = from_markdown(
        "* [Sign it\n    \n    (in a new window)](https://x.example/a(1))\n\n[![](i.png)\n\nMore](/m)\n"
    )
    assert [block.text for block in text.blocks] == ["Sign it", "(in a new window)", "More"]


def test_headings_stand_above_what_follows() -> None:
    assert from_markdown(MARKDOWN).blocks[3].heading_path == ("Terms of Service", "Fees")


def test_markdown_that_is_served_is_read_alike() -> None:
    assert extract(MARKDOWN.encode(), media_type="text/markdown").text == from_markdown(MARKDOWN).text


def test_a_link_over_several_lines_leaves_its_words_alone() -> None:
    assert from_markdown("Write to us: [legal@x.example  \n](mailto:legal@x.example)or call.").text == (
        "Write to us: legal@x.example or call."
    )


def test_markdown_without_words_raises() -> None:
    with pytest.raises(NoText):
        from_markdown("![](pixel.png)\n\n* * *\n")


def test_plain_text_is_read_by_paragraphs() -> None:
    text = extract(b"Terms\r\n\r\n1. You\r\npay.\r\n", media_type="text/plain")
    assert [(block.label, block.text) for block in text.blocks] == [("", "Terms"), ("1.", "You pay.")]
    assert text.origin == "text"
