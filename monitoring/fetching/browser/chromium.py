"""Chromium as we let it run: found, started in its sandbox without root's rights, measured, and ended to the last process."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from monitoring.fetching.browser.messages import Terms

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
UNPRIVILEGED = "nobody"

_START_SECONDS = 30
_WINDOW = "1280,800"
_END_SECONDS = 5.0
_KIBIBYTES = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB$", re.MULTILINE)
#: What Playwright doesn't turn off itself. Everything goes through the proxy, names included; nothing goes beside it by UDP.
_SWITCHES = (
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--no-pings",
    "--dns-prefetch-disable",
    "--disable-gpu",
    f"--window-size={_WINDOW}",
)


class DidNotStart(RuntimeError):
    """Chromium is there and doesn't run; the message is for people."""


def found(wanted: str) -> str | None:
    """Where Chromium is, by the setting: `off`, `auto` (the system's), or a path. None where there is none."""
    if wanted == "off":
        return None
    return next(filter(None, map(shutil.which, NAMES if wanted == "auto" else [wanted])), None)


async def start(playwright: Playwright, terms: Terms, *, proxy_port: int, folder: Path) -> Browser:
    """Raises DidNotStart. ``folder`` is ours alone; the profile lies in it."""
    from playwright.async_api import Error

    try:
        return await playwright.chromium.launch(
            executable_path=_starter(terms, folder),
            chromium_sandbox=terms.sandbox,
            # By a switch: where Playwright overrides the name, it makes up a platform beside it.
            args=[*_SWITCHES, f"--user-agent={terms.user_agent}", f"--proxy-server=http://127.0.0.1:{proxy_port}"],
            env={"PATH": os.environ.get("PATH", os.defpath), "TZ": "UTC", "TMPDIR": str(folder / "profile")},
            timeout=_START_SECONDS * 1000,
        )
    except Error as error:
        raise DidNotStart(_last_words(error.message)) from error


def _starter(terms: Terms, folder: Path) -> Path:
    """A program for Playwright to start in Chromium's place."""
    profile = folder / "profile"
    profile.mkdir(mode=0o700)
    user = group = "-"
    if os.geteuid() == 0:
        entry = pwd.getpwnam(UNPRIVILEGED)
        user, group = str(entry.pw_uid), str(entry.pw_gid)
        os.chown(profile, entry.pw_uid, entry.pw_gid)
        folder.chmod(0o711)
    confined = str(Path(__file__).with_name("confined.py"))
    words = [sys.executable, "-I", confined, user, group, str(profile), str(terms.memory), terms.chromium]
    starter = folder / "chromium"
    starter.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', encoding="utf-8")
    starter.chmod(0o700)
    return starter


def _last_words(message: str) -> str:
    """The line of Chromium's own that says why, else the first of Playwright's."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    fatal = [line.partition("] ")[2] or line for line in lines if "FATAL" in line or "rror while loading" in line]
    return (fatal or lines or ["no reason was given"])[0][:300]


def processes_below(parent: int) -> list[int]:
    """All running processes that come from this one, its own children first."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (asked often: paths would cost more than the question)
        if name.isdecimal():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                # What stands before the last bracket is the name, which may hold anything.
                state, above = file.read().rpartition(b") ")[2].split(b" ", 2)[:2]
                if state != b"Z":  # that one has ended
                    children.setdefault(int(above), []).append(int(name))
    below = list(children.get(parent, ()))
    for process in below:  # grows while we go
        below += children.get(process, ())
    return below


def memory_of(processes: Sequence[int]) -> int:
    """Bytes of memory that these hold, of their own or shared among themselves. Our own and Playwright's don't count."""
    held = 0
    for process in processes:
        with suppress(OSError):  # it has ended meanwhile
            status = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace")
            if not status.startswith(("Name:\tpython", "Name:\tnode")):
                held += 1024 * sum(map(int, _KIBIBYTES.findall(status)))
    return held


def end_below(parent: int) -> None:
    """Kill every process that comes from this one, and those that they start meanwhile."""
    end = time.monotonic() + _END_SECONDS
    while (below := processes_below(parent)) and time.monotonic() < end:
        for process in below:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.01)
