"""The worker's side: asks for a page, and ends the browser's process when it doesn't answer.

One process for each of ours, started when it is first needed. It ends by itself after a minute without questions; what it
started ends with it, also when we are killed.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from atlas.kernel.transactions import refuse_inside_transaction
from monitoring.fetching.browser import chromium
from monitoring.fetching.browser.messages import Question, Seen, Terms, line, seen_of
from monitoring.fetching.outcomes import Reason

#: Whether the window may go to another address: "" or why not.
Allowed = Callable[[str], str]

_START_SECONDS = 60.0
_GRACE_SECONDS = 30.0  # beyond a page's own time
_END_SECONDS = 5.0
_ROOT = Path(__file__).resolve().parents[3]


class NoBrowser(RuntimeError):
    """There is no browser to read with; the message says why, and what to do."""


class Broken(RuntimeError):
    """The browser's process failed by a bug of ours."""


def terms() -> Terms:
    """As the settings have it. Raises NoBrowser."""
    if settings.BROWSER == "off":
        raise NoBrowser("This page needs a browser, and ATLAS_BROWSER is off.")
    where = chromium.found(settings.BROWSER)
    if where is None:
        wanted = "Chromium is not installed" if settings.BROWSER == "auto" else f"{settings.BROWSER} is not there"
        raise NoBrowser(
            f"This page needs a browser, and {wanted} where pages are read: apt-get install chromium,"
            " or name it in ATLAS_BROWSER."
        )
    return Terms(
        chromium=where,
        sandbox=settings.BROWSER_SANDBOX,
        memory=settings.BROWSER_MEMORY,
        seconds=settings.BROWSER_SECONDS,
        page_bytes=settings.BROWSER_BYTES,
        pages=settings.BROWSER_PAGES,
        user_agent=settings.USER_AGENT,
        allow_loopback=settings.EGRESS_ALLOW_LOOPBACK,
        loopback_ports=tuple(settings.EGRESS_LOOPBACK_PORTS),
        parent=os.getpid(),
    )


def read(url: str, *, language: str = "", wait_for: Sequence[str] = (), allowed: Allowed = lambda url: "") -> Seen:
    """What the browser sees at this address. ``allowed`` is asked before the window goes to another one. Raises NoBrowser,
    or InsideTransaction before anything is asked."""
    refuse_inside_transaction("a page in a browser")
    with _lock:
        return _process_for(terms()).ask(Question(url, language, tuple(wait_for)), allowed)


def close() -> None:
    """End the browser and all that belongs to it."""
    global _process
    with _lock:
        if _process is not None:
            _process.end()
            _process = None


class _Process:
    def __init__(self, agreed: Terms) -> None:
        self.terms = agreed
        self._heard = b""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed when the process has ended)
        self._running = subprocess.Popen(
            [sys.executable, "-m", "monitoring.fetching.browser"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=_ROOT,
            env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            self._say(json.dumps(asdict(agreed)).encode() + b"\n")
            first = self._hear(time.monotonic() + _START_SECONDS)
        except BaseException:
            self.end()
            raise
        if first is None or first["kind"] != "ready":
            self.end()
            why = str(first["why"]) if first else f"it did not answer within {_START_SECONDS:.0f} seconds"
            raise NoBrowser(
                f"This page needs a browser, and Chromium did not start: {why} Where the system allows no user namespaces,"
                " its sandbox can't work: see ATLAS_BROWSER_SANDBOX in docs/settings.md."
            )

    @property
    def runs(self) -> bool:
        return self._running.poll() is None

    def ask(self, question: Question, allowed: Allowed) -> Seen:
        deadline = time.monotonic() + self.terms.seconds + _GRACE_SECONDS
        try:
            self._say(line("read", **asdict(question)))
            while (message := self._hear(deadline)) and message["kind"] == "may":
                began = time.monotonic()
                self._say(line("answer", refusal=allowed(str(message["url"]))))
                deadline += time.monotonic() - began
        except BaseException:
            self.end()
            raise
        if message is None:
            self.end()
            return Seen(Reason.TOO_COMPLEX.value, "The browser ended, or did not answer, while it read this page.")
        if message["last"]:
            self.end()
        return seen_of(message)

    def _say(self, message: bytes) -> None:
        assert self._running.stdin is not None, "it was asked for"  # noqa: S101
        with suppress(BrokenPipeError):  # it has ended: nothing will be heard
            self._running.stdin.write(message)
            self._running.stdin.flush()

    def _hear(self, deadline: float) -> dict[str, Any] | None:
        """The next message; None where the process has ended, or says nothing in time. Raises Broken for a bug of ours."""
        assert self._running.stdout is not None, "it was asked for"  # noqa: S101
        heard = self._running.stdout.fileno()
        while b"\n" not in self._heard:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([heard], [], [], left)[0]:
                return None
            piece = os.read(heard, 2**20)
            if not piece:
                if self._running.wait(_END_SECONDS) > 0:
                    raise Broken(self._last_errors())
                return None
            self._heard += piece
        message, _, self._heard = self._heard.partition(b"\n")
        return dict(json.loads(message))

    def _last_errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:]

    def end(self) -> None:
        """Ask it to end, with all that it started; kill what doesn't."""
        running = self._running
        for pipe in (running.stdin, running.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if running.poll() is None:
            running.terminate()  # an order to end, which it also obeys while it is ending
            try:
                running.wait(_END_SECONDS + 1)
            except subprocess.TimeoutExpired:
                chromium.end_below(running.pid)
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        self._errors.close()


_lock = threading.Lock()
_process: _Process | None = None


def _process_for(agreed: Terms) -> _Process:
    """The one that runs on these terms, or a new one."""
    global _process
    if _process is not None and (not _process.runs or _process.terms != agreed):
        if _process.terms.parent == os.getpid():  # otherwise it is that of the process that we are a fork of
            _process.end()
        _process = None
    if _process is None:
        _process = _Process(agreed)
    return _process


@atexit.register
def _at_exit() -> None:
    if _process is not None and _process.terms.parent == os.getpid():
        _process.end()
