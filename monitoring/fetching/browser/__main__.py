"""The browser's process: one Chromium behind one proxy, a page at a time, for whoever stands at its standard input.

It ends after so many pages, with the first page that broke something, when nobody asks for a minute, and when the one who
started it is gone; and nothing of what it started outlives it.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from monitoring.fetching.browser import chromium
from monitoring.fetching.browser.messages import Question, Terms, line, seen_line
from monitoring.fetching.browser.proxy import Proxy

IDLE_SECONDS = 60.0

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_MOST_LINE = 2**20


async def serve(terms: Terms, reader: asyncio.StreamReader, folder: Path) -> None:
    from playwright.async_api import async_playwright

    from monitoring.fetching.browser.visiting import Visit

    async def allowed(url: str) -> str:
        say(line("may", url=url))
        message = await _next(reader)
        return str(message["refusal"]) if message else "nobody waits for this page any more"

    proxy = Proxy()
    await proxy.start()
    async with async_playwright() as playwright:
        try:
            browser = await chromium.start(playwright, terms, proxy_port=proxy.port, folder=folder)
        except chromium.DidNotStart as error:
            say(line("unusable", why=str(error)))
            return
        say(line("ready", version=browser.version))
        for page in range(1, terms.pages + 1):
            try:
                message = await asyncio.wait_for(_next(reader), IDLE_SECONDS)
            except TimeoutError:
                return
            if message is None:
                return
            question = Question(message["url"], message["language"], tuple(message["wait_for"]))
            visit = Visit(browser, proxy, terms, question, allowed)
            seen = await visit.run()
            last = visit.broke or page == terms.pages
            say(seen_line(seen, last=last))
            if last:
                os._exit(_end(folder))  # not by Playwright's way out, which waits for a browser that may not answer


async def _next(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    text = await reader.readline()
    return dict(json.loads(text)) if text else None


def say(message: bytes) -> None:
    sys.stdout.buffer.write(message)
    sys.stdout.buffer.flush()


def _end(folder: Path) -> int:
    chromium.end_below(os.getpid())
    with suppress(ChildProcessError):  # none is left
        while True:
            os.waitpid(-1, 0)
    shutil.rmtree(folder, ignore_errors=True)
    return 0


async def main() -> None:
    reader = asyncio.StreamReader(limit=_MOST_LINE)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    message = await _next(reader)
    if message is None:
        return
    terms = Terms(**{**message, "loopback_ports": tuple(message["loopback_ports"])})
    # The kernel tells us when the one who started us is gone; what Chromium leaves behind becomes our child.
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.getppid() != terms.parent:
        return
    settings.configure(EGRESS_ALLOW_LOOPBACK=terms.allow_loopback, EGRESS_LOOPBACK_PORTS=terms.loopback_ports)
    folder = Path(tempfile.mkdtemp(prefix="atlas-browser-"))
    os.environ["TMPDIR"] = str(folder)  # what Playwright puts down goes with it
    for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(ending, lambda: os._exit(_end(folder)))
    try:
        await serve(terms, reader, folder)
    except Exception:
        traceback.print_exc()
        raise SystemExit(1) from None
    finally:
        _end(folder)


if __name__ == "__main__":
    asyncio.run(main())
