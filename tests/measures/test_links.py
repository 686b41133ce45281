"""Links to legal documents on real pages, in figures that may only get better."""

from __future__ import annotations

import pytest

from tests.measures.links import measure
from tests.measures.pack import DATA

pytestmark = pytest.mark.skipif(not (DATA / "pages").is_dir(), reason="no real pages in ../shared/data")


def test_known_documents_are_found_from_other_pages_and_few_others_are_told() -> None:
    services = measure()

    linked = sum(len(service.linked) for service in services)
    found = sum(len(service.found & service.linked.keys()) for service in services)
    assert linked > 100
    assert found / linked >= 0.95
    assert sum(service.told_new for service in services) / sum(service.pages for service in services) < 2.5
