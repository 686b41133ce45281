"""A real HTTP server that watches how it is read: when each request arrives, and how many connections are open at once.

A connection counts as open while the other side holds it: the kernel is asked (TCP_INFO), so that one whose process was
killed is over at once, whether this server has noticed or not.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_ESTABLISHED = 1  # tcpi_state, the first byte of TCP_INFO (tcp(7), linux/tcp.h)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request: `at` is read before it is answered, on the clock of `time.monotonic`."""

    at: float
    path: str
    headers: Mapping[str, str]


@dataclass
class Log:
    """What several witnesses have seen, with one lock for all of them."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    arrivals: int = 0

    def wait_for(self, arrivals: int, *, seconds: float) -> bool:
        """Has the so-manieth request arrived, at the latest after these seconds?"""
        with self.changed:
            return self.changed.wait_for(lambda: self.arrivals >= arrivals, timeout=seconds)


class Witness:
    """`answer` says what a path answers: status, headers and body. It may wait, for a test that holds a reader."""

    def __init__(
        self, answer: Callable[[Arrival], tuple[int, Mapping[str, str], bytes]], *, log: Log | None = None
    ) -> None:
        self.log = log or Log()
        self.arrivals: list[Arrival] = []
        self.most_open = 0
        self._answer = answer
        self._open: list[socket.socket] = []
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def forget(self) -> None:
        """Begin to watch now."""
        with self.log.changed:
            self.arrivals.clear()
            self.most_open = 0

    def opened(self, connection: socket.socket) -> None:
        with self.log.changed:
            self._open = [one for one in self._open if _is_held(one)] + [connection]
            self.most_open = max(self.most_open, len(self._open))

    def arrived(self, path: str, headers: Mapping[str, str]) -> Arrival:
        with self.log.changed:
            arrival = Arrival(time.monotonic(), path, headers)
            self.arrivals.append(arrival)
            self.log.arrivals += 1
            self.log.changed.notify_all()
        return arrival

    def answer(self, arrival: Arrival) -> tuple[int, Mapping[str, str], bytes]:
        return self._answer(arrival)


def _is_held(connection: socket.socket) -> bool:
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _ESTABLISHED
    except OSError:  # closed on our side since
        return False


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that is killed in the middle is what the tests are about."""


def _handler_of(witness: Witness) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            witness.opened(self.request)
            super().setup()

        def do_GET(self) -> None:
            arrival = witness.arrived(self.path, {name.lower(): value for name, value in self.headers.items()})
            status, headers, body = witness.answer(arrival)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler
