"""What happens to a reading when the catalogue, or another worker, changes something in the middle of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring import batches, pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, Version
from monitoring.catalogue.models import Document, Platform
from monitoring.manners import Manners
from monitoring.reading import ask, assess
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=1)


def read_with_something_in_between(document: Document, happens: Callable[[], object]) -> Check:
    """One reading, in whose middle (after the answer came) something happens."""
    with clock.at(LATER):
        with tenancy.system_scope("take the host"):
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=document).host)
        assert lease is not None
        [task], _ = batches.begin([document.pk], lease)
        with egress.session() as session:
            answers = [ask(source, task, session, Manners(session, delay=lease.delay)) for source in task.sources]
        result = assess(task, answers)
        with tenancy.system_scope("something happens"):
            happens()
        return pipeline.record_reading(task, answers, result, lease)


def what_is_kept(document: Document) -> tuple[int, int]:
    with tenancy.system_scope("look"):
        return Check.objects.filter(document=document).count(), Version.objects.filter(document=document).count()


def test_reading_by_a_declaration_that_is_no_longer_in_force_is_thrown_away(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")

    with pytest.raises(scheduling.Overtaken):
        read_with_something_in_between(document, lambda: factories.declaration(document, url=site.address))

    assert what_is_kept(document) == (1, 1)


def test_reading_of_a_document_that_moved_to_another_host_is_thrown_away(site: Site, document: Document) -> None:
    read(document)

    def move() -> None:
        factories.declaration(document, url="https://elsewhere.example/terms")
        scheduling.sync_schedules()

    with pytest.raises(scheduling.Overtaken):
        read_with_something_in_between(document, move)

    assert what_is_kept(document) == (1, 1)


def test_reading_of_a_document_that_was_retired_meanwhile_is_thrown_away(site: Site, document: Document) -> None:
    read(document)
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")

    def retire() -> None:
        Document.objects.filter(pk=document.pk).update(retired_at=LATER)
        scheduling.sync_schedules()

    with pytest.raises(scheduling.Overtaken):
        read_with_something_in_between(document, retire)

    assert what_is_kept(document) == (1, 1)


def test_document_whose_platform_is_no_longer_read_is_not_asked_for(site: Site, document: Document) -> None:
    with clock.at(START):
        with tenancy.system_scope("take the host, then an operator ends the reading"):
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=document).host)
            Platform.objects.filter(pk=document.platform_id).update(enabled=False)
            scheduling.sync_schedules()
        assert lease is not None

        assert list(pipeline.read_documents([document.pk], lease)) == []

    assert site.asked == []


def test_next_document_of_the_host_is_read_after_one_that_was_overtaken(site: Site, document: Document) -> None:
    other = factories.document(document.platform, "Privacy Policy")
    factories.declaration(other, url=site.address)
    with clock.at(START):
        with tenancy.system_scope("take the host"):
            scheduling.sync_schedules()
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=document).host)
            CheckSchedule.objects.filter(document=document).delete()
        assert lease is not None

        checks = list(pipeline.read_documents([document.pk, other.pk], lease))

    assert [check.document_id for check in checks] == [other.pk]


def test_address_of_a_document_that_was_never_read_can_be_corrected(site: Site, document: Document) -> None:
    site.status = 404
    read(document)

    with clock.at(START + timedelta(minutes=1)), tenancy.system_scope("correct the address"):
        factories.declaration(document, url="https://right.example/terms")
        scheduling.sync_schedules()

        schedule = CheckSchedule.objects.select_related("host").get(document=document)
        assert (schedule.host.name, schedule.next_check_at) == ("right.example:443", clock.now())


def test_loading_the_catalogue_again_does_not_hurry_a_document_that_fails(site: Site, document: Document) -> None:
    read(document)
    factories.declaration(document, url=f"{site.address}/gone")
    site.status = 404
    read(document, at=LATER)

    with clock.at(LATER + timedelta(minutes=1)), tenancy.system_scope("load again"):
        scheduling.sync_schedules()

        assert CheckSchedule.objects.get(document=document).next_check_at > clock.now()
