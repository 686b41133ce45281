"""The site that plays a script: pages with validators, a front page, and the control endpoints under `/_site/`."""

import threading
from collections import Counter
from datetime import UTC
from email.utils import format_datetime
from hashlib import sha256

from atlas.demo.plainhttp import BadRequest, PlainServer, Request, Response, as_json, html, see_other
from atlas.demo.policysite.scripts import Page, Script

ROBOTS = b"User-agent: *\nDisallow: /_site/\n"


class PolicySite:
    """Answers requests from a script, and counts what was asked of each path since the start."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._not_modified: Counter[str] = Counter()

    def server(self, host: str, port: int) -> PlainServer:
        """A bound server (port 0 takes a free one) that has yet to serve."""
        return PlainServer(self.answer, host, port)

    def answer(self, request: Request) -> Response:
        """The answer to one request. Control requests and the front page aren't counted."""
        match request.method, request.path:
            case (("GET" | "HEAD"), "/"):
                return html(self.script.front())
            case "GET", "/_site/state":
                return as_json(self._state())
            case "POST", "/_site/show":
                sent = request.fields()
                if "step" not in sent:
                    raise BadRequest("name the step to show")
                self.script.show(_document(sent.get("document")), sent["step"])
                return self._done(request)
            case "POST", "/_site/publish":
                self.script.publish(_document(request.fields().get("document")))
                return self._done(request)
            case (("GET" | "HEAD"), path):
                return self._page(path, request)
        return Response(405, b"Only to be read.\n", "text/plain; charset=utf-8", {"Allow": "GET, HEAD"})

    def _done(self, request: Request) -> Response:
        return as_json(self._state()) if request.is_json else see_other("/")

    def _state(self) -> dict[str, object]:
        with self._lock:
            counts = {"requests": dict(self._requests), "not_modified": dict(self._not_modified)}
        return {**self.script.state(), **counts}

    def _page(self, path: str, request: Request) -> Response:
        with self._lock:
            self._requests[path] += 1
        if path == "/robots.txt":
            return Response(200, ROBOTS, "text/plain; charset=utf-8")
        page = self.script.page(path)
        if page is None:
            return html(NOT_HERE, 404)
        if not page.validators:
            headers = {"Cache-Control": "no-store", **({"Location": page.location} if page.location else {})}
            return Response(page.status, page.body, page.media_type, headers)
        headers = _validators(page)
        if _is_known(request, headers):
            with self._lock:
                self._not_modified[path] += 1
            return Response(304, headers=headers)
        return Response(page.status, page.body, page.media_type, headers)


def _document(sent: object) -> str:
    if not isinstance(sent, str) or not sent:
        raise BadRequest("name the document")
    return sent


def _validators(page: Page) -> dict[str, str]:
    headers = {"ETag": f'"{sha256(page.body).hexdigest()[:32]}"', "Cache-Control": "max-age=0, must-revalidate"}
    if page.modified is not None:
        headers["Last-Modified"] = format_datetime(page.modified.astimezone(UTC), usegmt=True)
    return headers


def _is_known(request: Request, headers: dict[str, str]) -> bool:
    """Whether the reader has these bytes (RFC 9110, 13.2.2): If-None-Match decides alone where it is sent.

    A date counts only when it is the very one that we sent, for a document may be set back to an earlier step.
    """
    if known := request.headers.get("if-none-match"):
        return known.strip() == "*" or headers["ETag"] in {tag.strip().removeprefix("W/") for tag in known.split(",")}
    since = request.headers.get("if-modified-since")
    return since is not None and since == headers.get("Last-Modified")


NOT_HERE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Not found</title></head>
<body><h1>Not found</h1><p>Nothing is published at this address. <a href="/">All documents</a></p></body></html>
"""
