"""One page in the browser: gone to, waited for, written down, photographed. In whatever way it ends, it ends in time."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import Browser, BrowserContext, CDPSession, Error, Frame, Page

from atlas.kernel.connecting import AddressRefused, ConnectFailed, DnsFailed, EgressError, TimedOut, TooLarge
from monitoring.fetching.browser.chromium import memory_of, processes_below
from monitoring.fetching.browser.messages import Question, Seen, Terms
from monitoring.fetching.browser.proxy import Proxy, Traffic
from monitoring.fetching.outcomes import Reason

#: Whether the window may go to another address than the one that was asked for: "" or why not.
Allowed = Callable[[str], Awaitable[str]]

HTML = frozenset({"text/html", "application/xhtml+xml", ""})
#: Kinds of answers that are read as received; Chromium would offer them for download or show them in a frame of its own.
AS_RECEIVED = frozenset({"application/pdf", "text/plain", "text/markdown"})
MOST_HTML = 20 * 1024 * 1024
MOST_STEPS = 10  # of the window, by redirects and by scripts

_LOOK_EVERY = 0.25
_REST = 0.75  # seconds for which a text has to stand
_PATIENCE = 0.2  # of a page's time, for a text that doesn't stand, or isn't there yet
_MEMORY_EVERY = 0.2
_LOOKS_A_CENSUS = 5
_PICTURE_SECONDS = 3.0
_FEW_WORDS = 120
_MOST_FRAMES = 5
_LEAST_FRAME = (400, 300)  # pixels: a smaller one holds no document
_PICTURE_QUALITY = 40
_FOLDER = Path(__file__).parent
_SERIALIZE = (_FOLDER / "serialize.js").read_text(encoding="utf-8")
_STATE = (_FOLDER / "state.js").read_text(encoding="utf-8")

_OF_EGRESS: dict[type[EgressError], Reason] = {
    AddressRefused: Reason.ADDRESS_REFUSED,
    ConnectFailed: Reason.CONNECT,
    DnsFailed: Reason.DNS,
    TimedOut: Reason.TIMEOUT,
    TooLarge: Reason.TOO_LARGE,
}
#: Chromium's names for what went wrong (net/base/net_error_list.h), where they say more than "no connection".
_OF_NET = {
    "net::ERR_TOO_MANY_REDIRECTS": Reason.REDIRECT_LOOP,
    "net::ERR_TIMED_OUT": Reason.TIMEOUT,
    "net::ERR_CONNECTION_TIMED_OUT": Reason.TIMEOUT,
    "net::ERR_INVALID_HTTP_RESPONSE": Reason.ERROR,
    "net::ERR_INVALID_REDIRECT": Reason.ERROR,
    "net::ERR_UNSAFE_REDIRECT": Reason.ADDRESS_REFUSED,
    "net::ERR_UNSAFE_PORT": Reason.ADDRESS_REFUSED,
    "net::ERR_DISALLOWED_URL_SCHEME": Reason.ADDRESS_REFUSED,
    "net::ERR_UNKNOWN_URL_SCHEME": Reason.ADDRESS_REFUSED,
    "net::ERR_CONTENT_DECODING_FAILED": Reason.ERROR,
}


class Ended(Exception):
    """No page came: the reason, and the words for people."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason, self.why = reason, why


@dataclass
class Received:
    """The last response that the window was made of."""

    url: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Visit:
    """Reads one page in a context of its own; not used again."""

    def __init__(self, browser: Browser, proxy: Proxy, terms: Terms, question: Question, allowed: Allowed) -> None:
        self._browser, self._proxy, self._terms = browser, proxy, terms
        self._question, self._allowed = question, allowed
        self._received = Received()
        self._steps = 0
        self._led: list[tuple[int, str, str]] = []
        self._is_led = False  # by a redirect, to what is asked for next
        self._moving: set[Any] = set()
        self._page: Page | None = None
        self._main = ""
        self._waited = 0.0  # for answers about robots.txt, which don't count
        self._trouble: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self.broke = False  # whether the browser can't be trusted with another page

    async def run(self) -> Seen:
        traffic = self._proxy.open_page(self._terms.page_bytes, self._too_much)
        self._spawn(self._watch_memory())
        context: BrowserContext | None = None
        try:
            context = await self._browser.new_context(
                accept_downloads=False,
                locale=self._question.language or "en",
                reduced_motion="reduce",
                service_workers="block",
                timezone_id="UTC",
                viewport={"width": 1280, "height": 800},
            )
            rendered = await self._in_time(self._read(context, traffic))
            return await self._seen(traffic, rendered=rendered)
        except Ended as ended:
            return await self._seen(traffic, reason=ended.reason, why=ended.why)
        except Error as error:
            self.broke = True
            why = f"The browser ended while it read this page ({error.message.splitlines()[0][:200]})."
            return await self._seen(traffic, reason=Reason.TOO_COMPLEX, why=why)
        finally:
            for task in self._tasks:
                task.cancel()
            self._proxy.close_page()
            if context is not None and not self.broke:
                try:
                    await asyncio.wait_for(context.close(), 5)
                except (Error, TimeoutError):
                    self.broke = True

    async def _in_time(self, reading: Coroutine[Any, Any, bytes | None]) -> bytes | None:
        """Ends with the page, with its time, or with what is wrong with it, whatever comes first."""
        task, began = asyncio.ensure_future(reading), time.monotonic()
        try:
            while True:
                left = began + self._terms.seconds + self._waited - time.monotonic()
                if left <= 0:
                    raise self._out_of_time()
                ends: set[asyncio.Future[Any]] = {task, self._trouble}
                await asyncio.wait(ends, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if self._trouble.done():
                    self._trouble.result()
                if task.done():
                    return task.result()
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=1)

    def _out_of_time(self) -> Ended:
        self.broke = True
        seconds = f"{self._terms.seconds:.0f} seconds"
        if not self._received.status:
            return Ended(Reason.TIMEOUT, f"The page did not come within {seconds}.")
        return Ended(Reason.TOO_COMPLEX, f"The page did not come to rest in the browser within {seconds}.")

    def _end(self, ended: Ended) -> None:
        if not self._trouble.done():
            self._trouble.set_exception(ended)
            self._trouble.exception()  # it may be that nobody waits for it any more

    def _too_much(self, error: EgressError) -> None:
        self._end(Ended(_OF_EGRESS[type(error)], str(error)))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _watch_memory(self) -> None:
        """Who belongs to us is asked once a second, what they hold more often."""
        below: list[int] = []
        for look in itertools.count():
            if look % _LOOKS_A_CENSUS == 0:
                below = await asyncio.to_thread(processes_below, os.getpid())
            if memory_of(below) > self._terms.memory:
                self.broke = True
                mib = self._terms.memory // 2**20
                self._end(Ended(Reason.TOO_COMPLEX, f"The page took more than {mib} MiB in the browser."))
                return
            await asyncio.sleep(_MEMORY_EVERY)

    # --- Going there --------------------------------------------------------------------------------------------------

    async def _read(self, context: BrowserContext, traffic: Traffic) -> bytes | None:
        """The page after its scripts, in UTF-8; None where the answer is taken as received. Raises Ended or Error."""
        page = self._page = await context.new_page()
        context.on("page", lambda other: self._spawn(_close(other)))
        page.on("crash", lambda _: self._crashed())
        page.on("request", lambda request: self._moving.add(request))
        page.on("requestfinished", lambda request: self._moving.discard(request))
        page.on("requestfailed", lambda request: self._moving.discard(request))
        session = await context.new_cdp_session(page)
        self._main = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        session.on("Fetch.requestPaused", lambda event: self._spawn(self._paused(session, event)))
        stages = [{"resourceType": "Document", "requestStage": stage} for stage in ("Request", "Response")]
        await session.send("Fetch.enable", {"patterns": stages})
        answer = await session.send("Page.navigate", {"url": self._question.url})
        error = answer.get("errorText", "")
        if self._taken_as_received():
            return None
        if error and not self._received.status:
            raise self._unreachable(traffic, error)
        if answer.get("isDownload"):
            kind = self._received.media_type or "no media type"
            raise Ended(Reason.ERROR, f"The address gives a file to download ({kind}), not a page.")
        if error:  # an answer without a body
            return self._received.body
        return await self._rest(page, session, traffic)

    def _crashed(self) -> None:
        self.broke = True
        self._end(Ended(Reason.TOO_COMPLEX, "The page broke the browser, most likely by the memory that it took."))

    def _taken_as_received(self) -> bool:
        return 200 <= self._received.status < 300 and self._received.media_type in AS_RECEIVED

    def _unreachable(self, traffic: Traffic, error: str) -> Ended:
        parts = urlsplit(self._received.url or self._question.url)
        host = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        failure = traffic.failures.get(host)
        if failure is not None:
            return Ended(_OF_EGRESS.get(type(failure), Reason.CONNECT), str(failure))
        name = error.removeprefix("net::")
        reason = _OF_NET.get(error, Reason.TLS if name.startswith(("ERR_CERT_", "ERR_SSL_")) else Reason.CONNECT)
        return Ended(reason, f"The browser could not read {parts.hostname or parts.path}: {name}.")

    async def _paused(self, session: CDPSession, event: dict[str, Any]) -> None:
        """A document is about to be asked for, or has begun to come. The window's own is looked at, others go on."""
        with suppress(Error):  # the page may be gone by now
            ours = event["frameId"] == self._main
            if ours and await (self._answered(session, event) if "responseStatusCode" in event else self._goes(event)):
                await session.send("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": "Aborted"})
            else:
                await session.send("Fetch.continueRequest", {"requestId": event["requestId"]})

    async def _goes(self, event: dict[str, Any]) -> bool:
        """Whether this step of the window has to be stopped."""
        url = event["request"]["url"] + event["request"].get("urlFragment", "")
        if self._received.url and not self._is_led:
            self._led.append((0, self._received.url, url))
        self._is_led = False
        self._received = Received(url=url)
        self._steps += 1
        if self._steps > MOST_STEPS + 1:
            self._end(Ended(Reason.REDIRECT_LOOP, f"The page sends the browser on more than {MOST_STEPS} times."))
            return True
        if urldefrag(url)[0] == urldefrag(self._question.url)[0]:
            return False
        began = time.monotonic()
        refusal = await self._allowed(url)
        self._waited += time.monotonic() - began
        if refusal:
            self._end(Ended(Reason.ROBOTS, refusal))
        return bool(refusal)

    async def _answered(self, session: CDPSession, event: dict[str, Any]) -> bool:
        """Keep the answer as received. True where it isn't shown in the browser."""
        headers: dict[str, str] = {}
        for header in event.get("responseHeaders", ()):
            name = header["name"].lower()
            headers[name] = f"{headers[name]}, {header['value']}" if name in headers else header["value"]
        status = int(event["responseStatusCode"])
        if 300 <= status < 400 and "location" in headers:
            self._led.append((status, event["request"]["url"], headers["location"]))
            self._is_led = True
            return False
        answer = await session.send("Fetch.getResponseBody", {"requestId": event["requestId"]})
        body = base64.b64decode(answer["body"]) if answer["base64Encoded"] else answer["body"].encode()
        self._received = Received(event["request"]["url"], status, headers, body)
        return self._taken_as_received()

    # --- Waiting and writing down -------------------------------------------------------------------------------------

    async def _rest(self, page: Page, session: CDPSession, traffic: Traffic) -> bytes:
        """Wait until the text stands, and write the page down."""
        selectors = list(self._question.wait_for)
        since = quiet_since = patience_from = time.monotonic()
        url, before = page.url, None
        while True:
            now = time.monotonic()
            state = await self._state(page, session, selectors)
            if page.url != url:
                url, patience_from = page.url, now
            if state is None or state[1] != before:
                since, before = now, state[1] if state else None
            if self._moving:
                quiet_since = now
            if state is not None and state[0]:
                stands, quiet = now - since >= _REST, now - quiet_since >= _REST / 2
                there = state[3] if selectors else quiet and (state[2] >= _FEW_WORDS or self._received.status >= 400)
                if (stands and there) or now - patience_from >= self._terms.seconds * _PATIENCE:
                    html = await self._written(page, session, traffic)
                    if html is not None:
                        return html
            await asyncio.sleep(_LOOK_EVERY)

    async def _state(self, page: Page, session: CDPSession, selectors: list[str]) -> tuple[bool, int, int, bool] | None:
        """None while the window changes its page."""
        state = await self._ask(session, f"{_STATE}({json.dumps(selectors)})")
        if state is None:
            return None
        loaded, number, words, there = state
        for frame in await _large_frames(page):
            with suppress(Error):
                _, more, counted, found = await frame.evaluate(_STATE, selectors)
                number, words, there = number * 31 + more, words + counted, there or found
        return bool(loaded), int(number), int(words), bool(there)

    async def _ask(self, session: CDPSession, expression: str) -> Any:
        """Evaluated in a world of its own, whose Array and JSON no script of the page has changed. None while the window
        changes its page."""
        try:
            world = await session.send("Page.createIsolatedWorld", {"frameId": self._main})
            answer = await session.send(
                "Runtime.evaluate",
                {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True},
            )
        except Error:
            if self._browser.is_connected() and self._page and not self._page.is_closed():
                return None
            raise
        return answer["result"].get("value")

    async def _written(self, page: Page, session: CDPSession, traffic: Traffic) -> bytes | None:
        """The page as it is shown, its large frames in their places. None where it has just changed."""
        failed = (await session.send("Page.getFrameTree"))["frameTree"]["frame"].get("unreachableUrl")
        if failed and not self._received.status:
            self._received.url = failed
            raise self._unreachable(traffic, "net::ERR_FAILED")
        if failed:  # an error status without a body: Chromium shows a page of its own
            return self._received.body
        frames: dict[int, str] = {}
        for number, frame in enumerate(await _large_frames(page)):
            with suppress(Error):
                element = await frame.frame_element()
                await element.evaluate("(e, n) => e.setAttribute('data-atlas-frame', n)", str(number))
                frames[number] = str(await frame.evaluate(_SERIALIZE))
        html = await self._ask(session, _SERIALIZE)
        if not isinstance(html, str):
            return None
        for number, inner in frames.items():
            html = html.replace(f"<!--atlas-frame-{number}-->", _body_of(inner), 1)
        content = html.encode("utf-8", errors="replace")
        if len(content) > MOST_HTML:
            raise Ended(Reason.TOO_LARGE, f"The page is larger than {MOST_HTML} bytes after its scripts.")
        return content

    async def _seen(
        self, traffic: Traffic, *, rendered: bytes | None = None, reason: Reason | None = None, why: str = ""
    ) -> Seen:
        parts = urlsplit(self._received.url)
        host = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        page = self._page
        final = page.url if page is not None and rendered is not None else self._received.url
        return Seen(
            reason=reason.value if reason else "",
            why=why,
            final_url=final if urlsplit(final).scheme in ("http", "https") else self._received.url,
            status=self._received.status,
            headers=self._received.headers,
            address=traffic.addresses.get(host, ""),
            received=self._received.body,
            rendered=rendered,
            picture=await self._picture(),
            bytes_moved=traffic.moved,
            hosts=len(traffic.addresses),
            steps=tuple(self._led),
        )

    async def _picture(self) -> bytes:
        """What stands in the window; nothing where it can't be seen any more."""
        if self._page is None or self._page.is_closed() or not self._received.status:
            return b""
        with suppress(Error, TimeoutError):
            taking = self._page.screenshot(
                type="jpeg", quality=_PICTURE_QUALITY, animations="disabled", timeout=_PICTURE_SECONDS * 1000
            )
            return await asyncio.wait_for(taking, _PICTURE_SECONDS)
        return b""


async def _large_frames(page: Page) -> list[Frame]:
    """Frames in the page itself that are large enough to hold a document, in its order."""
    found: list[Frame] = []
    for frame in page.main_frame.child_frames[: 4 * _MOST_FRAMES]:
        with suppress(Error):
            box = await (await frame.frame_element()).bounding_box()
            if box and box["width"] >= _LEAST_FRAME[0] and box["height"] >= _LEAST_FRAME[1]:
                found.append(frame)
    return found[:_MOST_FRAMES]


def _body_of(html: str) -> str:
    """What a frame's document shows, to stand within another one."""
    start = html.find("<body")
    start = html.find(">", start) + 1 if start >= 0 else 0
    end = html.rfind("</body>")
    return f"<div data-atlas-frame>{html[start : end if end >= start else len(html)]}</div>"


async def _close(page: Page) -> None:
    with suppress(Error):
        await page.close()
