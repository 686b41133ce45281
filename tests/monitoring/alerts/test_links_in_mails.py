import re
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Membership
from atlas.kernel import clock
from monitoring import pipeline
from tests import factories
from tests.wire.smtp import Mailbox

pytestmark = pytest.mark.django_db

LINK = re.compile(r"https://atlas\.example(/\S+)")


@pytest.fixture
def alice() -> Membership:
    return factories.member("alice@example.org", plan="watcher")


@pytest.fixture
def links(alice: Membership, mailbox: Mailbox) -> set[str]:
    """The addresses in Alice's mails: about a change, about a finding, and her digest."""
    lumen = factories.platform("Lumen")
    factories.watch(alice, lumen)
    document = factories.document(lumen)
    factories.version(document, observed_at=clock.now() - timedelta(days=1))
    factories.finding(factories.provision(document))
    factories.released_change(document)
    pipeline.fan_out()
    pipeline.make_digests(clock.now() + timedelta(days=8))
    with clock.at(clock.now() + timedelta(days=8)):
        pipeline.deliver()
    assert len(mailbox.messages) == 3
    found = set()
    for message in mailbox.messages:
        body = message.get_body(("plain",))
        assert body is not None
        found.update(LINK.findall(str(body.get_content())))
    return found


def test_each_leads_a_member_to_its_page(links: set[str], alice: Membership, client: Client) -> None:
    client.force_login(alice.user)

    answers = {link: client.get(link, follow=True).status_code for link in links}

    assert {link.split("/")[1] for link in answers} == {"c", "p", "inbox", "unsubscribe", "settings"}
    assert set(answers.values()) == {200}


def test_each_of_an_organization_is_not_found_by_strangers(links: set[str], client: Client) -> None:
    client.force_login(factories.member("charlie@example.org").user)

    answers = {client.get(link).status_code for link in links if "?org=" in link}

    assert answers == {404}
