"""The only way out of the browser: a proxy on a loopback port that resolves each name itself, judges its addresses as egress
does, and connects to a judged one. Redirects, sub-resources, frames, WebSockets and workers all come through here.

What it promises to hosts: one connection at a time to each. A second one is opened where others wait and the first is older
than five seconds (a WebSocket or a long answer may never let go), and never a third.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from atlas.kernel.connecting import (
    AddressRefused,
    ConnectFailed,
    EgressError,
    Resolver,
    TimedOut,
    TooLarge,
    judged_addresses,
    system_resolver,
)

Host = tuple[str, int]

_MOST_HEAD = 128 * 1024
_PIECE = 64 * 1024
_MOST_CONNECTIONS = 64
_HEAD_SECONDS = 30.0
_CONNECT_SECONDS = 10.0
#: For so long one connection has a host for itself; then another may stand beside it.
_HELD_FOR_LONG = 5.0
_LOOK_EVERY = 0.5
_MOST_WAITED = 40.0
#: Headers that are between the browser and us.
_HOP = frozenset({b"proxy-connection", b"proxy-authorization", b"connection", b"keep-alive"})


class _Turns:
    """Of one host: the first connection's, and the spare one's for when the first is held for long."""

    def __init__(self) -> None:
        self._first, self._spare = asyncio.Semaphore(1), asyncio.Semaphore(1)
        self._held_since = 0.0

    async def take(self) -> asyncio.Semaphore:
        """Raises TimedOut where neither comes free."""
        end = time.monotonic() + _MOST_WAITED
        while time.monotonic() < end:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._first.acquire(), _LOOK_EVERY)
                self._held_since = time.monotonic()
                return self._first
            if time.monotonic() - self._held_since >= _HELD_FOR_LONG and not self._spare.locked():
                await self._spare.acquire()
                return self._spare
        raise TimedOut("two connections to the same host did not end in time")


class Traffic:
    """Of one page: what moved, where to, and why hosts couldn't be reached. ``trouble`` is called when it is too much."""

    def __init__(self, most_bytes: int, trouble: Callable[[EgressError], None]) -> None:
        self._most, self._trouble = most_bytes, trouble
        self.moved = 0
        self.addresses: dict[Host, str] = {}
        self.failures: dict[Host, EgressError] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self._turns: dict[Host, _Turns] = {}

    def count(self, size: int) -> None:
        self.moved += size
        if self.moved > self._most:
            too_large = TooLarge(f"The page and what it loads are larger than {self._most} bytes.")
            self._trouble(too_large)
            raise too_large

    @asynccontextmanager
    async def turn(self, host: Host) -> AsyncIterator[None]:
        """The right to a connection to the host. Raises TimedOut."""
        taken = await self._turns.setdefault(host, _Turns()).take()
        try:
            yield
        finally:
            taken.release()

    def end(self) -> None:
        for task in self.tasks:
            task.cancel()


