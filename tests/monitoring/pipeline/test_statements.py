"""What the most frequent checks of all cost: their statements are counted, so that none is added unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import CheckSchedule
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("validators", [True, False], ids=["304", "same bytes"])
def test_an_unchanged_document_is_checked_with_few_statements(site: Site, document: Document, validators: bool) -> None:
    site.validators = validators
    read(document)

    with CaptureQueriesContext(connection) as queries:
        check = read(document, at=START + timedelta(hours=20))

    assert check.outcome == "unchanged"
    asked = [query["sql"].strip() for query in queries]
    asked = [sql for sql in asked if sql.startswith(("SELECT", "INSERT", "UPDATE", "WITH")) and "set_config" not in sql]
    host = [sql for sql in asked if sql.startswith('UPDATE "archive_host"')]
    assert len(host) == 4  # taken, held while it begins and while it is recorded, given back
    robots = [sql for sql in asked if sql.startswith('SELECT "archive_host"') and "robots_text" in sql]
    assert len(robots) == 1, asked  # once a holding: what the host said in its robots.txt
    assert len(asked) - len(host) == 9, asked


@pytest.mark.parametrize("validators", [True, False], ids=["304", "same bytes"])
def test_many_unchanged_documents_are_checked_with_as_many_statements_as_two(
    site: Site, document: Document, validators: bool
) -> None:
    site.validators = validators
    documents = [document]
    for number in range(11):
        documents.append(factories.document(document.platform, f"Privacy Policy {number}"))
        factories.declaration(documents[-1], url=site.address)
    with tenancy.system_scope("schedule them"):
        scheduling.sync_schedules()
    assert read_together(documents, day=0)[0] == ["first"] * 12

    two, twelve = read_together(documents[:2], day=1), read_together(documents, day=2)

    assert twelve[0] == ["unchanged"] * 12
    assert two[1] == twelve[1]


def read_together(documents: list[Document], *, day: int) -> tuple[list[str], int]:
    """The outcomes of these documents, and how many statements it took."""
    with clock.at(START + timedelta(days=day)), CaptureQueriesContext(connection) as queries:
        with tenancy.system_scope("take the host"):
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").get(document=documents[0]).host)
        assert lease is not None
        outcomes = [check.outcome for check in pipeline.read_documents([each.pk for each in documents], lease)]
        return outcomes, len(queries)
