"""`make screenshots`: photograph eight pages, and the newest mail of two kinds, light and dark, wide and narrow; and the
picture of the README.

    python -m tests.screenshots [--site URL] [--mail URL] [--to FOLDER]

Without --site the demo is started in a scratch folder of its own and stopped afterwards. The pictures are for people to
look at; they lie in .atlas/screenshots, out of git.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, sync_playwright

from atlas.demo.people import ANALYST, DOMAIN
from tests.browser.demo import (
    Demo,
    approve,
    next_monday_morning,
    open_from_queue,
    publish,
    running_demo,
    sign_in,
)
from tests.run import chromium

COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"wide": 1440, "narrow": 360}
MAILS = {"alert": "You get this because", "digest": "You get this once a week"}
PLATFORM = "/platforms/wrenfold/"
DOCUMENT = f"{PLATFORM}terms-of-service/"
MEMBER = f"watcher@{DOMAIN}"
WORDS = (
    "The free service may show advertisements, chosen by the topic of the conversation. Identifiers of your device go to "
    "advertising partners, who measure what their advertisements did. Both can be objected to under Settings."
)
OF_THE_README = "Liability cap: 24 months → 12 months"
FOR_THE_README = "readme.png"


class NothingToShow(RuntimeError):
    """The site doesn't run, or doesn't show what is to be photographed."""


def with_mails(browser: Browser, demo: Demo) -> None:
    """Have an alert and a digest sent: a version is published, an analyst approves the change, and Monday comes."""
    page = browser.new_page()
    publish(page, demo, "wrenfold/privacy-policy")
    sign_in(page, demo, ANALYST, "/admin/")
    open_from_queue(page, "Wrenfold · Privacy Policy", seconds=60)
    approve(page, WORDS)
    page.close()
    demo.newest_mail(MEMBER, "Wrenfold")
    demo.send_digests(next_monday_morning("UTC"))


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
    with urllib.request.urlopen(f"{catcher}/messages.json?to={MEMBER}", timeout=10) as answer:
        caught = json.load(answer)
    found = {}
    for name, word in MAILS.items():
        numbers = [mail["id"] for mail in caught if word in mail["text"]]
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


def picture_of(browser: Browser, site: str, target: Path) -> Path:
    """A short change as a visitor first sees it, with its words and what differs in them."""
    page = browser.new_page(viewport={"width": 1200, "height": 1230}, color_scheme="light")
    page.goto(f"{site}/changes/")
    page.get_by_role("link", name=OF_THE_README).first.click()
    page.evaluate("document.fonts.ready")
    page.screenshot(path=target)
    page.close()
    return target


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__, add_help=True)
    parser.add_argument("--site", default="", help="a running site; without it the demo is started")
    parser.add_argument("--mail", default="", help="the mail catcher of that site")
    parser.add_argument("--to", type=Path, default=Path(".atlas/screenshots"))
    asked = parser.parse_args(arguments)
    binary = chromium()
    if binary is None:
        sys.stderr.write("No Chromium found: apt-get install chromium, or set CHROMIUM.\n")
        return 1
    asked.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary)
        try:
            if asked.site:
                taken = _take(browser, asked.site.rstrip("/"), asked.mail.rstrip("/"), asked.to)
            else:
                taken = _take_demo(browser, asked.to)
        except NothingToShow as error:
            sys.stderr.write(f"{error}\n")
            return 1
        finally:
            browser.close()
    sys.stdout.write(f"{len(taken)} pictures in {asked.to}\n")
    return 0


def _take_demo(browser: Browser, folder: Path) -> list[Path]:
    with tempfile.TemporaryDirectory(prefix="conductatlas-screenshots-") as scratch:
        Path(scratch).chmod(0o711)  # PostgreSQL's own user must be able to walk through
        with running_demo(Path(scratch) / "state") as demo:
            with_mails(browser, demo)
            return _take(browser, demo.site, demo.mail, folder)


def _take(browser: Browser, site: str, catcher: str, folder: Path) -> list[Path]:
    found = pages(browser, site)
    taken = photograph(browser, found | (mails(catcher) if catcher else {}), folder)
    return [*taken, picture_of(browser, site, folder / FOR_THE_README)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
