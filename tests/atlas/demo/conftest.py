"""Real servers of the demo's own, each on a free port, and a client that keeps its connection."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from atlas.demo.plainhttp import PlainServer
from atlas.demo.policysite.history import HistoryScript, written_documents
from atlas.demo.policysite.scripts import Script
from atlas.demo.policysite.site import PolicySite


@dataclass(frozen=True)
class Answer:
    """A response that was read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Speaks to one server over one kept connection."""

    def __init__(self, server: PlainServer) -> None:
        self.connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, content: object) -> Answer:
        return self.ask("POST", path, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        self.connection.request(method, path, body, headers or {})
        response: HTTPResponse = self.connection.getresponse()
        sent = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, sent, response.read())


Start = Callable[[PlainServer], Client]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers and gives a client to each; all are stopped afterwards."""
    started: list[tuple[PlainServer, Client]] = []

    def starting(server: PlainServer) -> Client:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        client = Client(server)
        started.append((server, client))
        return client

    yield starting
    for server, client in started:
        client.connection.close()
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(start: Start) -> Callable[[Script], Client]:
    """Serves a script as a policy site."""
    return lambda script: start(PolicySite(script).server("127.0.0.1", 0))


@pytest.fixture
def kept_in(tmp_path: Path) -> Path:
    return tmp_path / "state" / "site.json"


@pytest.fixture
def demo(site: Callable[[Script], Client], kept_in: Path) -> Client:
    """The demo's own documents, each where its written history ends."""
    return site(HistoryScript(written_documents(), kept_in))
