"""What one reading in the browser costs: processor time of all its processes, and the most memory that they hold together."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil

from tests.benchmarks.measuring import Surprise, say
from tests.benchmarks.site import Mode, Site

READINGS = 10
LOOK_EVERY = 0.2
SCRIPT = b"""<!doctype html><html lang=en><title>Terms</title><div id=app></div><script>
fetch("MADE_UP").then((answer) => answer.text()).then((text) => { document.getElementById("app").innerHTML = text })
</script></html>"""


def bench_browser(place: Site, shell: str) -> None:
    """A shell whose script fetches 5,000 words; the browser is started once."""
    from django.conf import settings

    from monitoring.fetching.browser import asking

    settings.BROWSER = "auto"
    place.answers(Mode.SAME_BYTES)
    try:
        asking.terms()
    except asking.NoBrowser as missing:
        say(f"Reading in the browser is left out: {missing}")
        return
    url = place.url(shell)
    _read(url)
    started = _spent()
    memory = Memory()
    with memory:
        for _ in range(READINGS):
            _read(url)
        spent = _spent() - started
    asking.close()
    say(
        f"Reading in the browser: {spent / READINGS:.2f} CPU seconds a page of 5,000 words (of {READINGS});"
        f" {started:.2f} to start it and read the first; {memory.most / 2**20:.0f} MiB at most"
    )


def _read(url: str) -> None:
    from monitoring.fetching.browser import asking

    seen = asking.read(url)
    if seen.reason or b"In paragraph 59 we say" not in (seen.rendered or b""):
        raise Surprise(f"the browser saw no text: {seen.reason} {seen.why}")


def _spent() -> float:
    """Of all processes below us, with those of their children that ended."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


class Memory:
    """The most memory that the processes below us held at once, shared pages counted once (PSS)."""

    def __init__(self) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            held = 0
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    held += process.memory_full_info().pss
            self.most = max(self.most, held)
