"""The whole of `make run`, for real: it starts, leaves nothing when it is killed, and keeps its data."""

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from atlas.demo.people import PEOPLE
from atlas.demo.processes import free_port, listens
from atlas.demo.state import SITE_LOGIN, State
from tests.atlas.demo.running import family_of, read_until, started, survivors

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One state folder for all tests of this file: reading the demo's history takes a while, so it is read once."""
    made = tmp_path_factory.mktemp("run") / "state"
    yield made
    if made.exists():
        State.take(made).remove()


def run(folder: Path, port: int) -> tuple[list[str], dict[str, str]]:
    return ["atlas.demo.supervisor"], {"PORT": str(port), "ATLAS_STATE": str(folder)}


def names(family: list[psutil.Process]) -> set[str]:
    """Which programs run, by words of their command lines."""
    lines = [" ".join(member.cmdline()) for member in family]
    words = ("postgres", "valkey-server", "policysite", "mailcatcher", "gunicorn", "celery -A atlas worker", "beat")
    return {word for word in words if any(word in line for line in lines)}


def stored_versions(folder: Path) -> str:
    """How many versions the running database holds."""
    return answer_of(folder, "SELECT count(*) FROM archive_version")


def answer_of(folder: Path, question: str) -> str:
    """What the running database says."""
    ports = json.loads((folder / "ports.json").read_text())
    postgres = State.postgres(State(folder, (folder / "lock").open()), ports)
    return postgres.ask(question, database="atlas")


def test_everything_starts_and_nothing_outlives_a_killed_supervisor(folder: Path) -> None:
    port = free_port()
    command, variables = run(folder, port)
    with started(command, **variables) as process:
        printed = read_until(process, "Ctrl-C stops everything")
        assert f"http://localhost:{port}" in printed
        assert all(person.email in printed for person in PEOPLE)
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=20) as answer:
            assert answer.status == 200
        family = family_of(process.pid)
        assert len(names(family)) == 7
        workers = [member for member in family if "worker" in " ".join(member.cmdline())]
        assert len(workers) >= 3, "the worker's own children are watched too"

        process.kill()

        assert survivors(family) == []
        assert not listens(port)


@pytest.fixture(scope="class")
def second(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command, variables = run(folder, free_port())
    with started(command, **variables) as process:
        read_until(process, "Ctrl-C stops everything")
        yield process


class TestSecondStart:
    """Three behaviours of one start, since each costs some seconds of both cores."""

    def test_data_is_kept(self, second: subprocess.Popen[str], folder: Path) -> None:
        assert int(stored_versions(folder)) > 0

    @pytest.mark.parametrize(
        ("day", "stored"),
        [
            (
                "2026-10-27",
                "cosmetic Sections stand in another place",
            ),
            ("2026-11-12", "minor “Credits” is now called “Sparks” throughout"),
            (
                "2026-10-07",
                "minor Sections were numbered anew",
            ),
        ],
    )
    def test_reordered_renamed_and_renumbered_versions_are_stored_as_such(
        self, second: subprocess.Popen[str], folder: Path, day: str, stored: str
    ) -> None:
        told = answer_of(
            folder,
            "SELECT significance || ' ' || sentence FROM changes_change, jsonb_array_elements_text(summary) AS sentence "
            f"WHERE observed_at::date = '{day}'",
        )
        assert [line for line in told.splitlines() if line.startswith(stored)]

    def test_the_web_serves_as_a_login_that_owns_nothing(self, second: subprocess.Popen[str]) -> None:
        web = next(member for member in family_of(second.pid) if "atlas.wsgi" in member.cmdline())
        assert web.environ()["DATABASE_URL"].startswith(f"postgresql://{SITE_LOGIN}@")

    def test_ctrl_c_stops_everything(self, second: subprocess.Popen[str]) -> None:
        family = family_of(second.pid)
        second.send_signal(signal.SIGINT)
        assert second.wait(30) == 0
        assert survivors(family) == []


def test_when_one_process_dies_all_stop_and_its_name_is_told(folder: Path) -> None:
    command, variables = run(folder, free_port())
    with started(command, **variables) as process:
        read_until(process, "Ctrl-C stops everything")
        family = family_of(process.pid)
        beat = next(member for member in family if "beat" in member.cmdline())

        beat.kill()

        assert "beat was killed by SIGKILL" in read_until(process, "beat was killed")
        assert process.wait(30) == 1
        assert survivors(family) == []
