"""`make screenshots`: photograph eight pages, and the newest mail of two kinds, light and dark, wide and narrow.

    python -m tests.screenshots [--site URL] [--mail URL] [--to FOLDER]

Without --site the demo is started in a scratch folder of its own and stopped afterwards. The pictures are for people to
look at; they lie in .atlas/screenshots, out of git.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, sync_playwright

from tests.run import chromium

COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"wide": 1440, "narrow": 360}
MAILS = {"alert": "changed its", "digest": "week"}  # a word of each kind's subject
PLATFORM = "/platforms/wrenfold/"
DOCUMENT = f"{PLATFORM}terms-of-service/"
READY = re.compile(r"ConductAtlas runs .*?: (http://\S+)")
CAUGHT = re.compile(r"All mail is caught at: +(http://\S+)")
STARTING_SECONDS = 180


class NothingToShow(RuntimeError):
    """The site doesn't run, or doesn't show what is to be photographed."""


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """The demo, in a scratch folder and on a free port: (address of the site, of the mail catcher)."""
    from atlas.demo.processes import free_port

    with tempfile.TemporaryDirectory(prefix="conductatlas-screenshots-") as folder:
        log = Path(folder) / "supervisor.log"
        variables = {**os.environ, "ATLAS_STATE": str(Path(folder) / "state"), "PORT": str(free_port())}
        variables = {name: value for name, value in variables.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        Path(folder).chmod(0o711)  # PostgreSQL's own user must be able to walk through
        with log.open("wb") as out:
            command = [sys.executable, "-m", "atlas.demo.supervisor"]
            running = subprocess.Popen(command, env=variables, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield _addresses(running, log)
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(60)


def _addresses(running: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    deadline = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < deadline and running.poll() is None:
        said = log.read_text(encoding="utf-8", errors="replace")
        ready, caught = READY.search(said), CAUGHT.search(said)
        if ready and caught:
            return ready[1].rstrip("/"), caught[1].rstrip("/")
        time.sleep(0.5)
    raise NothingToShow(f"the demo didn't start:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def pages(browser: Browser, site: str) -> dict[str, str]:
    """Name → address of what is photographed, found as a reader would: by following links."""
    page = browser.new_page()
    found = {
        "home": "/",
        "platforms": "/platforms/",
        "platform": PLATFORM,
        "document": DOCUMENT,
        "changes": "/changes/",
    }
    page.goto(f"{site}{DOCUMENT}")
    found["version"] = _link(page, ".timeline__date a")
    found["change"] = _link(page, ".timeline__item--substantive .timeline__summary a")
    page.goto(f"{site}{PLATFORM}")
    found["provision"] = _link(page, 'a[href^="/p/"]')
    page.close()
    return {name: f"{site}{address}" for name, address in found.items()}


def _link(page: Any, selector: str) -> str:
    link = page.query_selector(selector)
    if link is None:
        raise NothingToShow(f"{page.url} has no link {selector}")
    return str(link.get_attribute("href"))


def mails(catcher: str) -> dict[str, str]:
    """Name → address of the newest caught mail of each kind; kinds that were not sent yet are left out."""
    with urllib.request.urlopen(f"{catcher}/messages.json", timeout=10) as answer:
        caught = json.load(answer)
    found = {}
    for name, word in MAILS.items():
        numbers = [mail["id"] for mail in caught if word in mail["subject"].lower()]
        if numbers:
            found[f"mail-{name}"] = f"{catcher}/messages/{max(numbers)}/html"
    return found


def photograph(browser: Browser, addresses: dict[str, str], folder: Path) -> list[Path]:
    """All of them in each colour and width; the names of the files."""
    taken = []
    for colours in COLOURS:
        for width, pixels in WIDTHS.items():
            narrow = width == "narrow"
            context = browser.new_context(
                color_scheme=colours,
                viewport={"width": pixels, "height": 780 if narrow else 900},
                has_touch=narrow,
                is_mobile=narrow,
                device_scale_factor=2 if narrow else 1,
            )
            page = context.new_page()
            for name, address in addresses.items():
                page.goto(address)
                page.evaluate("document.fonts.ready")
                target = folder / f"{name}-{colours}-{width}.png"
                page.screenshot(path=target, full_page=True)
                taken.append(target)
            context.close()
    return taken


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__, add_help=True)
    parser.add_argument("--site", help="a running site; without it the demo is started")
    parser.add_argument("--mail", help="the mail catcher of that site")
    parser.add_argument("--to", type=Path, default=Path(".atlas/screenshots"))
    asked = parser.parse_args(arguments)
    binary = chromium()
    if binary is None:
        sys.stderr.write("No Chromium found: apt-get install chromium, or set CHROMIUM.\n")
        return 1
    asked.to.mkdir(parents=True, exist_ok=True)
    try:
        if asked.site:
            taken = _take(binary, asked.site.rstrip("/"), (asked.mail or "").rstrip("/"), asked.to)
        else:
            with demo() as (site, catcher):
                taken = _take(binary, site, catcher, asked.to)
    except NothingToShow as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{len(taken)} pictures in {asked.to}\n")
    return 0


def _take(binary: str, site: str, catcher: str, folder: Path) -> list[Path]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary)
        try:
            return photograph(browser, pages(browser, site) | (mails(catcher) if catcher else {}), folder)
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
