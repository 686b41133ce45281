from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts import tenancy
from accounts.models import Membership
from monitoring import pipeline
from monitoring.alerts.models import Preferences
from monitoring.alerts.unsubscribing import MailKind, token_of
from tests import factories
from tests.wire.smtp import Mailbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


def address(membership: Membership, kind: MailKind) -> str:
    return f"/unsubscribe/{token_of(membership, kind)}/"


def wishes(membership: Membership) -> tuple[bool, bool]:
    """(same day, weekly digest)"""
    with tenancy.scope(membership.organization_id, membership.user_id):
        found = Preferences.objects.filter(membership=membership).first() or Preferences()
        return found.same_day, found.weekly_digest


def test_opening_the_link_asks_and_changes_nothing(alice: Membership, client: Client) -> None:
    answer = client.get(address(alice, MailKind.SAME_DAY))

    assert "Stop same-day alerts?" in answer.content.decode()
    assert wishes(alice) == (True, True)


def test_one_click_stops_same_day_alerts_and_nothing_else(alice: Membership) -> None:
    mail_program = Client(enforce_csrf_checks=True)

    answer = mail_program.post(address(alice, MailKind.SAME_DAY), {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "You won’t get same-day alerts any more" in answer.content.decode()
    assert wishes(alice) == (False, True)


def test_one_click_stops_the_digest_and_nothing_else(alice: Membership, client: Client) -> None:
    client.post(address(alice, MailKind.DIGEST))

    assert wishes(alice) == (True, False)


def test_somebody_who_is_signed_in_sees_the_same_page(alice: Membership, client: Client) -> None:
    client.force_login(alice.user)

    assert "Stop the weekly digest?" in client.get(address(alice, MailKind.DIGEST)).content.decode()


def test_a_second_click_does_no_harm(alice: Membership, client: Client) -> None:
    assert [client.post(address(alice, MailKind.DIGEST)).status_code for _ in range(2)] == [200, 200]
    assert wishes(alice) == (True, False)


def test_another_member_keeps_their_mails(alice: Membership, client: Client) -> None:
    bob = factories.member(of=alice.organization)

    client.post(address(alice, MailKind.SAME_DAY))

    assert wishes(bob) == (True, True)


def test_a_link_that_we_did_not_sign_is_not_found(alice: Membership, client: Client) -> None:
    token = token_of(alice, MailKind.SAME_DAY)

    assert client.post(f"/unsubscribe/{token[:-1]}{'A' if token[-1] != 'A' else 'B'}/").status_code == 404
    assert wishes(alice) == (True, True)


def test_a_member_who_has_left_gets_a_calm_answer(alice: Membership, client: Client) -> None:
    link = address(alice, MailKind.SAME_DAY)
    with tenancy.system_scope("leave"):
        alice.delete()

    assert client.post(link).status_code == 200


def test_the_link_of_a_mail_stops_the_next_one(alice: Membership, client: Client, mailbox: Mailbox) -> None:
    lumen = factories.platform("Lumen")
    factories.watch(alice, lumen)
    terms = factories.document(lumen)
    factories.released_change(terms)
    pipeline.fan_out()
    pipeline.deliver()
    link = mailbox.messages[0]["List-Unsubscribe"].strip().strip("<>")

    client.post(urlsplit(link).path)
    factories.released_change(terms)
    pipeline.fan_out()
    pipeline.deliver()

    assert len(mailbox.messages) == 1
