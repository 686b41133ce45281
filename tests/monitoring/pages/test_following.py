"""What the Follow button says before it is pressed."""

import pytest
from django.test import Client

from accounts.models import Role
from monitoring.catalogue.models import Platform
from tests import factories
from tests.monitoring.pages import stories

pytestmark = pytest.mark.django_db


def lumen() -> Platform:
    return stories.document().platform


def test_a_visitor_reads_what_the_free_plan_gives(client: Client) -> None:
    lumen()

    page = client.get("/platforms/lumen/").content.decode()

    assert "Follow Lumen" in page
    assert "follows one platform and sends a digest once a week. No credit card." in page


@pytest.mark.parametrize(
    ("plan", "note"),
    [
        ("free", "0 of 1 followed on the Free plan."),
        ("watcher", "0 of 10 followed on the Watcher plan."),
        ("professional", "0 followed; the Professional plan has no limit."),
    ],
)
def test_a_member_reads_how_much_of_the_plan_is_used(client: Client, plan: str, note: str) -> None:
    lumen()
    client.force_login(factories.member(plan=plan).user)

    assert note in client.get("/platforms/lumen/").content.decode()


def test_who_follows_may_stop(client: Client) -> None:
    membership = factories.member()
    factories.watch(membership, lumen())
    client.force_login(membership.user)

    page = client.get("/platforms/lumen/").content.decode()

    assert 'action="/platforms/lumen/unfollow/"' in page


def test_where_the_plan_is_full_the_button_leads_to_the_plans(client: Client) -> None:
    membership = factories.member()
    factories.watch(membership, factories.platform("Corvid"))
    lumen()
    client.force_login(membership.user)

    page = client.get("/platforms/lumen/").content.decode()

    assert "1 of 1 followed on the Free plan. Stop following another, or take a larger plan." in page
    assert 'action="/platforms/lumen/follow/"' not in page


def test_a_viewer_is_told_who_may_follow(client: Client) -> None:
    lumen()
    client.force_login(factories.member(role=Role.VIEWER).user)

    page = client.get("/platforms/lumen/").content.decode()

    assert "a member can follow Lumen" in page
    assert "<button" not in page[page.index("follow__note") - 200 : page.index("follow__note")]
