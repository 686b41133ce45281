"""How a change becomes public, and whom it tells."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Event
from monitoring.archive.models import (
    Version,
)
from monitoring.catalogue.models import Document
from monitoring.changes import services as changes
from monitoring.changes.models import Change, ReleaseState, Significance
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db


def test_substantive_change_waits_for_an_analyst_and_is_not_public(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")

    check = read(document, at=START + timedelta(days=1))

    assert check.outcome == "changed"
    with tenancy.system_scope("look"):
        change = Change.objects.select_related("release", "new").get()
        assert (change.significance, change.release.state) == (Significance.SUBSTANTIVE, ReleaseState.PENDING)
        assert "30 days" in change.headline
        assert "90 days" in change.headline
        assert change.new not in Version.objects.released()
        assert not Change.objects.released().exists()
        assert not Event.objects.exists()


def test_undecided_change_is_released_at_its_deadline_and_told(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    read(document, at=START + timedelta(days=1))

    with clock.at(START + timedelta(days=1, hours=3)):
        assert pipeline.release_due() == 0
    with clock.at(START + timedelta(days=1, hours=4, minutes=1)):
        assert pipeline.release_due() == 1

    with tenancy.system_scope("look"):
        change = Change.objects.released().select_related("release").get()
        assert change.release.state == ReleaseState.AUTOMATIC
        assert Event.objects.get().change == change
        assert Version.objects.released().count() == 2


def test_minor_change_is_public_at_once(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[0] = site.paragraphs[0].replace("an agreement between", "a contract between")

    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("look"):
        assert Change.objects.released().get().significance == Significance.MINOR


def test_later_change_stays_back_while_an_earlier_one_is_reviewed(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    read(document, at=START + timedelta(days=1))
    site.paragraphs[0] = site.paragraphs[0].replace("an agreement between", "a contract between")
    read(document, at=START + timedelta(days=1, hours=1))
    analyst = factories.user()

    with tenancy.system_scope("decide the first"):
        assert not Change.objects.released().exists()
        first = Change.objects.order_by("observed_at").select_related("document").first()
        assert first is not None
        pipeline.decide(
            changes.approve, change=first, analyst=analyst, moment=START + timedelta(days=2), words="Kept longer."
        )

        assert Change.objects.released().count() == 2
        assert Event.objects.count() == 2


def test_suppressed_change_is_in_the_history_and_tells_nobody(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    read(document, at=START + timedelta(days=1))

    with tenancy.system_scope("decide"):
        pipeline.decide(
            changes.suppress,
            change=Change.objects.get(),
            analyst=factories.user(),
            moment=START + timedelta(days=2),
            note="A test of theirs.",
        )

        assert Version.objects.released().count() == 2
        assert not Change.objects.worth_showing().exists()
        assert not Event.objects.exists()


def test_decision_is_never_altered(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    read(document, at=START + timedelta(days=1))
    analyst = factories.user()

    with tenancy.system_scope("decide twice"):
        change = Change.objects.get()
        moment = START + timedelta(days=2)
        pipeline.decide(changes.approve, change=change, analyst=analyst, moment=moment, words="Kept longer.")
        with pytest.raises(changes.AlreadyDecided, match="approved on 2026-03-03"):
            pipeline.decide(changes.suppress, change=change, analyst=analyst, moment=moment, note="No.")
