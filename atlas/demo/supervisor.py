"""`make run`: start every server and process of ConductAtlas, watch them, and stop them together.

`python -m atlas.demo.supervisor`. Ctrl-C, SIGTERM and SIGHUP stop all in order; if this process is killed, the kernel
tells each child (`processes.spawn`), so that none outlives it. If a child dies, we stop the others and exit with 1.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from atlas.demo import people
from atlas.demo.processes import LOOPBACK, ProcessFailed, die_with_parent, listens, spawn, stop_together, tail
from atlas.demo.state import DATABASE, SITE_LOGIN, TASKS_LOGIN, State, database_url, environment, named_servers

PROJECT = Path(__file__).resolve().parents[2]
STATE = Path(os.environ.get("ATLAS_STATE") or PROJECT / ".atlas")
ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
WATCHED = {*ENDING, signal.SIGCHLD}
READY_SECONDS = 300.0
POLL_SECONDS = 0.2


class Stopped(Exception):
    """Somebody asked us to stop."""


@dataclass
class Supervisor:
    """The children that run, and the way to wait for something while watching them."""

    state: State
    children: dict[str, Popen[bytes]] = field(default_factory=dict)

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        *,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> Popen[bytes]:
        """Start a child that is expected to run until we stop it."""
        log = self.state.log(name)
        child = spawn(command, log=log, environment=environment, folder=PROJECT, death_signal=death_signal)
        self.children[name] = child
        return child

    def stop(self, *names: str) -> None:
        """Stop these children at once and wait for all of them."""
        stop_together([self.children.pop(name) for name in names if name in self.children])

    def pause(self, seconds: float = POLL_SECONDS) -> None:
        """Let time pass. Raises Stopped when asked to stop, ProcessFailed when a child is gone."""
        caught = signal.sigtimedwait(WATCHED, seconds)
        if caught is not None and caught.si_signo in ENDING:
            raise Stopped(signal.Signals(caught.si_signo).name)
        for name, child in self.children.items():
            if child.poll() is not None:
                raise ProcessFailed(self._obituary(name, child))

    def wait_for(self, what: str, condition: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Wait until `condition` holds, at most `seconds`."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{what} wasn't ready within {seconds:.0f} s. Logs: {self.state.folder / 'logs'}")
            self.pause()

    def run(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str]) -> None:
        """Run a child that is expected to end well, and wait for it."""
        log = self.state.log(name)
        step = spawn(command, log=log, environment=environment, folder=PROJECT)
        try:
            while step.poll() is None:
                self.pause()
        finally:
            stop_together([step])
        if step.returncode != 0:
            raise ProcessFailed(self._obituary(name, step))

    def _obituary(self, name: str, child: Popen[bytes]) -> str:
        code = child.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        log = self.state.log(name)
        return f"{name} {how}. The end of its log ({log}):\n{tail(log) or '    (empty)'}"


def chosen_port(text: str) -> int:
    """The port in PORT. Raises ProcessFailed, die_with_parent, with one line, where it is no port or can't be had."""
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ProcessFailed(f"PORT must be a number from 1 to 65535, not {text!r}.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise ProcessFailed(f"This user may not open port {port}. Choose another: make run PORT=8000") from None
        except OSError:
            other = 8001 if port == 8000 else 8000
            raise ProcessFailed(f"Port {port} is in use. Choose another: make run PORT={other}") from None
    return port


def home_answers(port: int) -> bool:
    """Whether the home page comes with 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    with suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    return False


def say(text: str = "") -> None:
    """Print a line. Nobody may be listening any more: when a terminal closes, we still have to stop everything."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def welcome(port: int, told: Mapping[str, str], seconds: float) -> str:
    """What is printed when everything runs."""
    width = max(len(person.email) for person in people.PEOPLE)
    logins = "\n".join(f"    {person.email:<{width}}  {person.role}" for person in people.PEOPLE)
    return f"""
ConductAtlas runs (ready after {seconds:.0f} s): {told["BASE_URL"]}

  Sign in at {told["BASE_URL"]}/accounts/login/ with the password {people.PASSWORD}
{logins}
  The analysts' desk:        {told["BASE_URL"]}/admin/
  All mail is caught at:     {told["ATLAS_MAILCATCHER_URL"]}/
  The policy site:           {told["ATLAS_POLICY_SITE_URL"]}/   (publish the next version there)
  Logs of each process:      {Path(told["ATLAS_STATE"]) / "logs"}

Ctrl-C stops everything; what was read is kept. `make clean` forgets it.
"""


def start_servers(supervisor: Supervisor, ports: Mapping[str, int], stack: ExitStack) -> None:
    """Start PostgreSQL, with the database, and Valkey; `stack` stops them after everything that uses them."""
    say("Starting PostgreSQL and Valkey …")
    postgres = supervisor.state.postgres(ports)
    stack.callback(postgres.stop)
    supervisor.children["postgres"] = postgres.start().process
    postgres.make_database(DATABASE)
    valkey = supervisor.state.valkey(ports)
    stack.callback(valkey.stop)
    supervisor.children["valkey"] = valkey.start().process


def supervise(state: State, port: int) -> None:
    """Start everything, say so, and watch until asked to stop (Stopped) or until a child dies (ProcessFailed)."""
    began = time.monotonic()
    state.truncate_logs()
    ports = state.ports(taken=port)
    told = environment(state, ports, port=port)
    python = sys.executable
    supervisor = Supervisor(state)
    with ExitStack() as stack:
        if named_servers():
            say("Using the servers that DATABASE_URL and REDIS_URL name.")
        else:
            start_servers(supervisor, ports, stack)

        stack.callback(supervisor.stop, "policysite", "mail")
        site = [python, "-m", "atlas.demo.policysite", "--port", str(ports["policysite"])]
        supervisor.start("policysite", [*site, "--state", state.folder / "policysite.json"], told)
        mail = [python, "-m", "atlas.demo.mailcatcher", "--smtp-port", str(ports["mail"])]
        mail += ["--http-port", str(ports["mailbox"]), "--state", str(state.folder / "mail")]
        supervisor.start("mail", mail, told)
        supervisor.wait_for("The policy site", lambda: listens(ports["policysite"]))
        supervisor.wait_for("The mail catcher", lambda: listens(ports["mail"]) and listens(ports["mailbox"]))

        stack.callback(supervisor.stop, "beat", "worker", "web")
        as_site = {**told, "DATABASE_URL": database_url(ports, SITE_LOGIN)}
        as_tasks = {**told, "DATABASE_URL": database_url(ports, TASKS_LOGIN)}
        state.keep_environment(as_tasks)
        say("Preparing the database, the catalogue and the demo's history (the first time it takes a minute) …")
        # The web imports while the steps run: it is first asked for a page when they are done.
        web = [python, "-m", "gunicorn", "atlas.wsgi", "--bind", f"{LOOPBACK}:{port}", "--workers", "2"]
        web += ["--threads", "4", "--preload", "--no-control-socket"]
        supervisor.start("web", web, as_site, death_signal=signal.SIGQUIT)
        supervisor.run("prepare", [python, "-m", "atlas.demo.prepare"], {**told, "DATABASE_URL": database_url(ports)})
        supervisor.wait_for("The web", lambda: home_answers(port))

        celery = [python, "-m", "celery", "-A", "atlas"]
        worker = [*celery, "worker", "--without-gossip", "--without-mingle", "--concurrency", "2", "--loglevel", "INFO"]
        # Killed at once, since its polite ways wait for a broker that is gone too. What it held is found again.
        supervisor.start("worker", worker, as_tasks, death_signal=signal.SIGKILL)
        beat = [*celery, "beat", "-s", str(state.folder / "beat"), "--pidfile="]
        supervisor.start("beat", beat, as_tasks)
        say(welcome(port, told, time.monotonic() - began))
        while True:
            supervisor.pause(60)


def main() -> int:
    # Signals wait until `pause` asks for them: none interrupts a half-done start or stop. Children unblock them.
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    die_with_parent()
    try:
        port = chosen_port(os.environ.get("PORT") or "8000")
        state = State.take(STATE)
        supervise(state, port)
    except Stopped as asked:
        say(f"Stopped by {asked}. Nothing runs any more.")
        return 0
    except ProcessFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