class Proxy:
    """One page at a time: between pages nothing passes."""

    def __init__(self, resolve: Resolver = system_resolver) -> None:
        self._resolve = resolve
        self._traffic: Traffic | None = None
        self.port = 0

    async def start(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_MOST_HEAD)
        self.port = server.sockets[0].getsockname()[1]

    def open_page(self, most_bytes: int, trouble: Callable[[EgressError], None]) -> Traffic:
        self.close_page()
        self._traffic = Traffic(most_bytes, trouble)
        return self._traffic

    def close_page(self) -> None:
        """End every connection of the page."""
        if self._traffic is not None:
            self._traffic.end()
            self._traffic = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        traffic, task = self._traffic, asyncio.current_task()
        try:
            if traffic is not None and task is not None and len(traffic.tasks) < _MOST_CONNECTIONS:
                traffic.tasks.add(task)
                await self._pass(reader, writer, traffic)
        except (EgressError, OSError, TimeoutError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # what the browser asked for didn't come; why stands in the page's failures
        finally:
            if traffic is not None and task is not None:
                traffic.tasks.discard(task)
            writer.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, traffic: Traffic) -> None:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEAD_SECONDS)
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        tunnel = method == "CONNECT"
        host = _host_of(f"//{target}" if tunnel else target, default=443 if tunnel else 80)
        async with traffic.turn(host):
            try:
                far_reader, far_writer = await self._connect(host, traffic)
            except EgressError as error:
                traffic.failures.setdefault(host, error)
                if tunnel:
                    writer.write(b"HTTP/1.1 502 Not connected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    await writer.drain()
                return
            try:
                if tunnel:
                    writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                    await _both_ways(reader, writer, far_reader, far_writer, traffic)
                else:
                    traffic.count(len(head))
                    far_writer.write(_to_origin(head, target))
                    await _one_answer(reader, writer, far_reader, far_writer, traffic)
            finally:
                far_writer.close()

    async def _connect(self, host: Host, traffic: Traffic) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a judged address. Raises EgressError."""
        name, port = host
        if port == self.port:
            raise AddressRefused(f"port {port} of {name} is not one that is read")
        loop = asyncio.get_running_loop()
        failure: Exception | None = None
        for address in await loop.run_in_executor(None, judged_addresses, name, port, self._resolve):
            try:
                streams = await asyncio.wait_for(asyncio.open_connection(address, port), _CONNECT_SECONDS)
            except (OSError, TimeoutError) as error:
                failure = error
                continue
            traffic.addresses[host] = address
            return streams
        if isinstance(failure, TimeoutError):
            raise TimedOut(f"{name} did not accept a connection in time") from failure
        raise ConnectFailed(f"{name} accepts no connection on port {port}") from failure


def _host_of(target: str, *, default: int) -> Host:
    """Raises ValueError for what is no address of HTTP."""
    parts = urlsplit(target)
    if parts.scheme not in ("", "http") or not parts.hostname:
        raise ValueError(target)
    return parts.hostname.lower(), parts.port or default


def _to_origin(head: bytes, target: str) -> bytes:
    """The request as the server wants it: a path for an address, one request for a connection."""
    first, *rest = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    method, _, version = first.split(b" ", 2)
    return _lines([b" ".join((method, path.encode("latin-1"), version)), *_without_hops(rest), b"Connection: close"])


def _without_hops(headers: list[bytes]) -> list[bytes]:
    return [header for header in headers if header.partition(b":")[0].strip().lower() not in _HOP]


def _lines(lines: list[bytes]) -> bytes:
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _one_answer(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    traffic: Traffic,
) -> None:
    """The request's body to the server, and its answer back."""
    await _until_one_ends(_one_way(reader, far_writer, traffic), _answer(far_reader, writer, traffic))


async def _answer(far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, traffic: Traffic) -> None:
    """The browser is told that the connection ends with the answer: its next request, which may be for another host, comes
    over another one and is judged anew."""
    while True:
        head = await far_reader.readuntil(b"\r\n\r\n")
        traffic.count(len(head))
        first, *headers = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        status = first.split(b" ", 2)[1]
        if status == b"101":
            raise ValueError("a plain request was answered with another protocol")
        writer.write(_lines([first, *_without_hops(headers), b"Connection: close"]))
        if not status.startswith(b"1"):
            break
    await _one_way(far_reader, writer, traffic)


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    traffic: Traffic,
) -> None:
    await _until_one_ends(_one_way(reader, far_writer, traffic), _one_way(far_reader, writer, traffic))


async def _until_one_ends(*ways: Coroutine[Any, Any, None]) -> None:
    """Neither side closes half of a connection: the end of one way is the end of both."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _one_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, traffic: Traffic) -> None:
    while piece := await reader.read(_PIECE):
        traffic.count(len(piece))
        writer.write(piece)
        await writer.drain()
