"""Proposals are written once, whoever notices; and what an operator decided outlives a load of the catalogue's files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from accounts import tenancy
from monitoring.catalogue import proposing, services
from monitoring.catalogue.models import Document, Hub, Platform, Proposal, ProposalKind
from monitoring.catalogue.reading import read_catalogue
from tests import factories
from tests.conftest import OwnDatabase
from tests.monitoring.catalogue.files import PROVENANCE, document_entry, platform_entry, write_catalogue
from tests.monitoring.desk.conftest import staff

MOMENT = datetime(2026, 4, 1, 9, tzinfo=UTC)
HUB = {"url": "https://chat.example/legal", "provenance": PROVENANCE}


def notice(
    platform: Platform, *, what: str = "chat.example/privacy", moment: datetime = MOMENT, least: int = 1
) -> Proposal:
    with tenancy.system_scope("notice"):
        return proposing.notice(
            kind=ProposalKind.DOCUMENT,
            platform=platform,
            document=None,
            what=what,
            seen={"url": "https://chat.example/privacy", "page": "https://chat.example/terms", "at": str(moment)},
            moment=moment,
            least=least,
        )


def load(folder: Path, *platforms: dict[str, object]) -> services.LoadReport:
    write_catalogue(folder, *platforms)
    with tenancy.system_scope("load"):
        return services.load(catalogue=read_catalogue((folder / "platforms").glob("*.yaml"), None))


@pytest.mark.django_db
def test_the_same_is_one_row_with_what_was_seen_last() -> None:
    platform = factories.platform()

    notice(platform)
    notice(platform, moment=MOMENT + timedelta(days=1))
    notice(platform, what="chat.example/cookies")

    first, _ = Proposal.objects.order_by("pk")
    assert (first.times, first.first_seen_at, first.last_seen_at) == (2, MOMENT, MOMENT + timedelta(days=1))
    assert first.seen["at"] == str(MOMENT + timedelta(days=1))


@pytest.mark.django_db
def test_what_was_refused_keeps_what_the_operator_saw() -> None:
    proposal = notice(factories.platform())
    operator = staff("operator")
    with tenancy.staff_scope(operator):
        proposing.refuse(proposal=proposal, operator=operator, moment=MOMENT)

    notice(proposal.platform, moment=MOMENT + timedelta(days=1))

    proposal.refresh_from_db()
    assert (proposal.state, proposal.times, proposal.seen["at"]) == ("refused", 2, str(MOMENT))


def test_those_who_notice_at_once_write_one_row(own_database: OwnDatabase) -> None:
    platform = factories.platform()

    def one(number: int) -> None:
        try:
            notice(platform, moment=MOMENT + timedelta(seconds=number))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(8)))

    with tenancy.system_scope("look"):
        assert Proposal.objects.get().times == 8


@pytest.mark.django_db
def test_document_of_the_desk_outlives_a_load_of_the_files(tmp_path: Path) -> None:
    load(tmp_path, platform_entry())
    proposal = notice(Platform.objects.get())
    operator = staff("operator")
    with tenancy.staff_scope(operator):
        made = proposing.accept_document(
            proposal=proposal,
            operator=operator,
            title="Privacy Policy",
            kind="privacy-policy",
            language="en",
            adopted=True,
            moment=MOMENT,
        )

    report = load(tmp_path, platform_entry())
    assert (report.retired, Document.objects.get(pk=made.pk).retired_at) == ([], None)

    # Once the files name it they speak for it: what they drop is retired.
    load(
        tmp_path, platform_entry(documents=[document_entry(), document_entry("privacy-policy", kind="privacy-policy")])
    )
    report = load(tmp_path, platform_entry())
    assert report.retired == ["document example-chat/privacy-policy"]


@pytest.mark.django_db
def test_hub_of_a_platform_comes_and_goes_with_its_file(tmp_path: Path) -> None:
    assert "hub of example-chat" in load(tmp_path, platform_entry(hub=HUB)).added
    hub = Hub.objects.get()
    assert (hub.url, hub.provenance_source) == ("https://chat.example/legal", "https://chat.example/legal")
    assert load(tmp_path, platform_entry(hub=HUB)).changed == []

    moved = {**HUB, "url": "https://chat.example/policies"}
    assert load(tmp_path, platform_entry(hub=moved)).changed == ["hub of example-chat: url, next_read_at"]
    assert load(tmp_path, platform_entry()).retired == ["hub of example-chat"]
    assert not Hub.objects.exists()
