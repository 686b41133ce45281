"""Whether the words of a published finding still stand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts import tenancy
from monitoring.archive.models import Sighting, Version
from monitoring.findings.models import Excerpt
from monitoring.findings.standing import Standing, standing
from tests import factories

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (3, 4, 5))
HOLDS = "We keep your conversations for 30 days."


def found(*texts: str) -> Standing:
    """A finding on the first text, and how it stands after the others were read in April and May."""
    first = factories.version(text=f"{HOLDS}\n\nWe do not sell them.", observed_at=MARCH)
    finding = factories.finding(factories.provision(first.document), moment=MARCH)
    seen(first, MARCH)
    for text, moment in zip(texts, (APRIL, MAY), strict=False):
        new = factories.version(first.document, text, observed_at=moment)
        factories.release(factories.change(new=new), decided_at=moment)
        seen(new, moment)
    excerpts = Excerpt.objects.filter(revision__finding=finding).select_related("version")
    return standing(list(excerpts), Version.objects.released().select_related("extracted").order_by("-observed_at")[0])


def seen(version: Version, moment: datetime) -> None:
    with tenancy.system_scope("a sighting"):
        Sighting.objects.filter(open=True).update(open=False)
        Sighting.objects.create(version=version, first_at=moment, last_at=moment.replace(day=20))


def test_words_of_the_newest_version_stand() -> None:
    answer = found()

    assert (answer.status, answer.confirmed_at, answer.gone_at) == ("exact", MARCH.replace(day=20), None)


def test_words_that_a_change_left_alone_are_confirmed_by_the_newest_sighting() -> None:
    answer = found(f"{HOLDS}\n\nWe do not sell them to anybody.")

    assert (answer.status, answer.confirmed_at) == ("exact", APRIL.replace(day=20))


def test_words_that_went_elsewhere_are_moved_and_still_stand() -> None:
    answer = found(f"We do not sell them.\n\nWe are kind.\n\nWe answer within a week.\n\n{HOLDS}")

    assert (answer.status, answer.stands) == ("moved", True)


def test_reworded_words_are_modified_since_the_first_version_without_them() -> None:
    changed = HOLDS.replace("30", "90")
    answer = found(f"{changed}\n\nWe do not sell them.", f"{changed}\n\nWe do not sell them, ever.")

    assert (answer.status, answer.confirmed_at, answer.gone_at) == ("modified", MARCH.replace(day=20), APRIL)


def test_deleted_words_are_removed() -> None:
    assert found("Our offices are closed on Sundays and on public holidays.").status == "removed"
