"""Real captures through the browser: `python -m tests.measures.browsing [HOW_MANY]` serves them on this machine, and prints
how each is told beside its label and beside what a static reading makes of the same bytes.

The captures are what a browser had made of the pages when they were taken, with their scripts; the hosts that these ask for
can't be reached. So this shows that reading in the browser does no harm to what is there, not that it brings what isn't.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from monitoring.extraction.errors import InvalidSelector
from monitoring.fetching.browser import client as browser
from monitoring.fetching.errors import FetchFailed
from monitoring.fetching.judging import HowToRead, Judgement, Page, judge
from monitoring.fetching.outcomes import Reason
from tests.measures.pack import DATA, Pages
from tests.wire.server import WireServer

PACK = DATA / "pages"


@dataclass(frozen=True, slots=True)
class Told:
    """One capture: what its label says, what static reading and the browser tell, and how alike their texts are."""

    name: str
    label: str
    static: str
    browser: str
    same_text: bool
    seconds: float

    @property
    def holds(self) -> bool:
        """A document is told as one, a failure as a failure of whatever kind."""
        return (self.browser == "document") == (self.label == "document")

    @property
    def held_statically(self) -> bool:
        return (self.static == "document") == (self.label == "document")


def chosen(most: int) -> list[dict[str, Any]]:
    """The last document and the last failure of each kind of every source of HTML, spread over the services."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    with (PACK / "index.jsonl").open(encoding="utf-8") as lines:
        for capture in map(json.loads, lines):
            if capture["media_type"] == "text/html" and not capture["uncertain"] and capture["sources"] == 1:
                found[capture["service"], capture["terms"], capture["kind"]] = capture
    captures = list(found.values())
    step = max(1, len(captures) // most)
    return captures[::step][:most]


def tell(captures: Sequence[dict[str, Any]]) -> Iterator[Told]:
    pages = Pages(capture["sha256"] for capture in captures)
    with WireServer() as site:
        for capture in captures:
            content, path = pages[capture["sha256"]], f"/{capture['sha256'][:12]}"
            site.answers(path, body=content, headers={"Content-Type": "text/html"})
            began = time.perf_counter()
            seen = _in_browser(capture, site.url(path))
            took = time.perf_counter() - began
            static = _judged(capture, content, 200)
            yield Told(
                name=f"{capture['service']}/{capture['terms']}",
                label=capture["kind"],
                static=_word(static),
                browser=_word(seen),
                same_text=static.text is not None and seen.text is not None and static.text.sha256 == seen.text.sha256,
                seconds=took,
            )


def _in_browser(capture: dict[str, Any], url: str) -> Judgement:
    try:
        fetched = browser.fetch(url, select=capture["select"])
    except FetchFailed as failure:
        return Judgement(None, failure.reason, failure.why)
    return _judged(capture, fetched.content, fetched.status)


def _judged(capture: dict[str, Any], content: bytes, status: int) -> Judgement:
    page = Page(content, status, "text/html", None, capture["url"], capture["url"], {})
    how = HowToRead(capture["select"], capture["remove"], capture["terms"])
    try:
        told = judge([(page, how)], kind=capture["terms"], language=None, previous=None)
    except InvalidSelector as error:
        return Judgement(None, Reason.SELECTOR, str(error))
    # A redesign breaks selectors; the page is still the document.
    return (
        told
        if told.reason != Reason.SELECTOR
        else judge([(page, HowToRead((), (), capture["terms"]))], kind=capture["terms"], language=None, previous=None)
    )


def _word(judgement: Judgement) -> str:
    return "document" if judgement.reason is None else str(judgement.reason)


def main() -> int:
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    captures = chosen(most)
    told = []
    for each in tell(captures):
        told.append(each)
        mark = "" if each.holds else "  <-- not as labelled"
        same = "same text" if each.same_text else "another text"
        sys.stdout.write(
            f"{each.name:<60} {each.label:<11} {each.static:<12} {each.browser:<12} {same} {each.seconds:5.1f} s{mark}\n"
        )
        sys.stdout.flush()
    sys.stdout.write(
        f"{len(told)} captures: as labelled in the browser {sum(each.holds for each in told)}, statically"
        f" {sum(each.held_statically for each in told)}; the same text"
        f" {sum(each.same_text for each in told)} of {sum(each.browser == each.static == 'document' for each in told)};"
        f" labels {dict(Counter(each.label for each in told))}\n"
    )
    return 0


if __name__ == "__main__":
    import os

    os.environ.update(DJANGO_SETTINGS_MODULE="atlas.settings", ATLAS_ALLOW_LOOPBACK="1", SECRET_KEY="only to measure")
    import django

    django.setup()
    raise SystemExit(main())
