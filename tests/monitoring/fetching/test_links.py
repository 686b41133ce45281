"""Which links of a page lead to legal documents."""

from __future__ import annotations

import pytest

from monitoring.catalogue.vocabulary import KINDS
from monitoring.fetching.links import _KINDS, LegalLink, address_key, guess_kind, legal_links

PAGE = "https://www.chat.example/legal/terms"


def found(body: str, *, base_url: str = PAGE, hosts: tuple[str, ...] = ()) -> list[LegalLink]:
    return legal_links(f"<html lang=en><body>{body}</body></html>".encode(), base_url=base_url, hosts=hosts)


def urls(body: str, **asked: str) -> list[str]:
    return [link.url for link in found(body, **asked)]  # type: ignore[arg-type]


def test_a_footer_gives_its_documents_and_nothing_else() -> None:
    footer = """<footer><a href="/">Home</a> <a href="/pricing">Pricing</a>
        <a href="/blog/our-privacy-policy">Our new policy</a> <a href="/legal/privacy">Privacy Policy</a>
        <a href="/legal/cookies">Cookies</a> <a href="/legal">Legal</a>
        <a href="/account/privacy">Privacy settings</a> <a href="mailto:legal@chat.example">legal@chat.example</a>
        <a href="/careers">Careers</a> <a href="/sub-processors">Sub-processors</a> <a href="#terms">Terms</a></footer>"""

    assert urls(footer) == [
        "https://www.chat.example/legal/privacy",
        "https://www.chat.example/legal/cookies",
        "https://www.chat.example/sub-processors",
    ]


@pytest.mark.parametrize(
    ("text", "href"),
    [
        ("Datenschutzerklärung", "/de/rechtliches"),
        ("Allmänna villkor", "/om/regler"),
        ("《隐私政策》", "/doc/12"),
        ("Politique de confidentialité", "/fr/donnees"),
        ("利用規約", "/jp/doc"),
    ],
)
def test_names_in_other_languages_are_known(text: str, href: str) -> None:
    assert urls(f'<a href="{href}">{text}</a>') == [f"https://www.chat.example{href}"]


def test_words_that_say_nothing_are_judged_by_their_address() -> None:
    [link] = found('<p>See <a href="/policies/data-processing-addendum?utm_source=x">this page</a>.</p>')

    assert (link.title, link.kind) == ("Data processing addendum", "data-processing-agreement")


def test_documents_of_others_are_left_out_but_for_hosts_of_the_same_owner() -> None:
    body = """<a href="https://stripe.example/privacy">Privacy Policy</a>
        <a href="https://help.chat.example/terms-of-use">Terms of Use</a>
        <a href="https://chat.company.example/privacy-policy">Privacy Policy</a>"""

    assert urls(body) == ["https://help.chat.example/terms-of-use"]
    assert len(found(body, hosts=("chat.company.example",))) == 2


def test_the_same_address_in_another_language_or_with_a_tracker_is_the_same() -> None:
    body = """<a href="/en/legal/privacy?utm_source=footer">Privacy</a> <a href="/de/legal/privacy/">Privacy Policy</a>
        <a href="/legal/privacy#cookies">cookies</a> <a href="https://www.chat.example/legal/terms/">Terms of Service</a>"""

    assert [address_key(url) for url in urls(body)] == ["chat.example/legal/privacy"]


def test_the_language_is_what_the_link_or_its_address_says() -> None:
    body = (
        '<a href="/a/privacy-policy" hreflang="sv-SE">Privacy</a> <a href="/de/legal/terms-of-sale">Terms of Sale</a>'
    )

    assert [link.language for link in found(body)] == ["sv", "de"]


def test_a_card_is_called_by_its_first_line() -> None:
    card = """<a href="/legal/saas">\n<h3>Software as a Service Agreement</h3>
        <p>This agreement applies to customers who signed an order form with us after the first
        of March of that year.</p></a>"""

    assert [link.title for link in found(card)] == ["Software as a Service Agreement"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Privacy Policy", "privacy-policy"),
        ("Cookie Policy", "cookie-policy"),
        ("API Terms of Service", "developer-terms"),
        ("Business Terms", "commercial-terms"),
        ("Terms of Use", "terms-of-service"),
        ("Data Processing Addendum", "data-processing-agreement"),
        ("Acceptable Use Policy", "acceptable-use-policy"),
        ("Subprocessors", "sub-processor-list"),
        ("Refund Policy", ""),
    ],
)
def test_kinds_are_guessed_by_name(text: str, kind: str) -> None:
    assert guess_kind(text, "https://chat.example/x") == kind


def test_every_kind_that_is_guessed_is_one_of_the_catalogue() -> None:
    assert set(_KINDS) <= set(KINDS)


@pytest.mark.parametrize(
    "content",
    [b"", b"<a href='http://[::1'>Privacy Policy</a>", b"<a href='//:99999/legal/terms'>Terms</a>", b"<p>" * 20_000],
)
def test_no_page_breaks_it(content: bytes) -> None:
    assert legal_links(content, base_url=PAGE) == []
