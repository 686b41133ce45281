"""Child processes that don't outlive us.

Every child gets a session of its own (so that Ctrl-C in the terminal reaches only the process that supervises) and, on
Linux, a signal that the kernel sends when its parent is gone, also by kill -9. Elsewhere only an orderly stop is kept.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LOOPBACK = "127.0.0.1"
LINES_OF_LOG_SHOWN = 15
PATIENCE_SECONDS = 10.0


# Loaded once, before any fork: loading a library between fork and exec may deadlock.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ProcessFailed(Exception):
    """A process that we need didn't start or died; the message is meant for the person at the terminal."""


@dataclass(frozen=True)
class Account:
    """The user that a process runs as, when we are root and it must not be."""

    uid: int
    gid: int

    @classmethod
    def nobody(cls) -> Account:
        entry = pwd.getpwnam("nobody")
        return cls(entry.pw_uid, entry.pw_gid)


def die_with_parent(death_signal: signal.Signals = signal.SIGTERM) -> None:
    """Ask the kernel for `death_signal` when the thread that started this process is gone (on Linux)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def _in_child(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """What runs between fork and exec, after the change of user (which would clear the death signal)."""

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        die_with_parent(death_signal)
        if os.getppid() != parent:  # the parent went before the kernel knew that we care
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    death_signal: signal.Signals = signal.SIGTERM,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    folder: Path | None = None,
    own_session: bool = True,
) -> subprocess.Popen[bytes]:
    """Start `command` so that it dies with us; its output is appended to `log`, or goes where ours goes without one.

    Call it from the main thread: the kernel watches the thread, not the process.
    """
    output = None if log is None else log.open("ab")
    try:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL if own_session else None,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=folder,
            env=None if environment is None else dict(environment),
            start_new_session=own_session,
            preexec_fn=_in_child(os.getpid(), death_signal),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            umask=0o077 if account else -1,
        )
    finally:
        if output:
            output.close()


def stop(process: subprocess.Popen[bytes], *, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """Stop one process: see `stop_together`."""
    stop_together([process], with_signal=with_signal)


def stop_together(
    processes: Sequence[subprocess.Popen[bytes]],
    *,
    with_signal: signal.Signals = signal.SIGTERM,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Stop all of them: ask each with `with_signal`, wait `patience` seconds in all, then kill their process groups."""
    deadline = time.monotonic() + patience
    for process in processes:
        if process.poll() is None:
            process.send_signal(with_signal)
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tail(log: Path, lines: int = LINES_OF_LOG_SHOWN) -> str:
    """The last lines of a log, indented, for an error message."""
    try:
        text = log.read_text(errors="replace")
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines()[-lines:])


def free_port() -> int:
    """A TCP port of the loopback address on which nobody listens right now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody answers on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0
