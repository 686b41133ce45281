"""Connecting to judged addresses only, in limited time: the network side of ``atlas.kernel.egress``.

Use ``egress``; this file is its other half.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings

from atlas.kernel.addresses import is_loopback, is_public

_PORTS = frozenset({80, 443})


class EgressError(Exception):
    """Nothing usable came back. Each kind is a class of its own; the message is for people."""


class AddressRefused(EgressError):
    """The address, port or scheme is not one that may be connected to."""


class DnsFailed(EgressError):
    """The name has no address."""


class ConnectFailed(EgressError):
    """No connection came about, or it was lost before the answer was whole."""


class TlsFailed(EgressError):
    """The handshake failed or the certificate isn't valid for the name."""


class TimedOut(EgressError):
    """The time for the request ran out."""


class TooLarge(EgressError):
    """The body is larger than allowed, as sent or as decoded."""


class RedirectLoop(EgressError):
    """The redirects come back to where they were, or are too many."""


class BrokenResponse(EgressError):
    """What came isn't HTTP, or its body can't be decoded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` for all of a request, redirects included; ``body_bytes`` as sent and as decoded. Where ``cut``, a body
    that is larger is given up to there instead of refused."""

    seconds: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    body_bytes: int = 20 * 1024 * 1024
    redirects: int = 10
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of the last step; those of connecting are None where the connection was there already.

    ``total_ms`` counts all steps.
    """

    dns_ms: int | None
    connect_ms: int | None
    tls_ms: int | None
    first_byte_ms: int
    total_ms: int


class Resolver(Protocol):
    """Answers as ``socket.getaddrinfo`` does, which is the system's."""

    def __call__(self, host: str, port: int, *, type: socket.SocketKind) -> Sequence[tuple[Any, ...]]: ...


system_resolver: Resolver = socket.getaddrinfo


def judged_addresses(host: str, port: int, resolve: Resolver = system_resolver) -> tuple[str, ...]:
    """The addresses of ``host``, resolved now, all of them judged; raises DnsFailed or AddressRefused.

    One refused address refuses the name: a name that mixes public and private addresses is an attack or a mistake.
    """
    try:
        found = resolve(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DnsFailed(f"{host} has no address") from error
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses:
        raise DnsFailed(f"{host} has no address")
    if _may_be_local(port) and all(is_loopback(address) for address in addresses):
        return addresses
    if port not in _PORTS:
        raise AddressRefused(f"port {port} of {host} is not one that is read")
    for address in addresses:
        if not is_public(address):
            raise AddressRefused(f"{host} leads to {address}, which is not in the public internet")
    return addresses


def _may_be_local(port: int) -> bool:
    """Whether the settings of development allow this port of our own machine."""
    ports = settings.EGRESS_LOOPBACK_PORTS
    return bool(settings.EGRESS_ALLOW_LOOPBACK) and (not ports or port in ports)


class Guard:
    """Opens sockets to judged addresses only, and knows how much of a request's time is left."""

    def __init__(self, resolve: Resolver) -> None:
        self._resolve = resolve
        self._limits = Limits()
        self._deadline = 0.0
        self._open: list[socket.socket] = []
        self._peers: dict[tuple[str, int], str] = {}
        self.start(self._limits)

    def start(self, limits: Limits) -> None:
        self._limits = limits
        self.started = time.perf_counter()
        self._deadline = self.started + limits.seconds
        self.begin_step()

    def begin_step(self) -> None:
        self.step_started = time.perf_counter()
        self.connected = False
        self.dns_ms: int | None = None
        self.connect_ms: int | None = None

    def left(self) -> float:
        """Seconds that are left for the request; raises TimedOut when there are none."""
        left = self._deadline - time.perf_counter()
        if left <= 0:
            raise TimedOut("the time for the request ran out")
        return left

    def peer(self, host: str, port: int) -> str:
        """The address to which the connection goes that was opened last for this name."""
        return self._peers[host, port]

    def connect(self, host: str, port: int) -> socket.socket:
        """A connected socket, whose name was resolved and judged just now. Raises DnsFailed, AddressRefused, ConnectFailed or
        TimedOut."""
        self.connected = True
        began = time.perf_counter()
        addresses = judged_addresses(host, port, self._resolve)
        resolved = time.perf_counter()
        self.dns_ms = ms_between(began, resolved)
        failure: OSError | None = None
        for address in addresses:
            try:
                opened = socket.create_connection((address, port), min(self.left(), self._limits.connect_seconds))
            except OSError as error:
                failure = error
                continue
            self.connect_ms = ms_between(resolved, time.perf_counter())
            self._keep(host, port, address, opened)
            return opened
        if isinstance(failure, TimeoutError):
            raise TimedOut(f"{host} did not accept a connection in time") from failure
        raise ConnectFailed(f"{host} accepts no connection on port {port}") from failure

    def _keep(self, host: str, port: int, address: str, opened: socket.socket) -> None:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        self._open.append(opened.dup())  # whoever gets `opened` closes it
        self._peers[host, port] = address

    def closed(self, descriptor: int) -> int:
        """The client is done with a socket of ours: the connection ends now. Returns 0, as the client expects."""
        inode = os.fstat(descriptor).st_ino
        os.close(descriptor)
        for kept in [each for each in self._open if os.fstat(each.fileno()).st_ino == inode]:
            self._open.remove(kept)
            kept.close()
        return 0

    def hang_up(self) -> None:
        """End all connections, whoever else holds their sockets: the hosts see them close now."""
        for kept in self._open:
            with contextlib.suppress(OSError):  # the other side may have been quicker
                kept.shutdown(socket.SHUT_RDWR)
            kept.close()
        self._open.clear()


def ms_between(begin: float, end: float) -> int:
    return round((end - begin) * 1000)
