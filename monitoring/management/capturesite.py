"""The replay's own policy site: a process that serves captured pages over HTTP, and is told which to show."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_STOP_SECONDS = 10


class SiteFailed(RuntimeError):
    """The policy site didn't start, or refused to show a capture."""


class CaptureSite:
    """A running site. Each sequence has addresses of its own, which keep host and path of the captured ones."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=30)

    def address(self, number: int, url: str) -> str:
        """Where the capture of this address stands, for the sequence of this number."""
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return f"{self.url}/{number}/{parts.netloc}{parts.path}{query}{fragment}"

    def show(self, address: str, sha256: str) -> None:
        """Let the address show this capture from now on."""
        self._ask("POST", "/_site/show", {"document": unquote(urlsplit(address).path), "step": sha256})

    def served(self) -> dict[int, int]:
        """By the site's own counters: how many requests each sequence's addresses got."""
        counts: dict[int, int] = {}
        for path, requests in self._ask("GET", "/_site/state")["requests"].items():
            number = path.split("/")[1]
            if number.isdecimal():
                counts[int(number)] = counts.get(int(number), 0) + requests
        return counts

    def _ask(self, method: str, path: str, sent: Mapping[str, str] | None = None) -> dict[str, Any]:
        body = json.dumps(sent) if sent is not None else None
        self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status != 200:
            raise SiteFailed(f"the policy site refused: {answer.get('error')}")
        return answer


@contextmanager
def capture_site(index: Path, pages: Path) -> Iterator[CaptureSite]:
    """Serve the captures of this index from this folder while the block runs, in a process that dies with this one."""
    command = [sys.executable, "-m", "atlas.demo.policysite", "--port", "0", "--with-parent"]
    command += ["--captures", str(index), "--folder", str(pages)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None, "it was asked for"  # noqa: S101
        first = process.stdout.readline()
        if not first.startswith("Policy site: "):
            raise SiteFailed("the policy site didn't start")
        yield CaptureSite(first.removeprefix("Policy site: ").strip())
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
