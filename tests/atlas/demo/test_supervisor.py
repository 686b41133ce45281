"""What stands behind `make run`, but for the run itself (test_make_run.py)."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas.demo.processes import ProcessFailed, free_port
from atlas.demo.state import INNER_SERVICES, State, database_url, environment
from atlas.demo.supervisor import WATCHED, Stopped, Supervisor, chosen_port
from tests.atlas.demo.running import PROJECT, read_until, started


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State.take(tmp_path / "state")


@pytest.fixture
def supervisor(state: State) -> Iterator[Supervisor]:
    """A supervisor whose signals wait, as they do in its own process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    made = Supervisor(state)
    try:
        yield made
    finally:
        made.stop(*made.children)
        while signal.sigtimedwait(WATCHED, 0):
            continue
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_port_in_use_gets_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProcessFailed, match=f"^Port {port} is in use. Choose another: make run PORT=8000$"):
            chosen_port(str(port))


@pytest.mark.parametrize("text", ["", "web", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ProcessFailed, match="PORT must be a number from 1 to 65535"):
        chosen_port(text)


def test_a_free_port_is_taken_as_it_is() -> None:
    port = free_port()
    assert chosen_port(str(port)) == port


def test_the_process_says_that_the_port_is_in_use_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with started(["atlas.demo.supervisor"], PORT=port, ATLAS_STATE=str(tmp_path / "state")) as process:
            assert read_until(process, "in use").count("\n") == 1
            assert process.wait(10) == 1
    assert not (tmp_path / "state").exists()


def test_inner_ports_are_chosen_once(state: State) -> None:
    assert state.ports(taken=8000) == state.ports(taken=8000)


def test_inner_ports_all_differ(state: State) -> None:
    assert len(set(state.ports(taken=8000).values())) == len(INNER_SERVICES)


def test_an_inner_port_that_somebody_else_took_is_chosen_anew(state: State) -> None:
    before = state.ports(taken=8000)
    with socket.create_server(("127.0.0.1", before["valkey"])):
        after = state.ports(taken=8000)
    assert {name for name in INNER_SERVICES if before[name] != after[name]} == {"valkey"}
    assert json.loads((state.folder / "ports.json").read_text()) == after


def test_an_inner_port_makes_way_for_the_web(state: State) -> None:
    before = state.ports(taken=8000)
    assert state.ports(taken=before["mail"])["mail"] != before["mail"]


def test_the_secret_key_is_made_once_and_readable_by_us_alone(state: State) -> None:
    assert state.secret_key() == state.secret_key()
    assert len(state.secret_key()) > 50
    assert (state.folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_second_run_from_the_same_folder_is_refused(state: State) -> None:
    with pytest.raises(ProcessFailed, match="already runs from this folder"):
        State.take(state.folder)


def test_cleaning_removes_the_folder(state: State) -> None:
    state.secret_key()
    state.remove()
    assert not state.folder.exists()


def test_children_are_told_our_key_whatever_the_caller_has_set(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "somebody else's")
    told = environment(state, state.ports(taken=8000), port=8000)
    assert told["SECRET_KEY"] == state.secret_key()


def test_the_caller_may_set_the_review_window(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALERT_REVIEW_WINDOW", "5")
    assert environment(state, state.ports(taken=8000), port=8000)["ALERT_REVIEW_WINDOW"] == "5"


@pytest.mark.parametrize(
    ("role", "password", "expected"),
    [
        ("atlas_owner", "", "postgresql://me:mine@db.example:5433/terms"),
        ("atlas_site", "", "postgresql://atlas_site@db.example:5433/terms"),
        ("atlas_site", "a b", "postgresql://atlas_site:a%20b@db.example:5433/terms"),
    ],
)
def test_named_servers_are_used_with_our_logins(
    monkeypatch: pytest.MonkeyPatch, role: str, password: str, expected: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:mine@db.example:5433/terms")
    monkeypatch.setenv("REDIS_URL", "redis://cache.example")
    monkeypatch.setenv("ATLAS_SITE_PASSWORD", password)
    assert database_url({}, role) == expected


def test_without_named_servers_ours_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert database_url({"postgres": 1}, "atlas_site") == "postgresql://atlas_site@127.0.0.1:1/atlas"


def test_a_closed_terminal_does_not_stop_us_from_stopping_the_rest(tmp_path: Path) -> None:
    code = "from atlas.demo.supervisor import say; import sys; say('1'); say('2'); print('still here', file=sys.stderr)"
    child = subprocess.Popen(python(code), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.close()
    assert child.stderr is not None
    assert child.stderr.read() == "still here\n"
    assert child.wait() == 0


def test_a_dead_child_is_named_with_the_end_of_its_log(supervisor: Supervisor) -> None:
    supervisor.start("worker", python("print('no broker'); raise SystemExit(3)"), {})
    with pytest.raises(ProcessFailed, match=r"worker ended with exit code 3(.|\n)*no broker"):
        supervisor.wait_for("The worker", lambda: False, 10)


def test_a_killed_child_is_named_with_its_signal(supervisor: Supervisor) -> None:
    supervisor.start("beat", python("import time; time.sleep(60)"), {}).kill()
    with pytest.raises(ProcessFailed, match="beat was killed by SIGKILL"):
        supervisor.wait_for("Beat", lambda: False, 10)


def test_a_step_that_fails_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(ProcessFailed, match=r"prepare ended with exit code 1(.|\n)*no such table"):
        supervisor.run("prepare", python("raise SystemExit('no such table')"), {})


def test_a_step_that_ends_well_lets_us_go_on(supervisor: Supervisor) -> None:
    supervisor.run("prepare", python("print('done')"), {})
    assert supervisor.state.log("prepare").read_text() == "done\n"


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_ends_the_wait(supervisor: Supervisor, asked: signal.Signals) -> None:
    signal.raise_signal(asked)
    with pytest.raises(Stopped):
        supervisor.pause(10)


def test_what_is_never_ready_ends_with_a_clear_line(supervisor: Supervisor) -> None:
    with pytest.raises(ProcessFailed, match=r"The web wasn't ready within 0 s\. Logs: "):
        supervisor.wait_for("The web", lambda: False, 0)
