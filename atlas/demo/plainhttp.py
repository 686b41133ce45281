"""A small HTTP/1.1 server on the standard library, for the demo's own processes, which know nothing of the product."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from urllib.parse import parse_qs, unquote, urlsplit

LARGEST_BODY = 1_000_000
IDLE_SECONDS = 60


class BadRequest(Exception):
    """What was sent can't be used; the words go back to the sender with status 400."""


@dataclass(frozen=True)
class Request:
    """What was asked for: the path is decoded and without its query; header names are in lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def is_json(self) -> bool:
        return self.headers.get("content-type", "").startswith("application/json")

    def fields(self) -> Mapping[str, object]:
        """The fields of a JSON object or of a form; raises BadRequest for anything else."""
        if self.is_json:
            try:
                sent = json.loads(self.body)
            except ValueError as error:
                raise BadRequest(f"the body is no JSON: {error}") from error
            if not isinstance(sent, dict):
                raise BadRequest("the body must be a JSON object")
            return sent
        return {name: values[-1] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}


@dataclass(frozen=True)
class Response:
    """What is sent back. Content-Length, Date and the connection's fate are the server's business."""

    status: int
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def html(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, body.encode(), headers=headers or {})


def as_json(content: object, status: int = 200) -> Response:
    return Response(status, json.dumps(content, indent=2).encode() + b"\n", "application/json")


def see_other(location: str) -> Response:
    """The answer to a form: go and look there (with GET)."""
    return Response(303, headers={"Location": location})


class PlainServer(ThreadingHTTPServer):
    """Serves `answer` over keep-alive connections, each in a thread that dies with the process."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Callable[[Request], Response], host: str, port: int) -> None:
        self.answer = answer
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that hangs up is nothing to report; everything else is printed."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: PlainServer
    protocol_version = "HTTP/1.1"
    server_version = "plain"
    sys_version = ""
    timeout = IDLE_SECONDS
    # Headers and body leave in two writes: without this, a keep-alive reader waits 40 ms for the second.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(Response(413, b"The body is too large.\n", "text/plain; charset=utf-8"))
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(address.path),
            query={name: values[-1] for name, values in parse_qs(address.query).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(length)),
        )
        try:
            response = self.server.answer(request)
        except BadRequest as error:
            response = as_json({"error": str(error)}, 400)
        self._send(response)

    do_GET = do_HEAD = do_POST = do_DELETE = _serve

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != 304:
            self.send_header("Content-Type", response.media_type)
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status != 304:
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: who asks for what is counted, not printed."""


def run_until_stopped(server: PlainServer) -> None:
    """Serve until SIGTERM or Ctrl-C, then close the socket."""

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the loop, which runs in this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with server:
        server.serve_forever(poll_interval=0.1)
