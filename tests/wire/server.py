"""A real HTTP server on this machine, told by a test what to answer. It keeps what it was asked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came. ``connection`` is equal for requests over the same connection."""

    path: str
    headers: Mapping[str, str]
    connection: int


@dataclass(frozen=True)
class Answer:
    """What a path answers. ``raw`` replaces the whole answer and hangs up; ``silent`` never answers.

    ``endless`` sends its bytes again and again, slowly, until the other side leaves; ``endless_head`` does so with headers.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    silent: bool = False
    endless: bytes = b""
    endless_head: bool = False
    hang_up: bool = False


class WireServer:
    """``with WireServer() as site: site.answers("/terms", body=b"…"); … site.url("/terms") … site.asked``"""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.dripped = 0  # bytes of endless answers that the other side, or its kernel, has taken
        self._answers: dict[str, list[Answer]] = {}
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._scheme = "http"
        if tls is not None:
            self._scheme = "https"
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def answers(self, path: str, *answers: Answer, **one: object) -> None:
        """The answers of a path in order; the last one stays."""
        self._answers[path] = list(answers) or [Answer(**one)]  # type: ignore[arg-type]

    def redirects(self, path: str, location: str, status: int = 302, headers: Mapping[str, str] | None = None) -> None:
        self.answers(path, Answer(status=status, headers={"Location": location, **(headers or {})}))

    def paths_asked(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def next_answer(self, path: str) -> Answer:
        answers = self._answers.get(path, [Answer(status=404, body=b"nothing here")])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def drip(self, data: bytes) -> Iterable[bytes]:
        while not self._closing.wait(0.02):
            yield data

    def wait_until_closed(self) -> None:
        self._closing.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The other side leaving in the middle is what many tests are about."""
        return


def _handler_of(site: WireServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append(Asked(self.path, headers, self.client_address[1]))
            answer = site.next_answer(urlsplit(self.path).path)
            if answer.silent:
                site.wait_until_closed()
                self.close_connection = True
                return
            if answer.raw is not None:
                self.wfile.write(answer.raw)
                self.close_connection = True
                return
            if answer.endless_head:
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                for piece in site.drip(b"X-More: and more\r\n"):
                    self.wfile.write(piece)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.endless:
                self.end_headers()
                for piece in site.drip(answer.endless):
                    self.wfile.write(piece)
                    site.dripped += len(piece)
                return
            if answer.status != 304 and "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.status != 304:
                self.wfile.write(answer.body)
            if answer.hang_up:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler
