"""Pages that are made by script, on real servers of this machine, and what arrives where nothing may arrive."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts import tenancy
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule
from monitoring.catalogue.models import Document, Source
from tests import factories
from tests.monitoring.pipeline.site import BODY, OPENING
from tests.wire.server import Answer

HTML = {"Content-Type": "text/html; charset=utf-8"}
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in [OPENING, *BODY])
TERMS = f"<main><h1>Terms of Service</h1>{PARAGRAPHS}</main>"


def page(content: str, **fields: object) -> Answer:
    headers = {**HTML, **fields.pop("headers", {})}  # type: ignore[dict-item]
    body = f"<!doctype html><html lang=en><title>Terms</title>{content}</html>".encode()
    return Answer(body=body, headers=headers, **fields)  # type: ignore[arg-type]


def script(code: str, before: str = "<div id=app></div>", **fields: object) -> Answer:
    """A page whose text is made by this code."""
    return page(f"<body>{before}<script>{code}</script></body>", **fields)


def shell(address: str = "/text") -> Answer:
    """A page without a text, which fetches it."""
    return script(f"fetch('{address}').then(r => r.text()).then(t => document.getElementById('app').innerHTML = t)")


TEXT = Answer(body=TERMS.encode(), headers=HTML)


def document_at(url: str, *, reading: str = "browser", select: tuple[str, ...] = (), **fields: Any) -> Document:
    made = factories.document(title="Terms of Service", **fields)
    factories.declaration(made, url=url, reason="where the test's server is", select=select, reading=reading)
    with tenancy.system_scope("schedule the test's document"):
        scheduling.sync_schedules()
    return made


def read_all(*documents: Document) -> list[Check]:
    with tenancy.system_scope("take the host"):
        host = CheckSchedule.objects.select_related("host").get(document=documents[0]).host
        lease = scheduling.take_host(host)
    assert lease is not None
    return list(pipeline.read_documents([document.pk for document in documents], lease))


def source_of(document: Document) -> Source:
    with tenancy.system_scope("look"):
        return Source.objects.select_related("state__snapshot").filter(declaration__document=document).latest("pk")


class Listener:
    """Counts who connects, and what datagrams come, and answers nothing."""

    def __init__(self) -> None:
        self.arrivals: list[str] = []
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._threads = [threading.Thread(target=self._accept), threading.Thread(target=self._receive)]
        for thread in self._threads:
            thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            connection.settimeout(1)
            try:
                said = connection.recv(1000)
            except TimeoutError:
                said = b""
            connection.close()
            if said == b"end":
                return
            self.arrivals.append(f"tcp {said!r}")

    def _receive(self) -> None:
        while (said := self._udp.recv(2000)) != b"end":
            self.arrivals.append(f"udp {said!r}")

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.sendall(b"end")
        self._udp.sendto(b"end", ("127.0.0.1", self.port))
        for thread in self._threads:
            thread.join()
        self._tcp.close()
        self._udp.close()


@contextmanager
def listener() -> Iterator[Listener]:
    made = Listener()
    try:
        yield made
    finally:
        made.close()
