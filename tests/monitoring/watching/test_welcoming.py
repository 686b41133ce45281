"""The first mail after following, so that nobody hears nothing for weeks."""

from __future__ import annotations

import pytest

from accounts import tenancy
from accounts.models import Membership, OutgoingMail
from monitoring.catalogue.models import Platform
from monitoring.changes.models import ReleaseState
from monitoring.watching import services
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org")


def follow(by: Membership, platform: Platform) -> None:
    with tenancy.scope(by.organization_id, by.user_id):
        services.follow(by=by, platform=platform)


def test_mail_says_what_the_documents_say_today_and_when_they_last_changed(alice: Membership) -> None:
    document = stories.document()
    stories.change(document)
    factories.finding(factories.provision(document), excerpt="We do not sell them.", headline="Nothing is sold")
    quiet = factories.document(document.platform, "Privacy Policy")
    factories.version(quiet, observed_at=stories.FIRST)

    follow(alice, document.platform)

    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == ("alice@example.org", "You follow Lumen: what its documents say today")
    for words in (
        "Last changed on 31 March 2026: Conversations are kept for 90 days instead of 30.",
        "Unchanged since we began to read it on 1 March 2026.",
        "Nothing is sold",
        "/platforms/lumen/terms-of-service/",
        "/platforms/lumen/privacy-policy/",
    ):
        assert words in mail.text
        assert words in mail.html


def test_undecided_change_isnt_told(alice: Membership) -> None:
    document = stories.document()
    stories.change(document, state=ReleaseState.PENDING)

    follow(alice, document.platform)

    mail = OutgoingMail.objects.get()
    assert "90 days" not in mail.text
    assert "Unchanged since" in mail.text


def test_private_document_of_another_isnt_named(alice: Membership) -> None:
    lumen = factories.platform("Lumen")
    secret = factories.document(lumen, "Agreement of Bob", organization=factories.member().organization)
    factories.version(secret)

    follow(alice, lumen)

    assert "Agreement" not in OutgoingMail.objects.get().text


def test_it_comes_once_however_often_one_follows(alice: Membership) -> None:
    lumen = factories.platform("Lumen")
    for _ in range(2):
        follow(alice, lumen)
        with tenancy.scope(alice.organization_id, alice.user_id):
            services.unfollow(by=alice, platform=lumen)

    assert OutgoingMail.objects.count() == 1


def test_platform_that_wasnt_read_yet_is_said_to_be_so(alice: Membership) -> None:
    follow(alice, factories.platform("Lumen"))

    assert "We have read none of its documents yet" in OutgoingMail.objects.get().text


def test_following_that_fails_sends_nothing(alice: Membership) -> None:
    follow(alice, factories.platform("Lumen"))
    with pytest.raises(Exception, match="plan"):
        follow(alice, factories.platform("Corvid"))

    assert OutgoingMail.objects.count() == 1
