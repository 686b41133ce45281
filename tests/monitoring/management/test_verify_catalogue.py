"""`manage.py verify_catalogue` on the demo's policy site: a good, a moved, a dead and a blocked address, and a hub."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import tenancy
from atlas.demo.policysite import astray
from atlas.demo.policysite.history import HistoryScript, written_documents
from atlas.demo.policysite.site import PolicySite
from monitoring.archive import scheduling
from monitoring.archive.models import Check, Snapshot, Version
from monitoring.catalogue.models import Hub, Platform, Proposal
from tests import factories
from tests.wire.server import WireServer

pytestmark = pytest.mark.django_db
GOOD = "/wrenfold/privacy-policy"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    server = PolicySite(HistoryScript(written_documents(), tmp_path / "steps.json")).server("127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.url
    server.shutdown()
    server.server_close()


@pytest.fixture
def wrenfold(site: str) -> Platform:
    platform = factories.platform("Wrenfold")
    for title, path in {
        "Privacy Policy": GOOD,
        "Terms of Service": astray.MOVED,
        "Beta Terms": astray.GONE,
        "Partner Terms": astray.BLOCKED,
    }.items():
        kind = "privacy-policy" if path == GOOD else "terms-of-service"
        document = factories.document(platform, title, kind=kind)
        factories.declaration(document, url=site + path)
    with tenancy.system_scope("a hub"):
        Hub.objects.create(platform=platform, url=site + astray.LIST, **factories.PROVENANCE)
    return platform


def run(*arguments: str, stderr: io.StringIO | None = None) -> str:
    out = io.StringIO()
    call_command("verify_catalogue", *arguments, stdout=out, stderr=stderr or io.StringIO())
    return out.getvalue()


def rows(*arguments: str) -> dict[str | None, dict[str, Any]]:
    found = [json.loads(line) for line in run("--json", *arguments).splitlines()]
    return {row["document"]: row for row in found}


def test_each_address_says_what_it_gave(wrenfold: Platform, site: str) -> None:
    table = run().splitlines()

    [good] = [line for line in table if line.endswith(site + GOOD)]
    assert " read " in good
    assert " 200 " in good
    assert f"moved to {site}{astray.MOVED_TO}" in "\n".join(table)
    assert any("missing/http_410" in line and "410" in line for line in table)
    assert any("blocked/block" in line and "403" in line for line in table)
    assert any("(hub)" in line and "3 links" in line for line in table)
    assert table[-1] == "5 addresses: 3 good, 1 moved for good, 2 not read."


def test_the_same_as_json(wrenfold: Platform, site: str) -> None:
    found = rows()

    good, moved = found["privacy-policy"], found["terms-of-service"]
    assert (good["outcome"], good["status"], good["moved"]) == ("read", 200, "")
    assert good["words"] > 500
    assert (moved["outcome"], moved["final_url"], moved["moved"]) == ("read", *[site + astray.MOVED_TO] * 2)
    assert found["beta-terms"]["reason"] == "http_410"
    assert found["partner-terms"]["why"] == "status 403"
    assert (found[None]["outcome"], found[None]["links"]) == ("listed", 3)


def test_nothing_is_written_unless_asked_for(wrenfold: Platform) -> None:
    run()

    for model in (Check, Version, Snapshot, Proposal):
        assert not model.objects.exists()


def test_what_has_moved_and_what_is_new_is_proposed_where_asked_for(wrenfold: Platform, site: str) -> None:
    run("--propose")
    run("--propose")

    found = {p.kind: p for p in Proposal.objects.all()}
    assert {kind: p.state for kind, p in found.items()} == {"moved": "open", "document": "open"}
    assert found["moved"].seen["target"] == site + astray.MOVED_TO
    assert found["document"].seen["title"] == "Community Guidelines"
    assert found["document"].seen["page"] == site + astray.LIST
    assert not Check.objects.exists()


def test_one_platform_alone(wrenfold: Platform) -> None:
    factories.document()

    assert set(rows("--platform", "wrenfold")) == {
        "privacy-policy",
        "terms-of-service",
        "beta-terms",
        "partner-terms",
        None,
    }
    with pytest.raises(CommandError, match="no platform 'other'"):
        run("--platform", "other")


def test_progress_is_shown_on_a_terminal_alone(wrenfold: Platform) -> None:
    terminal, pipe = Terminal(), io.StringIO()

    run(stderr=terminal)
    run(stderr=pipe)

    assert "] 5 of 5" in terminal.getvalue()
    assert pipe.getvalue() == ""


def test_without_a_network_it_says_so_after_a_few_hosts() -> None:
    for number in range(8):
        document = factories.document()
        factories.declaration(document, url=f"https://host{number}.invalid/terms")

    with pytest.raises(CommandError, match="there seems to be no network here"):
        run()


def test_the_demos_own_policy_site_is_no_network(wrenfold: Platform, site: str, settings: Any) -> None:
    settings.POLICY_SITE_URL = site
    for number in range(8):
        document = factories.document()
        factories.declaration(document, url=f"https://host{number}.invalid/terms")

    with pytest.raises(CommandError, match="None of the first 5 hosts could be reached"):
        run()


def test_robots_txt_and_the_lease_of_a_host_are_kept() -> None:
    with WireServer() as server:
        server.answers("/robots.txt", body=b"User-agent: *\nDisallow: /terms\n")
        document = factories.document()
        factories.declaration(document, url=server.url("/terms"))

        [row] = rows().values()

        assert (row["outcome"], row["reason"]) == ("disallowed", "robots")
        assert server.paths_asked() == ["/robots.txt"]
        with tenancy.system_scope("free again"):
            assert scheduling.take_politely([scheduling.host_of(server.url())]) is not None


def test_host_that_a_worker_holds_is_left_alone() -> None:
    with WireServer() as server:
        document = factories.document()
        factories.declaration(document, url=server.url("/terms"))
        with tenancy.system_scope("another worker"):
            scheduling.take_politely([scheduling.host_of(server.url())])

        [row] = rows("--patience", "0").values()

        assert row["outcome"] == "busy"
        assert server.asked == []


def test_an_empty_catalogue_says_what_to_do() -> None:
    with pytest.raises(CommandError, match="load it first"):
        run()
