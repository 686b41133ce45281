from __future__ import annotations

import pytest

from monitoring.extraction import BlockKind, ExtractedText, NoText, TooComplex, extract, html
from monitoring.extraction.texts import Block


def read(body: str, **arguments: object) -> ExtractedText:
    page = f"<!doctype html><html lang='en'><head><title>A page</title></head><body>{body}</body></html>"
    return extract(page.encode(), media_type="text/html; charset=utf-8", **arguments)  # type: ignore[arg-type]


def shape(text: ExtractedText) -> list[tuple[str, str, str]]:
    return [(str(block.kind), block.label, block.text) for block in text.blocks]


def only(text: ExtractedText) -> Block:
    (block,) = text.blocks
    return block


def test_blocks_are_parted_by_two_line_feeds_and_placed_by_code_points() -> None:
    text = read("<h1>Terms 🙂</h1><p>One  \n word.</p><p>Two&nbsp;words.</p>")
    assert text.text == "Terms 🙂\n\nOne word.\n\nTwo words."
    assert [text.text[block.start : block.end] for block in text.blocks] == [block.text for block in text.blocks]


def test_each_block_knows_the_headings_above_it() -> None:
    text = read(
        "<h1>Terms</h1><h2>Fees</h2><p>You pay.</p><h2>Law</h2><h3>Venue</h3><p>Here.</p><h2>End</h2><p>Bye.</p>"
    )
    assert [block.heading_path for block in text.blocks if block.kind is BlockKind.PARAGRAPH] == [
        ("Terms", "Fees"),
        ("Terms", "Law", "Venue"),
        ("Terms", "End"),
    ]


def test_numbering_is_split_from_the_words() -> None:
    text = read("<h2>4. Fees</h2><p>4.2 You pay.</p><p>(a) at once;</p><p>2024 was a year.</p>")
    assert shape(text) == [
        ("heading", "4.", "Fees"),
        ("paragraph", "4.2", "You pay."),
        ("item", "(a)", "at once;"),
        ("paragraph", "", "2024 was a year."),
    ]


def test_a_number_in_an_element_of_its_own_is_the_label_of_what_follows() -> None:
    assert shape(read("<div>4.2</div><div>You pay.</div>")) == [("paragraph", "4.2", "You pay.")]


def test_ordered_lists_are_labelled_as_a_browser_shows_them() -> None:
    text = read('<ol type="a" start="2"><li>one</li><li value="5">two<ul><li>inner</li></ul></li><li>three</li></ol>')
    assert shape(text) == [("item", "b.", "one"), ("item", "e.", "two"), ("item", "", "inner"), ("item", "f.", "three")]


def test_a_table_is_read_by_rows() -> None:
    text = read("<table><tr><th>Data</th><th>Kept</th></tr><tr><td>Logs</td><td><p>30</p><p>days</p></td></tr></table>")
    assert shape(text) == [("row", "", "Data | Kept"), ("row", "", "Logs | 30 days")]


def test_a_table_that_lays_out_the_page_is_dissolved() -> None:
    text = read("<table><tr><td>Menu</td><td><h1>Terms</h1><p>You pay.</p></td></tr></table>")
    assert [block.kind for block in text.blocks] == [BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_lines_of_bold_print_are_headings_and_bold_sentences_are_not() -> None:
    text = read("<p><b>Your content</b></p><p><strong>You keep your rights.</strong></p><p><b>Fees.</b> You pay.</p>")
    assert [block.kind for block in text.blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_two_breaks_part_paragraphs_and_one_does_not() -> None:
    assert read("<div>One<br>line.<br><br>Two.</div>").text == "One line.\n\nTwo."


def test_numbered_lines_within_a_paragraph_are_blocks() -> None:
    assert shape(read("<p>You agree:<br>(a) to pay;<br>(b) to wait.</p>")) == [
        ("paragraph", "", "You agree:"),
        ("item", "(a)", "to pay;"),
        ("item", "(b)", "to wait."),
    ]


def test_link_targets_are_not_in_the_text() -> None:
    assert read('<p>See <a href="https://x.example/?token=1">the policy</a>.</p>').text == "See the policy."


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav>Home</nav>",
        "<footer>Imprint</footer>",
        "<script>let a = 1</script>",
        "<style>p {}</style>",
        "<svg><text>Logo</text></svg>",
        "<div hidden>Secret</div>",
        '<span aria-hidden="true">icon</span>',
        '<div style="color: red; display: none">Secret</div>',
        '<div role="dialog">We use cookies.</div>',
        '<div id="onetrust-consent-sdk">We use cookies.</div>',
        "<noscript>Enable it.</noscript>",
        "<button>Print</button>",
        '<span class="sr-only">(opens in a new window)</span>',
        "<select><option>English</option></select>",
    ],
)
@pytest.mark.parametrize("select", [(), ("main",)])
def test_furniture_is_left_out(furniture: str, select: tuple[str, ...]) -> None:
    assert read(f"<main><p>You pay.</p>{furniture}</main>", select=select).text == "You pay."


