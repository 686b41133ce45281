"""Run a command with a throw-away PostgreSQL and Valkey: `python -m atlas.demo.with_servers -- pytest -n 2`.

The command finds them in DATABASE_URL (as `atlas_owner`) and REDIS_URL. Its exit code and our signals are passed on;
all is stopped and removed at the end. Where both variables are set already, the command is run as it is.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen

from atlas.demo.processes import ProcessFailed, die_with_parent, free_port, spawn
from atlas.demo.servers import FAST, Postgres, Valkey, others_can_enter

PREFIX = "conductatlas-servers-"
PASSED_ON = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT}
WATCHED = {*PASSED_ON, signal.SIGCHLD}
SI_KERNEL = 0x80
"""Where a signal came from: Linux says the kernel, for instance because Ctrl-C was pressed."""


def _scratch() -> Path:
    """A new folder for this process, after removing those of processes that were killed before they could."""
    places = [Path(tempfile.gettempdir()), Path("/var/tmp")]  # noqa: S108 - only mkdtemp makes something there
    place = next((place for place in places if os.geteuid() != 0 or others_can_enter(place)), places[0])
    for left in place.glob(f"{PREFIX}*"):
        match = re.fullmatch(rf"{PREFIX}(\d+)-\w+", left.name)
        if match and left.stat().st_uid == os.geteuid() and not Path(f"/proc/{match[1]}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    folder.chmod(0o711)  # PostgreSQL's own user must be able to walk through
    return folder


@contextmanager
def throw_away_servers() -> Iterator[tuple[Postgres, Valkey]]:
    """Both servers, running with the settings for tests on free ports; afterwards stopped and their data removed."""
    with ExitStack() as stack:
        folder = _scratch()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = Postgres(folder / "postgres", free_port(), folder / "postgres.log", FAST)
        stack.callback(postgres.stop)
        postgres.start()
        valkey = Valkey(folder / "valkey", free_port(), folder / "valkey.log")
        stack.callback(valkey.stop)
        valkey.start()
        yield postgres, valkey


def _wait(process: Popen[bytes]) -> int:
    """Wait for the command, pass signals on, and return its exit code as a shell would (128 + signal)."""
    while process.poll() is None:
        caught = signal.sigtimedwait(WATCHED, 1)
        if caught is None or caught.si_signo == signal.SIGCHLD:
            continue
        if caught.si_signo == signal.SIGINT and caught.si_code == SI_KERNEL:
            continue  # the terminal has sent it to the command too
        process.send_signal(caught.si_signo)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def main(arguments: Sequence[str]) -> int:
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not command:
        sys.stderr.write("usage: python -m atlas.demo.with_servers -- COMMAND …\n")
        return 2
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        os.execvp(command[0], command)  # noqa: S606 - the command that we were asked to run
    if shutil.which(command[0]) is None:
        sys.stderr.write(f"There is no program {command[0]}.\n")
        return 127
    die_with_parent()
    # Signals wait until we ask for them: none is lost, and none interrupts a half-done start or stop.
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        with throw_away_servers() as (postgres, valkey):
            environment = {**os.environ, "DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url}
            return _wait(spawn(command, log=None, environment=environment, own_session=False))
    except ProcessFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
