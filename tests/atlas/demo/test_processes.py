import signal
import socket
import subprocess
import sys
from pathlib import Path

from atlas.demo.processes import free_port, listens, spawn, stop_together, tail

STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
)


def test_a_child_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = spawn([sys.executable, "-c", STUBBORN], log=log)
    while "up" not in log.read_text():
        assert child.poll() is None

    stop_together([child], patience=0.2)

    assert child.returncode == -signal.SIGKILL


def test_grandchildren_go_with_the_child(tmp_path: Path) -> None:
    log = tmp_path / "log"
    child = spawn(["sh", "-c", "sleep 60 & echo $!; wait"], log=log)
    while not log.read_text().endswith("\n"):
        assert child.poll() is None
    grandchild = int(log.read_text())

    stop_together([child])

    state = subprocess.run(["ps", "-o", "stat=", "-p", str(grandchild)], capture_output=True, text=True, check=False)
    assert state.stdout.strip()[:1] in {"", "Z"}


def test_a_child_gets_no_blocked_signals_from_us(tmp_path: Path) -> None:
    log = tmp_path / "log"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        code = "import signal; print(signal.SIGTERM in signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
        spawn([sys.executable, "-c", code], log=log).wait()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

    assert log.read_text() == "False\n"


def test_a_free_port_is_one_on_which_nobody_listens() -> None:
    port = free_port()
    assert not listens(port)
    with socket.create_server(("127.0.0.1", port)):
        assert listens(port)


def test_the_tail_of_a_log_is_its_last_lines_indented(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number}\n" for number in range(5)))
    assert tail(log, 2) == "    3\n    4"


def test_a_missing_log_has_an_empty_tail(tmp_path: Path) -> None:
    assert tail(tmp_path / "none") == ""
