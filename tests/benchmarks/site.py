"""A site of one's own for measuring, in a process whose time isn't counted: what is on it may change with each reading."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.sharedctypes import Synchronized
from typing import Any

#: Where a page holds something that is new at each reading: in markup that nobody reads, and in its text.
NOISE, SENTENCE = b"@@noise@@", b"@@sentence@@"
PARAGRAPHS = 60
WORDS = (
    "In paragraph {number} we say that we process what you send us to provide the service, to keep it safe and to answer"
    " you, that we share it with providers who work for us and under our instructions, and that you may object at any time"
    " by writing to the address above, in which case we stop within {days} days unless the law obliges us to go on."
)


class Mode(IntEnum):
    """How the site answers who has read it before: the first three say the same text."""

    NOT_MODIFIED = 0
    SAME_BYTES = 1
    NOISE = 2
    CHANGED = 3


@dataclass(frozen=True)
class Site:
    port: int
    mode: Synchronized[int]

    def answers(self, mode: Mode) -> None:
        self.mode.value = mode

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


def made_up_page() -> bytes:
    """About 5,000 words, of which one clause may change."""
    sentences = [
        WORDS.format(number=number, days=SENTENCE.decode() if number == 30 else 30) for number in range(PARAGRAPHS)
    ]
    body = "".join(f"<h2>{number}. Section</h2><p>{text}</p>" for number, text in enumerate(sentences, 1))
    return (
        f"<!doctype html><html lang=en><title>Terms</title><main><h1>Terms of Service</h1>{body}</main></html>".encode()
    )


def _serve(connection: Any, mode: Synchronized[int], pages: Mapping[str, bytes]) -> None:
    readings: defaultdict[str, int] = defaultdict(lambda: 30)  # by path
    noises: defaultdict[str, int] = defaultdict(int)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            if self.path not in pages:
                self._answer(404, b"")
            elif mode.value == Mode.NOT_MODIFIED and self.headers.get("If-None-Match"):
                self._answer(304, b"")
            else:
                readings[self.path] += mode.value == Mode.CHANGED
                noises[self.path] += mode.value == Mode.NOISE
                body = pages[self.path].replace(SENTENCE, b"%d" % readings[self.path])
                self._answer(200, body.replace(NOISE, b"%08x" % noises[self.path]))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            if mode.value == Mode.NOT_MODIFIED:
                self.send_header("ETag", f'"{readings[self.path]}"')
                self.send_header("Last-Modified", "Wed, 25 Nov 2026 09:00:00 GMT")
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    connection.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def site(pages: Mapping[str, bytes]) -> Iterator[Site]:
    """The site with these pages by their paths, running; call it before anything else, since it is a fork of this process."""
    context = multiprocessing.get_context("fork")
    mode: Synchronized[int] = context.Value("i", Mode.NOT_MODIFIED)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, mode, pages), daemon=True)
    process.start()
    try:
        yield Site(ours.recv(), mode)
    finally:
        process.kill()
        process.join()
