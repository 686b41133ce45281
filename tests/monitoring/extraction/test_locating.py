from __future__ import annotations

from monitoring.extraction import extract

CLAUSE = "<p>You may use the service only as these terms allow, and we may end your use where you break them.</p>"


def read(body: str, url: str = "") -> str:
    return extract(f"<html><body>{body}</body></html>".encode(), media_type="text/html", url=url).text


def test_the_main_element_is_the_document() -> None:
    text = read(f"<div><a href=/>Home</a> Our best offers of the season</div><main><h1>Terms</h1>{CLAUSE * 8}</main>")
    assert text.startswith("Terms\n\nYou may")


def test_without_a_main_element_the_smallest_that_holds_the_prose_is() -> None:
    text = read(
        "<div class=top>Products</div><div><div class=menu><a href=/>Pricing</a></div>"
        f"<div><h1>Terms</h1>{CLAUSE * 8}</div></div>"
    )
    assert text.startswith("Terms\n\nYou may")


def test_a_title_beside_the_text_is_kept() -> None:
    text = read(f"<div><div><h1>Terms</h1><p>Last updated: May 1, 2024</p></div><div>{CLAUSE * 8}</div></div>")
    assert text.startswith("Terms\n\nLast updated: May 1, 2024\n\nYou may")


def test_a_small_main_element_does_not_hide_the_text() -> None:
    assert read(f"<main><p>Choose your language.</p></main><div>{CLAUSE * 8}</div>").endswith("break them.")


def test_the_fragment_of_the_address_names_one_of_several_texts() -> None:
    page = f"<div id=terms><h1>Terms</h1>{CLAUSE * 8}</div><div id=privacy><h1>Privacy</h1>{CLAUSE * 8}</div>"
    assert read(page, "https://x.example/legal#privacy").startswith("Privacy\n\n")
    assert read(page, "https://x.example/legal").startswith("Terms\n\n")


def test_a_fragment_that_only_names_a_heading_is_ignored() -> None:
    page = f"<h1 id=terms>Terms</h1>{CLAUSE * 8}"
    assert "You may" in read(page, "https://x.example/legal#terms")


def test_a_page_without_prose_is_read_whole() -> None:
    assert read("<div>Contact</div><div>Imprint</div>") == "Contact\n\nImprint"


def test_a_part_named_as_navigation_and_full_of_links_is_left_out() -> None:
    menu = "<div class='top navbar'><a href=/a>Products</a> <a href=/b>Prices</a> Sign in</div>"
    assert "Products" not in read(f"<div>{menu}<h1>Terms</h1>{CLAUSE * 8}</div>")


def test_a_part_named_as_navigation_that_holds_prose_is_kept() -> None:
    assert read(f"<div><h1>Terms</h1>{CLAUSE * 8}<div class=sidebar>{CLAUSE}</div></div>").count("You may") == 9


def test_a_short_clause_in_a_part_named_as_sharing_is_kept() -> None:
    clause = "<div class='share related'>We share data with <a href=/p>our partners</a> in all of the countries.</div>"
    assert "We share data" in read(f"<div><h1>Terms</h1>{CLAUSE * 8}{clause}</div>")


def test_a_menu_that_says_what_its_links_lead_to_is_left_out() -> None:
    offers = "".join(
        f"<a href=/{n}>Canvas {n}</a><p>A quick way to plan and write all that your team needs</p>" for n in range(9)
    )
    assert "quick way" not in read(f"<div><div class=nav_wrap>{offers}</div><h1>Terms</h1>{CLAUSE * 20}</div>")


def test_a_clause_among_the_links_of_a_menu_keeps_all_of_it() -> None:
    links = "".join(f"<a href=/{n}>Canvas {n}</a>" for n in range(9))
    clause = f"<p>{'You may not resell the service, nor let others use it. ' * 5}</p>"
    assert "resell" in read(f"<div><div class=nav_wrap>{links}{clause}</div><h1>Terms</h1>{CLAUSE * 20}</div>")


def test_a_consent_dialogue_without_any_mark_is_left_out() -> None:
    dialogue = (
        "<div><p>We store cookies on your device to improve what you see.</p><a>Reject all</a><a>Accept all</a></div>"
    )
    text = read(f"<div><h1>Terms</h1>{CLAUSE * 8}</div>{dialogue}")
    assert "device" not in text
    assert text.count("You may") == 8


def test_a_clause_that_speaks_of_accepting_cookies_is_kept() -> None:
    clause = "<div><p>Our banner for cookies has two buttons:</p><ul><li>Accept all</li><li>Reject all</li></ul></div>"
    assert "two buttons" in read(f"<h1>Cookies</h1>{CLAUSE * 8}{clause}")
