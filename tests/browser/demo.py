"""The product as `make run` starts it, seen from outside: its pages, its caught mail, its desk, and its clock."""

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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

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

    def send_digests(self, moment: datetime) -> None:
        """Make and send the digests that are due at that moment by the product's own clock, beside the processes."""
        script = f"""
from datetime import datetime
from atlas.kernel import clock
from monitoring import pipeline
with clock.at(datetime.fromisoformat({moment.isoformat()!r})):
    pipeline.make_digests()
    pipeline.deliver()
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


def next_monday_morning(zone: str) -> datetime:
    """When a digest has just become due by the clocks of this zone."""
    now = datetime.now(ZoneInfo(zone))
    return (now + timedelta(days=7 - now.weekday())).replace(hour=8, minute=5)


def sign_in(page: Page, demo: Demo, email: str, path: str) -> None:
    """Go to a page that asks who one is, and be there."""
    page.goto(f"{demo.site}{path}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def publish(page: Page, demo: Demo, document: str) -> None:
    """Press the button of a document (`platform/slug`) on the policy site."""
    page.goto(demo.policy_site)
    card = page.get_by_role("article").filter(has=page.locator(f'a[href="/{document}"]'))
    coming = card.get_by_text("Next: ").inner_text().removeprefix("Next: ")
    card.get_by_role("button", name="Publish the next version").click()
    expect(card.locator("p").first).to_contain_text(coming)


def open_from_queue(page: Page, words: str, *, seconds: float) -> None:
    """Open the change whose row has these words, as soon as the analysts' queue shows it."""
    row = page.get_by_role("listitem").filter(has_text=words)

    def listed() -> bool:
        page.reload()
        return row.count() == 1

    until(listed, "the change in the queue", seconds=seconds)
    row.get_by_role("link").first.click()


def approve(page: Page, words: str) -> None:
    """Release the open change with these words."""
    page.get_by_label("in your words").fill(words)
    page.get_by_role("button", name="Approve and release").click()
    expect(page.get_by_text("released with your words")).to_be_visible()
