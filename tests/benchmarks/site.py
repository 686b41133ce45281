"""A site of one's own for measuring: many documents of the length of real terms, in a process whose time isn't counted."""

from __future__ import annotations

import multiprocessing
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.sharedctypes import Synchronized
from typing import Any

PARAGRAPHS = 60
SENTENCE = (
    "In paragraph {number} we say that we process what you send us to provide the service, to keep it safe and to answer"
    " you, that we share it with providers who work for us and under our instructions, and that you may object at any time"
    " by writing to the address above, in which case we stop within {days} days unless the law obliges us to go on."
)


class Mode(IntEnum):
    """How the site answers who has read it before."""

    NOT_MODIFIED = 0
    SAME_BYTES = 1
    CHANGED = 2


@dataclass(frozen=True)
class Site:
    port: int
    mode: Synchronized[int]

    def answers(self, mode: Mode) -> None:
        self.mode.value = mode


def page(days: int) -> bytes:
    """About 5,000 words; `days` stands in one sentence of the middle, so that one clause changes with it."""
    sentences = [SENTENCE.format(number=number, days=days if number == 30 else 30) for number in range(PARAGRAPHS)]
    body = "".join(f"<h2>{number}. Section</h2><p>{text}</p>" for number, text in enumerate(sentences, 1))
    return (
        f"<!doctype html><html lang=en><title>Terms</title><main><h1>Terms of Service</h1>{body}</main></html>".encode()
    )


def _serve(connection: Any, mode: Synchronized[int]) -> None:
    days: defaultdict[str, int] = defaultdict(lambda: 30)  # by path

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self._answer(404, b"")
            elif mode.value == Mode.NOT_MODIFIED and self.headers.get("If-None-Match"):
                self._answer(304, b"")
            else:
                days[self.path] += mode.value == Mode.CHANGED
                self._answer(200, page(days[self.path]))

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("ETag", f'"{days[self.path]}"')
            self.send_header("Content-Type", "text/html; charset=utf-8")
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
def site() -> Iterator[Site]:
    """The site, running; call it before anything else, since it is a fork of this process."""
    context = multiprocessing.get_context("fork")
    mode: Synchronized[int] = context.Value("i", Mode.SAME_BYTES)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, mode), daemon=True)
    process.start()
    try:
        yield Site(ours.recv(), mode)
    finally:
        process.kill()
        process.join()
