"""Two people press at the same moment, on real connections with real commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection

from accounts import tenancy
from accounts.models import User
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.alerts.models import Event
from monitoring.changes import services as changes
from monitoring.changes.models import Change
from monitoring.changes.services import AlreadyDecided
from monitoring.findings.models import Finding, FindingState
from tests import factories
from tests.conftest import OwnDatabase
from tests.monitoring.desk.conftest import staff


def together(*presses: Callable[[threading.Barrier], str]) -> list[str]:
    """What came of each, in alphabetical order. The barrier is passed when all have begun their transaction."""
    barrier, outcomes = threading.Barrier(len(presses)), list[str]()

    def run(press: Callable[[threading.Barrier], str]) -> None:
        try:
            outcomes.append(press(barrier))
        except Exception as error:  # what the other thread met is what the test is about
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(press,)) for press in presses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_a_change_is_decided_by_one_of_two(own_database: OwnDatabase) -> None:
    change = factories.release(state="pending").change

    def deciding(analyst: User) -> Callable[[threading.Barrier], str]:
        def press(barrier: threading.Barrier) -> str:
            with tenancy.staff_scope(analyst):
                read = Change.objects.select_related("document", "release").get(pk=change.pk)
                barrier.wait(timeout=30)
                try:
                    pipeline.decide(
                        changes.approve, change=read, analyst=analyst, moment=clock.now(), words="It changed."
                    )
                except AlreadyDecided:
                    return "told"
                return "decided"

        return press

    assert together(deciding(staff("analyst")), deciding(staff("editor"))) == ["decided", "told"]
    with tenancy.system_scope("count"):
        assert Event.objects.filter(change=change).count() == 1


def test_of_two_findings_on_one_provision_the_later_supersedes_the_earlier(own_database: OwnDatabase) -> None:
    provision = factories.provision(factories.version().document)
    findings = [factories.finding(provision, state=FindingState.IN_REVIEW) for _ in range(2)]
    reviewer = staff("editor")

    def publishing(finding: Finding) -> Callable[[threading.Barrier], str]:
        def press(barrier: threading.Barrier) -> str:
            with tenancy.staff_scope(reviewer):
                Finding.objects.count()
                barrier.wait(timeout=30)
                pipeline.publish_finding(finding=finding, reviewer=reviewer, moment=clock.now())
            return "published"

        return press

    assert together(*map(publishing, findings)) == ["published", "published"]
    assert sorted(Finding.objects.values_list("state", flat=True)) == ["published", "superseded"]
