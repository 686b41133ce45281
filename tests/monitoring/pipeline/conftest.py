"""The site of these tests, and the document that stands on it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from accounts import tenancy
from monitoring.archive import scheduling
from monitoring.catalogue.models import Document
from tests import factories
from tests.monitoring.pipeline.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    shown = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/robots.txt":
                self.say_robots()
                return
            shown.asked.append({name.lower(): value for name, value in self.headers.items()})
            body = shown.body()
            etag = f'"{hash(body)}"'
            not_modified = shown.validators and self.headers.get("If-None-Match") == etag
            self.send_response(304 if not_modified else shown.status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if shown.validators:
                self.send_header("ETag", etag)
            if shown.retry_after:
                self.send_header("Retry-After", shown.retry_after)
            self.send_header("Content-Length", "0" if not_modified else str(len(body)))
            self.end_headers()
            if not not_modified:
                self.wfile.write(body)

        def say_robots(self) -> None:
            shown.robots_asked += 1
            self.send_response(shown.robots_status)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(shown.robots)))
            self.end_headers()
            self.wfile.write(shown.robots)

        def log_message(self, *args: Any) -> None:
            """The suite's output is for the suite."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shown.address = f"http://127.0.0.1:{server.server_port}/terms"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield shown
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def document(site: Site) -> Document:
    made = factories.document(title="Terms of Service")
    factories.declaration(made, url=site.address, reason="where the test's server is")
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()
    return made
