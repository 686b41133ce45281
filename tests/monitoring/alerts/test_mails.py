import re
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.catalogue.models import Document, Platform
from tests import factories
from tests.wire.smtp import Mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Platform:
    return factories.platform("Lumen")


@pytest.fixture
def terms(lumen: Platform) -> Document:
    return factories.document(lumen, audience="consumers", region="European Union")


@pytest.fixture
def alice(lumen: Platform) -> Membership:
    membership = factories.member("alice@example.org", plan="watcher")
    factories.watch(membership, lumen)
    return membership


def told(mailbox: Mailbox) -> EmailMessage:
    """The only mail that goes out now."""
    pipeline.fan_out()
    pipeline.deliver()
    [message] = mailbox.messages
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


@pytest.mark.parametrize(
    ("headline", "fact"),
    [
        ("retention: 30 days → 90 days", "retention 30 days → 90 days"),
        ("new: “We may sell them.”", "new “We may sell them.”"),
    ],
)
def test_the_subject_says_the_fact(
    alice: Membership, terms: Document, mailbox: Mailbox, headline: str, fact: str
) -> None:
    factories.released_change(terms, headline=headline)

    subject = told(mailbox)["Subject"].strip()

    assert subject == f"Lumen changed its Terms of Service: {fact}"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_alert_links_to_the_change_in_its_organization_and_to_the_settings(
    alice: Membership, terms: Document, mailbox: Mailbox, kind: str
) -> None:
    change = factories.released_change(terms)

    body = part(told(mailbox), kind)

    assert f"https://atlas.example/c/{change.typeid}/?org={alice.organization.typeid}" in body
    assert f"https://atlas.example/settings/notifications/?org={alice.organization.typeid}" in body
    assert "https://atlas.example/unsubscribe/" in body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_analysts_words_are_told_as_theirs(alice: Membership, terms: Document, mailbox: Mailbox, kind: str) -> None:
    factories.released_change(terms, words="Conversations stay longer.\n\nNothing else moved.")

    body = part(told(mailbox), kind)

    assert "What our analyst says" in body
    assert "Conversations stay longer." in body
    assert "Nothing else moved." in body
    assert body.index("Nothing else moved.") < body.index("Automatic summary")
    assert "no analyst has read" not in body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_automatic_summary_is_marked_so(alice: Membership, terms: Document, mailbox: Mailbox, kind: str) -> None:
    factories.released_change(terms, state="automatic", summary=["Kept for 90 days instead of 30."])

    body = part(told(mailbox), kind)

    assert "Automatic summary (no analyst has read this change yet)" in body
    assert "What our analyst says" not in body
    assert "Kept for 90 days instead of 30." in body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_long_summary_is_cut_and_says_how_much_more_there_is(
    alice: Membership, terms: Document, mailbox: Mailbox, kind: str
) -> None:
    factories.released_change(terms, summary=[f"Fact number {number}." for number in range(1, 13)])

    body = part(told(mailbox), kind)

    assert "Fact number 8." in body
    assert "Fact number 9." not in body
    assert "and 4 more on the page" in body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_alert_says_why_the_change_is_thought_substantive(
    alice: Membership, terms: Document, mailbox: Mailbox, kind: str
) -> None:
    factories.released_change(terms)

    body = part(told(mailbox), kind)

    assert "Why it is told as substantive:" in body
    assert "30 days → 90 days" in body.partition("Why it is told")[2]


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_an_alert_says_for_whom_the_document_is_and_when_it_takes_effect(
    alice: Membership, terms: Document, mailbox: Mailbox, kind: str
) -> None:
    factories.version(terms, observed_at=datetime(2026, 3, 1, tzinfo=UTC))
    new = factories.version(
        terms, "We keep them.", observed_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), effective_on=date(2026, 4, 1)
    )
    factories.released_change(terms, new=new)

    body = part(told(mailbox), kind)

    assert "for consumers, European Union" in body
    assert "takes effect on 1 April 2026" in body
    assert "2 March 2026, 09:30 UTC" in body


def test_beside_the_analysts_words_the_summary_is_short(alice: Membership, terms: Document, mailbox: Mailbox) -> None:
    lines = [f"Fact number {number}." for number in range(1, 7)]
    factories.released_change(terms, words="Conversations stay longer.", summary=lines)

    body = part(told(mailbox), "plain")

    assert "Fact number 4." in body
    assert "Fact number 5." not in body
    assert "and 2 more on the page" in body


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_the_way_out_says_what_stops(alice: Membership, terms: Document, mailbox: Mailbox, kind: str) -> None:
    factories.released_change(terms)

    assert "Stop same-day alerts" in part(told(mailbox), kind)


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize(
    ("personal", "because"), [(True, "because you follow Lumen."), (False, "because Example Ltd follows Lumen.")]
)
def test_a_mail_says_who_follows_the_platform(
    terms: Document, mailbox: Mailbox, kind: str, personal: bool, because: str
) -> None:
    organization = factories.organization("Example Ltd", plan="watcher", personal=personal)
    factories.watch(factories.member("bob@example.org", of=organization), terms.platform)
    factories.released_change(terms)

    assert because in part(told(mailbox), kind)


def test_words_of_a_document_are_escaped_in_html_and_plain_in_text(
    alice: Membership, terms: Document, mailbox: Mailbox
) -> None:
    factories.released_change(terms, headline="<script>alert(1)</script> & Co", summary=["fee < 5 & > 3"])

    message = told(mailbox)

    assert message["Subject"] == "Lumen changed its Terms of Service: <script>alert(1)</script> & Co"
    assert "fee < 5 & > 3" in part(message, "plain")
    assert "<script>" not in part(message, "html")
    assert "fee &lt; 5 &amp; &gt; 3" in part(message, "html")


def test_nothing_in_a_mail_is_loaded_from_anywhere(alice: Membership, terms: Document, mailbox: Mailbox) -> None:
    factories.released_change(terms)

    html = part(told(mailbox), "html")

    assert not re.search(r"<img|<link|<script|<iframe|url\(|src=", html)


def test_a_mail_is_well_formed_on_the_wire(alice: Membership, terms: Document, mailbox: Mailbox) -> None:
    factories.released_change(
        terms, headline="Lumen änderte " + "sehr " * 40 + "viel", summary=["word " * 600, "x" * 1500]
    )

    message = told(mailbox)
    [raw] = mailbox.raw

    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.split(b"\r\n\r\n")[0].isascii()
    assert len(message.get_all("From", [])) == 1
    assert message.get_content_type() == "multipart/alternative"


def test_a_mail_can_be_unsubscribed_from_with_one_click(alice: Membership, terms: Document, mailbox: Mailbox) -> None:
    factories.released_change(terms)

    message = told(mailbox)

    assert re.fullmatch(r"<https://atlas\.example/unsubscribe/[\w:-]+/>", message["List-Unsubscribe"].strip())
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_finding_is_told_with_its_excerpt_and_its_page(
    alice: Membership, terms: Document, mailbox: Mailbox, kind: str
) -> None:
    with clock.at(datetime(2026, 3, 1, tzinfo=UTC)):
        factories.version(terms)
    finding = factories.finding(factories.provision(terms), headline="Kept for 30 days")

    message = told(mailbox)

    assert message["Subject"] == "Lumen: Kept for 30 days"
    body = part(message, kind)
    assert "We keep your conversations for 30 days." in body
    assert "as we read it on 1 March 2026" in body
    assert f"https://atlas.example/p/{finding.provision.typeid}/?org={alice.organization.typeid}" in body
