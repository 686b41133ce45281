"""What the worker and the browser's process say to each other: one JSON object a line. Nothing that is said is run."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a browser runs: fixed for the life of its process. ``memory`` and ``page_bytes`` are bytes."""

    chromium: str
    sandbox: bool
    memory: int
    seconds: float
    page_bytes: int
    pages: int
    user_agent: str
    allow_loopback: bool
    loopback_ports: tuple[int, ...]
    parent: int


@dataclass(frozen=True, slots=True)
class Question:
    """One page, in which language, and what to wait for: CSS selectors, any of which will do."""

    url: str
    language: str
    wait_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What a browser saw of one address.

    ``reason`` is of the closed list where no page came ("" otherwise), ``why`` is for people. ``received`` is the body of
    the last response that a frame of the whole window was made of, its content coding undone, otherwise as received;
    ``rendered`` is the page after its scripts, in UTF-8, or None where the answer was no HTML. ``picture`` is a JPEG of the
    window. ``bytes_moved`` counts both directions over all hosts. ``steps`` are those of the window, in order: the status
    of a redirect (0 where the page itself sent the browser on), the address that gave it, and the one that it named.
    """

    reason: str = ""
    why: str = ""
    final_url: str = ""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    received: bytes = b""
    rendered: bytes | None = None
    picture: bytes = b""
    bytes_moved: int = 0
    hosts: int = 0
    steps: tuple[tuple[int, str, str], ...] = ()


def line(kind: str, **values: Any) -> bytes:
    """A message of this kind, with its line's end; bytes become base64."""
    return json.dumps({"kind": kind, **values}, default=_as_text, separators=(",", ":")).encode() + b"\n"


def seen_line(seen: Seen, *, last: bool) -> bytes:
    """The answer; ``last`` where the process that gives it ends with it."""
    return line("seen", **asdict(seen), last=last)


def seen_of(message: Mapping[str, Any]) -> Seen:
    """The answer, as the browser's process wrote it. Raises KeyError, TypeError or ValueError for anything else."""
    rendered = message["rendered"]
    return Seen(
        reason=str(message["reason"]),
        why=str(message["why"]),
        final_url=str(message["final_url"]),
        status=int(message["status"]),
        headers={str(name): str(value) for name, value in message["headers"].items()},
        address=str(message["address"]),
        received=base64.b64decode(message["received"]),
        rendered=None if rendered is None else base64.b64decode(rendered),
        picture=base64.b64decode(message["picture"]),
        bytes_moved=int(message["bytes_moved"]),
        hosts=int(message["hosts"]),
        steps=tuple((int(status), str(url), str(location)) for status, url, location in message["steps"]),
    )


def _as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} can't be sent")
