"""One change and the decision about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring.alerts.models import Event
from monitoring.archive.models import Version
from monitoring.changes.models import Change, Release
from tests import factories
from tests.monitoring.desk.conftest import signed_in, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def change() -> Change:
    made = factories.change(observed_at=clock.now() - timedelta(minutes=5), summary=["Kept three times as long."])
    factories.release(made, state="pending", deadline=clock.now() + timedelta(hours=3))
    return made


def post(client: Client, change: Change, **fields: Any) -> Any:
    return client.post(f"/admin/desk/queue/{change.typeid}/", fields)


def page_of(client: Client, change: Change, query: str = "") -> str:
    return client.get(f"/admin/desk/queue/{change.typeid}/{query}").content.decode()


def release_of(change: Change) -> Release:
    return Release.objects.get(change=change)


def test_the_words_that_differ_are_marked(desk: Client, change: Change) -> None:
    page = page_of(desk, change)

    assert "<del>30</del>" in page
    assert "We do not sell them." in page


def test_the_two_texts_stand_side_by_side_where_the_analyst_asks_for_it(desk: Client, change: Change) -> None:
    unified, split = page_of(desk, change), page_of(desk, change, "?view=split&start=summary")

    assert 'href="?view=split#reading"' in unified
    assert 'role="columnheader">Before' not in unified
    assert 'role="columnheader">Before' in split
    assert "<del>30</del>" in split
    assert "Kept three times as long." in split
    assert 'href="?view=unified&amp;start=summary#reading"' in split


def test_approval_releases_with_the_analysts_words_and_tells(desk: Client, analyst: User, change: Change) -> None:
    answer = post(desk, change, decision="approve", words="It is kept longer.")

    assert answer["Location"] == "/admin/desk/queue/"
    release = release_of(change)
    assert (release.state, release.words, release.decided_by) == ("approved", "It is kept longer.", analyst)
    assert Version.objects.released().filter(pk=change.new_id).exists()
    with tenancy.system_scope("count"):
        assert Event.objects.filter(change=change).count() == 1


def test_approval_without_words_is_refused_and_the_note_kept(desk: Client, change: Change) -> None:
    answer = post(desk, change, decision="approve", words="  ", note="typed already")

    assert answer.status_code == 422
    assert "Say in your own words" in answer.content.decode()
    assert "typed already" in answer.content.decode()
    assert release_of(change).state == "pending"


def test_a_hold_keeps_the_note_and_moves_the_deadline(desk: Client, change: Change) -> None:
    post(desk, change, decision="hold", note="Asking the platform.")

    release = release_of(change)
    assert (release.state, release.note) == ("held", "Asking the platform.")
    assert release.deadline == change.observed_at + timedelta(hours=20)


def test_noise_is_suppressed_and_tells_nobody(desk: Client, change: Change) -> None:
    post(desk, change, decision="suppress", note="A banner.")

    assert release_of(change).state == "suppressed"
    with tenancy.system_scope("count"):
        assert not Event.objects.filter(change=change).exists()


def test_a_change_is_decided_once_and_nothing_typed_is_lost(desk: Client, change: Change) -> None:
    post(signed_in(staff("analyst", "bob@example.org")), change, decision="suppress", note="A banner.")

    answer = post(desk, change, decision="approve", words="Half an hour of work.")

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This change was suppressed on" in page
    assert "Half an hour of work." in page
    assert release_of(change).state == "suppressed"


def test_the_automatic_summary_is_where_one_may_begin(desk: Client, change: Change) -> None:
    assert "Kept three times as long.</textarea>" not in page_of(desk, change)
    assert "Kept three times as long.</textarea>" in page_of(desk, change, "?start=summary")


def test_a_later_change_waits_for_the_earlier_one(desk: Client, change: Change) -> None:
    later = factories.change(change.document, observed_at=clock.now())
    factories.release(later, state="pending")

    assert f"/admin/desk/queue/{change.typeid}/" in page_of(desk, later)
    answer = post(desk, later, decision="approve", words="Again.")

    [message] = get_messages(answer.wsgi_request)
    assert "becomes public once the earlier change" in str(message)
    assert not Version.objects.released().filter(pk=later.new_id).exists()


def test_published_findings_whose_words_changed_are_named(desk: Client) -> None:
    document = factories.version(observed_at=clock.now() - timedelta(days=2)).document
    factories.finding(factories.provision(document), headline="Kept for a month")
    change = factories.change(document)
    factories.release(change, state="pending")

    page = page_of(desk, change)

    assert "Kept for a month" in page
    assert "modified" in page


def test_a_finding_whose_words_stand_is_not_named(desk: Client) -> None:
    document = factories.version(observed_at=clock.now() - timedelta(days=2)).document
    factories.finding(factories.provision(document), headline="Not sold", excerpt="We do not sell them.")
    change = factories.change(document)
    factories.release(change, state="pending")

    assert "Not sold" not in page_of(desk, change)


def test_an_unknown_change_is_not_found(desk: Client) -> None:
    assert desk.get("/admin/desk/queue/chg_01h455vb4pex5vsknk084sn02q/").status_code == 404
