"""The product as `make run` starts it, seen from outside: its pages, its caught mail, and its clock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import pytest
from playwright.sync_api import Page

from atlas.demo.people import PASSWORD
from atlas.demo.processes import free_port
from atlas.demo.state import State
from tests.atlas.demo.running import PROJECT, read_until, started, without_servers

LOOK_EVERY = 0.25
Found = TypeVar("Found")


@dataclass(frozen=True)
class Demo:
    """The addresses that the start-up message names, and the folder with everything else."""

    site: str
    mail: str
    policy_site: str
    folder: Path

    def newest_mail(self, to: str, words: str, *, seconds: float = 30) -> dict[str, Any]:
        """The newest mail to this address with these words in its subject, as soon as it is caught."""

        def found() -> dict[str, Any] | None:
            return next((mail for mail in self.mails(to) if words in mail["subject"]), None)

        return until(found, f"a mail to {to} with “{words}” in its subject", seconds=seconds)

    def mails(self, to: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"{self.mail}/messages.json?to={quote(to)}", timeout=10) as answer:
            mails: list[dict[str, Any]] = json.load(answer)
            return mails

    def do_at(self, moment: datetime, code: str) -> None:
        """Run some Python beside the processes, on their database, at another moment by the product's own clock."""
        script = f"""
from datetime import datetime
from atlas.kernel import clock
from monitoring import pipeline
with clock.at(datetime.fromisoformat({moment.isoformat()!r})):
    {code}
"""
        shell = 'set -e; . "$1"; exec "$2" manage.py shell -c "$3"'
        command = ["sh", "-c", shell, "sh", str(self.folder / "environment"), sys.executable, script]
        done = subprocess.run(command, cwd=PROJECT, env=without_servers(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Started in an empty folder, its history read; stopped and removed at the end."""
    try:
        with started(["atlas.demo.supervisor"], PORT=str(free_port()), ATLAS_STATE=str(folder)) as process:
            said = read_until(process, "Ctrl-C stops everything")
            yield Demo(
                site=_named(said, r"ConductAtlas runs .*?: (http://\S+)"),
                mail=_named(said, r"All mail is caught at: +(http://\S+?)/\s"),
                policy_site=_named(said, r"The policy site: +(http://\S+?)/\s"),
                folder=folder,
            )
    finally:
        if folder.exists():
            State.take(folder).remove()


def _named(said: str, pattern: str) -> str:
    found = re.search(pattern, said)
    assert found, f"the start-up message lacks {pattern}:\n{said}"
    return found[1]


def until(look: Callable[[], Found | None], what: str, *, seconds: float) -> Found:
    """What `look` finds as soon as it finds something; the test fails where that takes longer."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            pytest.fail(f"{what} did not come within {seconds:.0f} s")
        time.sleep(LOOK_EVERY)
    return found


def sign_in(page: Page, demo: Demo, email: str, path: str) -> None:
    """Go to a page that asks who one is, and be there."""
    page.goto(f"{demo.site}{path}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
