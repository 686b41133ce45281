"""`manage.py replay`: a made-up pack, and one sequence of real captures, through the real command.

Most tests let it play in their own process (`--here`), as it does in the process that it starts otherwise.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from accounts import tenancy
from monitoring.archive.models import Cause, Check, CheckSchedule, Host, Version
from monitoring.catalogue.models import Declaration, Document
from monitoring.changes.models import Release, ReleaseState
from tests.conftest import OWNER_URL, ROOT, OwnDatabase
from tests.monitoring.management.packs import (
    KEPT_LONGER,
    NOT_FOUND,
    START,
    TERMS,
    Capture,
    page,
    write_pack,
    write_pages,
)

pytestmark = pytest.mark.servers
ATTRIBUTION = "Contains data from Open Terms Archive contributors, ODC-BY 1.0"
NAME = "Quillmark/Terms of Service"
STORY = (
    Capture(0, page(TERMS)),
    Capture(1, page(TERMS, noise="and 7 partners"), "same"),
    Capture(2, NOT_FOUND, "failure"),
    Capture(3, page(KEPT_LONGER), "changed"),
    Capture(4, page(KEPT_LONGER, inside="article"), "same", select="article"),
)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path, {NAME: STORY})


def replay(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("replay", str(path), *options, stdout=out)
    return out.getvalue()


def scratch_databases() -> set[str]:
    with psycopg.connect(OWNER_URL) as owner:
        rows = owner.execute("SELECT datname FROM pg_database WHERE datname LIKE 'atlas_scratch_%'").fetchall()
    return {name for (name,) in rows}


def cells(output: str, row: str) -> dict[str, str]:
    """One row of the table, by the heads of its columns."""
    lines = output.splitlines()
    heads = next(line for line in lines if line.startswith("sequence")).split()[1:]
    values = next(line for line in lines if line.startswith(f"{row} ")).removeprefix(row).split()
    return dict(zip(heads, values, strict=True))


def test_says_of_each_capture_what_it_came_to_and_whether_that_was_expected(
    own_database: OwnDatabase, pack: Path, tmp_path: Path
) -> None:
    output = replay(pack, "--here", "--json", str(tmp_path / "result.json"))

    found = json.loads((tmp_path / "result.json").read_text())
    assert [(each["outcome"], each["reason"], each["significance"], each["holds"]) for each in found] == [
        ("first", None, None, None),
        ("unchanged", None, None, True),
        ("missing", "soft_404", None, True),
        ("changed", None, "substantive", True),
        ("unchanged", None, None, True),
    ]
    assert [bool(each["version"]) for each in found] == [True, False, False, True, False]
    assert set(found[0]) == {"replay", "order", "expect", "outcome", "reason", "version", "significance", "holds"}
    assert "4 of 4 expectations hold (1 of 1 changed, 1 of 1 failure, 2 of 2 same)" in output
    assert output.rstrip().endswith(ATTRIBUTION)


def test_prints_a_row_for_each_sequence_and_their_sum(own_database: OwnDatabase, tmp_path: Path) -> None:
    other = [Capture(0, page(TERMS)), Capture(1, page(TERMS), "changed")]
    output = replay(write_pack(tmp_path, {NAME: STORY, "Inkwell/Terms of Service": other}), "--here")

    told = {"captures": "5", "served": "5", "checks": "5", "versions": "3", "technical": "1", "substantive": "1"}
    assert cells(output, NAME).items() >= {**told, "missing": "1", "holds": "4/4"}.items()
    assert cells(output, "all").items() >= {"captures": "7", "served": "7", "versions": "4", "holds": "4/5"}.items()


def test_a_scratch_database_is_dropped_afterwards_like_those_that_were_abandoned(
    own_database: OwnDatabase, pack: Path, settings: Any
) -> None:
    settings.OWNER_DATABASE_URL = OWNER_URL
    with psycopg.connect(OWNER_URL, autocommit=True) as owner:
        owner.execute("CREATE DATABASE atlas_scratch_000000000000")

    output = replay(pack)

    assert "4 of 4 expectations hold" in output
    assert not scratch_databases()
    with tenancy.system_scope("see that nothing was written here"):
        assert not Document.objects.exists()


def test_kept_documents_say_whose_captures_they_are_and_stand_at_their_dates(
    own_database: OwnDatabase, pack: Path, client: Any
) -> None:
    replay(pack, "--keep")

    with tenancy.system_scope("see what was kept"):
        document = Document.objects.get()
        versions = list(Version.objects.order_by("observed_at").values_list("cause", "observed_at"))
        declarations = list(Declaration.objects.order_by("number").values_list("number", "created_at"))
        release = Release.objects.select_related("change__new").get(change__new__cause=Cause.PLATFORM)
    assert document.platform.slug == "replayed-quillmark"
    assert "Open Terms Archive contributors" in document.provenance_source
    assert versions[:2] == [(Cause.FIRST, START), (Cause.PLATFORM, START + timedelta(days=3))]
    assert declarations == [(1, START), (2, START + timedelta(days=4))]
    assert (release.state, release.decided_at) == (ReleaseState.AUTOMATIC, START + timedelta(days=4))
    assert ATTRIBUTION in client.get(f"/platforms/{document.platform.slug}/{document.slug}/").content.decode()


def test_nothing_is_left_that_a_worker_would_read(own_database: OwnDatabase, pack: Path) -> None:
    replay(pack, "--here")

    with tenancy.system_scope("see what was left"):
        assert not CheckSchedule.objects.exists()
        assert not Host.objects.exists()


def test_a_doubted_text_is_read_again_after_one_and_six_hours_and_gets_the_same_capture(
    own_database: OwnDatabase, tmp_path: Path
) -> None:
    story = [Capture(0, page(TERMS)), Capture(1, page(TERMS[:2]))]
    output = replay(write_pack(tmp_path, {NAME: story}), "--here")

    with tenancy.system_scope("see when it was read"):
        checks = list(Check.objects.order_by("observed_at").values_list("outcome", "observed_at"))
        marks = Version.objects.latest("observed_at").marks
    doubted = START + timedelta(days=1)
    assert checks == [
        ("first", START),
        ("suspicious", doubted),
        ("suspicious", doubted + timedelta(hours=1)),
        ("changed", doubted + timedelta(hours=7)),
    ]
    assert marks == ["accepted_after_rereads"]
    assert "2 captures and 2 re-reads made 4 checks; the site served 4 requests." in output


def test_the_next_capture_ends_the_doubt_about_the_last(own_database: OwnDatabase, tmp_path: Path) -> None:
    story = [Capture(0, page(TERMS)), Capture(1, page(TERMS[:2])), Capture(1, page(TERMS), "same")]
    output = replay(write_pack(tmp_path, {NAME: story}), "--here")

    assert "3 captures and 0 re-reads" in output
    assert "1 of 1 expectations hold" in output


def test_the_same_captures_are_not_kept_twice(own_database: OwnDatabase, pack: Path) -> None:
    replay(pack, "--here")
    with pytest.raises(CommandError, match=f"{NAME} was replayed into this database before"):
        replay(pack, "--keep")


def test_only_the_sequence_of_that_name_is_played(own_database: OwnDatabase, tmp_path: Path) -> None:
    folder = write_pack(tmp_path, {NAME: STORY, "Inkwell/Terms of Service": [Capture(0, page(TERMS))]})
    output = replay(folder, "--here", "--only", "Inkwell/Terms of Service")

    assert "1 captures" in output
    assert NAME not in output


def test_a_login_that_may_not_make_databases_is_told_what_to_do(own_database: OwnDatabase, pack: Path) -> None:
    with pytest.raises(CommandError, match=r"may not create databases\. Name the owner's in ATLAS_OWNER_DATABASE_URL"):
        replay(pack)


def _spoil(folder: Path, file: str, old: str, new: str) -> None:
    (folder / file).write_text((folder / file).read_text().replace(old, new))


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        (lambda folder: (folder / "pages.tar.zst").unlink(), "holds no pages.tar.zst"),
        (lambda folder: (folder / "index.jsonl").write_text("{\n"), "index.jsonl, line 1: no JSON"),
        (lambda folder: _spoil(folder, "index.jsonl", '"url"', '"uri"'), "index.jsonl, line 1: no url"),
        (lambda folder: _spoil(folder, "replay.jsonl", f"{NAME} 2", "2"), "index.jsonl knows no capture 2"),
        (lambda folder: _spoil(folder, "replay.jsonl", '"same"', '"equal"'), "nothing can be expected to be 'equal'"),
        (lambda folder: _spoil(folder, "replay.jsonl", "00:00Z", "00:00"), "has no time zone"),
    ],
)
def test_a_folder_that_cannot_be_played_gets_one_clear_line(pack: Path, spoilt: Any, said: str) -> None:
    spoilt(pack)
    with pytest.raises(CommandError, match=said):
        replay(pack, "--here")


def test_bytes_that_do_not_have_the_hash_that_they_are_named_by_are_refused(pack: Path) -> None:
    named = json.loads((pack / "index.jsonl").read_text().splitlines()[0])["sha256"]
    write_pages(pack, {named: b"another page"})
    with pytest.raises(CommandError, match=f"the bytes of {named} have another hash"):
        replay(pack, "--here")


def test_a_pack_that_lacks_pages_is_refused(pack: Path) -> None:
    write_pages(pack, {})
    with pytest.raises(CommandError, match="lacks 5 of the pages"):
        replay(pack, "--here")


def real_captures() -> Path:
    return Path(os.environ.get("ATLAS_SHARED_DATA", ROOT.parent / "shared" / "data")) / "pages"


@pytest.mark.skipif(not real_captures().is_dir(), reason="no real captures in ../shared/data (or ATLAS_SHARED_DATA)")
def test_real_captures_of_a_text_come_to_what_a_reader_says(own_database: OwnDatabase, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    output = replay(real_captures(), "--here", "--only", "Berget AI/Terms of Service", "--json", str(result))

    found: Sequence[dict[str, Any]] = json.loads(result.read_text())
    assert len(found) == 19
    assert [each for each in found if each["holds"] is False] == []
    assert "16 of 16 expectations hold" in output
