"""What the most frequent check of all costs: its statements are counted, so that none is added unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.catalogue.models import Document
from tests.monitoring.pipeline.site import START, Site, read

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("validators", [True, False], ids=["304", "same bytes"])
def test_an_unchanged_document_is_checked_with_few_statements(site: Site, document: Document, validators: bool) -> None:
    site.validators = validators
    read(document)

    with CaptureQueriesContext(connection) as queries:
        check = read(document, at=START + timedelta(hours=20))

    assert check.outcome == "unchanged"
    asked = [query["sql"] for query in queries if query["sql"].startswith(('SELECT "', "INSERT", "UPDATE"))]
    host = [sql for sql in asked if sql.startswith('UPDATE "archive_host"')]
    assert len(host) == 4  # taken, held while it begins and while it is recorded, given back
    robots = [sql for sql in asked if sql.startswith('SELECT "archive_host"') and "robots_text" in sql]
    assert len(robots) == 1, asked  # once a holding: what the host said in its robots.txt
    assert len(asked) - len(host) == 12, asked