def test_a_page_below_an_open_dialog_is_still_read() -> None:
    prose = "You may use the service only as these terms allow. " * 10
    text = read(f'<div aria-hidden="true"><p>{prose}</p></div><div role="dialog">We use cookies.</div>')
    assert text.text == prose.strip()


def test_a_button_that_opens_a_section_is_its_heading() -> None:
    text = read('<h2><button aria-expanded="false">Refunds</button></h2><div><p>None.</p></div>')
    assert shape(text) == [("heading", "", "Refunds"), ("paragraph", "", "None.")]


def test_folded_details_are_read() -> None:
    assert read("<details><summary>Refunds</summary><p>None.</p></details>").text == "Refunds\n\nNone."


def test_addresses_hidden_from_robots_are_written_out() -> None:
    code = bytes([0x2A, *(byte ^ 0x2A for byte in b"a@b.example")]).hex()
    assert read(f'<p>Ask <a data-cfemail="{code}">[hidden]</a>.</p>').text == "Ask a@b.example."


def test_form_one_removes_what_has_no_width_and_composes_letters() -> None:
    assert read("<p>soft\u00adhyphen zero\u200bwidth cafe\u0301\u2060 “quoted” — as is</p>").text == (
        "softhyphen zerowidth café “quoted” — as is"
    )


def test_odd_attributes_do_not_become_text() -> None:
    assert read('<div class="a" "=""><p title="a > b">You pay.</p></div>').text == "You pay."


def test_title_and_language_are_recorded() -> None:
    text = read("<p>Vi behandlar dina personuppgifter och det är ditt val om du vill att vi ska göra det. </p>" * 3)
    assert (text.title, text.language) == ("A page", "sv")


def test_a_stated_language_wins() -> None:
    assert read("<p>You pay.</p>", language="en-US").language == "en"


def test_the_extractor_names_its_origin() -> None:
    text = read("<p>You pay.</p>")
    assert (text.extractor, text.origin, text.form) == (html.EXTRACTOR, "html", 1)


def test_a_page_without_text_raises() -> None:
    with pytest.raises(NoText):
        read("<script>app()</script><div></div>")


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "table", "span"])
def test_a_page_nested_too_deep_raises(tag: str) -> None:
    with pytest.raises(TooComplex):
        read(f"<{tag}>" * 50_000 + "text")


def test_formatting_that_is_never_closed_raises() -> None:
    with pytest.raises(TooComplex):
        read("".join(f"<p><b id={number}>" for number in range(2_000)) + "text")


def test_deep_nesting_within_the_limit_is_read() -> None:
    assert only(read("<div>" * 3_500 + "You pay." + "</div>" * 3_500)).text == "You pay."


def test_what_a_button_unfolds_is_kept_though_it_is_hidden() -> None:
    fold = "<div id=more aria-hidden=true hidden><p>We keep your prompts for thirty days and then erase them.</p></div>"
    assert "thirty days" in read(f"<button aria-expanded=false aria-controls=more>Retention</button>{fold}").text
    assert "thirty days" not in read(f"<p>Retention</p>{fold}").text


def test_a_hidden_menu_of_links_is_left_out_though_a_button_unfolds_it() -> None:
    menu = "<div id=more hidden><a href=/a>Products for large companies</a> <a href=/b>Prices of everything</a></div>"
    assert only(read(f"<button aria-controls=more>Menu</button>{menu}<p>You pay.</p>")).text == "You pay."


def test_the_question_whether_a_page_was_helpful_is_left_out() -> None:
    assert only(read("<p>You pay.</p><div>Was this page helpful?</div>")).text == "You pay."
    assert "helpful? We ask" in read("<p>Was this page helpful? We ask so that we learn.</p>").text
