from __future__ import annotations

from monitoring.extraction import extract
from monitoring.fetching.judging import HowToRead, Judgement, Page, judge
from monitoring.fetching.outcomes import Outcome, Reason

from . import shown

URL = "https://example.com/terms"
WHOLE = extract(shown.document(), media_type="text/html")


def judged(*contents: bytes, select: str = "main", previous: bool = True) -> Judgement:
    pages = [Page(content, 200, "text/html", "utf-8", URL, URL, {}) for content in contents]
    how = HowToRead(select=[select], remove=[])
    return judge(
        [(page, how) for page in pages], kind="terms-of-service", language="en", previous=WHOLE if previous else None
    )


def test_a_document_is_read() -> None:
    judgement = judged(shown.document())
    assert (judgement.reason, judgement.text) == (None, WHOLE)


def test_a_failure_has_no_text() -> None:
    judgement = judged(shown.NOT_FOUND)
    assert (judgement.outcome, judgement.reason, judgement.text) == (Outcome.MISSING, Reason.SOFT_404, None)


def test_a_selector_that_matches_nothing_on_the_document_is_unreadable() -> None:
    judgement = judged(shown.document(), select="#moved")
    assert (judgement.outcome, judgement.reason, judgement.text) == (Outcome.UNREADABLE, Reason.SELECTOR, None)


def test_a_selector_that_matches_a_small_part_by_now_is_suspicious() -> None:
    judgement = judged(shown.document(), select="h2")
    assert (judgement.outcome, judgement.reason) == (Outcome.SUSPICIOUS, Reason.TEXT_LOST)
    assert judgement.text is not None


def test_a_first_reading_has_nothing_to_lose() -> None:
    assert judged(shown.document(), select="h2", previous=False).reason is None


def test_one_failed_source_fails_the_document() -> None:
    assert judged(shown.document(), shown.BLOCKED).reason is Reason.BLOCK


def test_the_sources_of_a_document_are_joined() -> None:
    text = judged(shown.document(), shown.document("Privacy Policy", shown.PRIVACY)).text
    assert text is not None
    assert text.text.startswith("Terms of Service\n\n")
    assert "\n\nPrivacy Policy\n\n" in text.text


def test_the_kind_and_the_fragment_that_was_asked_for_say_which_document_of_a_page_is_read() -> None:
    sections = "".join(
        f"<section id={mark}><h2>{name}</h2>{''.join(f'<p>{clause}</p>' for clause in clauses * 4)}</section>"
        for mark, name, clauses in (("t", "Terms of Service", shown.CLAUSES), ("p", "Privacy Policy", shown.PRIVACY))
    )
    content = shown.page(f"<main>{sections}</main>", title="Legal")

    def text(kind: str, fragment: str = "") -> str:
        page = Page(content, 200, "text/html", "utf-8", URL + fragment, URL, {})
        judged = judge([(page, HowToRead((), (), kind))], kind=kind, language="en", previous=None).text
        assert judged is not None
        return judged.text

    assert text("privacy-policy").startswith("Privacy Policy\n\n")
    assert "Terms of Service" not in text("privacy-policy")
    assert "Privacy Policy" not in text("privacy-policy", "#t")
