"""Documents of one host that are begun together and, where nothing is new, recorded together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts import tenancy
from atlas.kernel import clock, egress
from monitoring import batches, pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule, DocumentHead, Incident, Sighting, Snapshot
from monitoring.archive.scheduling import Lease
from monitoring.catalogue.models import Document
from monitoring.manners import Manners
from monitoring.reading import ask, assess
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db
LATER = START + timedelta(days=1)


@pytest.fixture
def documents(site: Site, document: Document) -> list[Document]:
    """Four of one host, each of which was read once."""
    four = [document]
    for number in range(3):
        four.append(factories.document(document.platform, f"Privacy Policy {number}"))
        factories.declaration(four[-1], url=site.address)
    with tenancy.system_scope("schedule them"):
        scheduling.sync_schedules()
    for each in four:
        read(each)
    return four


def taken(documents: list[Document]) -> Lease:
    with tenancy.system_scope("take the host"):
        lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=documents[0]).host)
    assert lease is not None
    return lease


def read_all(documents: list[Document], lease: Lease, *, budget: timedelta = timedelta.max) -> Iterator[Check]:
    return pipeline.read_documents([document.pk for document in documents], lease, budget=budget)


def attempts() -> list[int]:
    with tenancy.system_scope("look"):
        return list(CheckSchedule.objects.order_by("document").values_list("attempts", flat=True))


def test_unchanged_documents_are_each_recorded_as_if_they_were_alone(documents: list[Document]) -> None:
    with clock.at(LATER):
        checks = list(read_all(documents, taken(documents)))

    assert [(check.document_id, check.outcome, check.gate) for check in checks] == [
        (document.pk, "unchanged", "bytes") for document in documents
    ]
    with tenancy.system_scope("look"):
        assert Check.objects.filter(outcome="unchanged", observed_at=LATER, version__isnull=False).count() == 4
        assert set(Sighting.objects.values_list("checks", "last_at", "open")) == {(2, LATER, True)}
        assert set(DocumentHead.objects.values_list("last_read_at", flat=True)) == {LATER}
        assert all(at > LATER for at in CheckSchedule.objects.values_list("next_check_at", flat=True))
    assert attempts() == [0, 0, 0, 0]


def test_one_that_changed_between_others_is_recorded_with_all_of_them(site: Site, documents: list[Document]) -> None:
    site.paragraphs[2] = site.paragraphs[2].replace("30 days", "90 days")
    for document in (documents[0], *documents[2:]):
        read(document, at=LATER)

    with clock.at(LATER + timedelta(days=1)):
        checks = {check.document_id: check for check in read_all(documents, taken(documents))}

    assert checks.pop(documents[1].pk).outcome == "changed"
    assert {check.outcome for check in checks.values()} == {"unchanged"}
    assert attempts() == [0, 0, 0, 0]


def test_incidents_of_documents_that_are_read_again_close_together(site: Site, documents: list[Document]) -> None:
    site.status = 404
    with clock.at(LATER):
        assert {check.outcome for check in read_all(documents, taken(documents))} == {"missing"}
    site.status = 200

    with clock.at(LATER + timedelta(days=1)):
        assert {check.outcome for check in read_all(documents, taken(documents))} == {"unchanged"}

    with tenancy.system_scope("look"):
        assert set(Incident.objects.values_list("closed_at", flat=True)) == {LATER + timedelta(days=1)}
        assert Sighting.objects.filter(open=True, checks=1).count() == 4
        assert set(CheckSchedule.objects.values_list("failures", flat=True)) == {0}


def test_bytes_that_are_due_again_are_kept_for_each(documents: list[Document]) -> None:
    with clock.at(START + timedelta(days=31)):
        list(read_all(documents, taken(documents)))

    with tenancy.system_scope("look"):
        assert Snapshot.objects.count() == 8


def test_a_dead_worker_costs_the_innocent_of_its_batch_one_reading_by_themselves(documents: list[Document]) -> None:
    with clock.at(LATER):
        lease = taken(documents)
        batches.begin([document.pk for document in documents], lease)  # and then the worker dies
        assert attempts() == [1, 1, 1, 1]
        begun, apart = batches.begin([document.pk for document in documents], lease)
        assert (begun, sorted(apart)) == ([], [document.pk for document in documents])

        checks = list(read_all(documents, lease))

    assert [check.outcome for check in checks] == ["unchanged"] * 4
    assert attempts() == [0, 0, 0, 0]


def test_who_killed_a_worker_in_company_and_one_alone_is_left_alone(site: Site, documents: list[Document]) -> None:
    guilty = documents[2]
    with clock.at(LATER):
        lease = taken(documents)
        batches.begin([document.pk for document in documents], lease)  # the first worker dies
        batches.begin([guilty.pk], lease)  # and so does the second
        site.asked.clear()

        checks = {check.document_id: check for check in read_all(documents, lease)}

    assert checks.pop(guilty.pk).reason == "worker_died"
    assert {check.outcome for check in checks.values()} == {"unchanged"}
    assert len(site.asked) == 3


def test_documents_that_were_begun_and_never_asked_for_have_no_attempt(site: Site, documents: list[Document]) -> None:
    with clock.at(LATER):
        checks = list(read_all(documents, taken(documents), budget=timedelta(0)))

    assert len(checks) == 1
    assert attempts() == [0, 0, 0, 0]


def asked_and_not_yet_written(documents: list[Document], lease: Lease) -> batches.Waiting:
    tasks, _ = batches.begin([document.pk for document in documents], lease)
    waiting = batches.Waiting(lease)
    with egress.session() as session:
        manners = Manners(session, delay=lease.delay)
        for task in tasks:
            answers = [ask(source, task, session, manners) for source in task.sources]
            result = assess(task, answers)
            assert batches.can_wait(task, answers, result, clock.now())
            waiting.add(task, answers, result, clock.now())
    return waiting


def test_document_that_was_declared_anew_meanwhile_is_thrown_away_alone(site: Site, documents: list[Document]) -> None:
    with clock.at(LATER):
        waiting = asked_and_not_yet_written(documents, taken(documents))
        factories.declaration(documents[0], url=site.address, reason="another way")

        checks = waiting.write()

    assert [check.document_id for check in checks] == [document.pk for document in documents[1:]]
    with tenancy.system_scope("look"):
        assert Check.objects.filter(document=documents[0]).count() == 1


def test_worker_whose_lease_ended_before_it_wrote_writes_nothing(documents: list[Document]) -> None:
    with clock.at(LATER):
        waiting = asked_and_not_yet_written(documents, taken(documents))
    with clock.at(LATER + scheduling.LEASE + timedelta(seconds=1)):
        taken(documents)

    with clock.at(LATER + timedelta(minutes=1)), pytest.raises(scheduling.LeaseLost):
        waiting.write()

    with tenancy.system_scope("look"):
        assert not Check.objects.filter(outcome="unchanged").exists()
