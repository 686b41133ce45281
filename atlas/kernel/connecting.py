"""Connecting to judged addresses only, in limited time: the network side of ``atlas.kernel.egress``.

Use ``egress``; this file is its other half.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpcore2
import httpx2
from django.conf import settings

from atlas.kernel.addresses import is_loopback, is_public

_PORTS = frozenset({80, 443})
_MOST_CONNECTIONS = 8


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


class GuardedTransport(httpx2.HTTPTransport):
    """HTTPTransport has no argument for the backend, so its pool is made here."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            http2=True,
            network_backend=guard,
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=30.0,
        )


class Guard(httpcore2.SyncBackend):
    """Connects to judged addresses only, and holds every read and write to the end of the request's time."""

    def __init__(self, resolve: Resolver) -> None:
        self._resolve = resolve
        self._started = self._step_started = self._deadline = time.perf_counter()
        self.begin_step()

    def start(self, limits: Limits) -> None:
        self._started = time.perf_counter()
        self._deadline = self._started + limits.seconds

    def begin_step(self) -> None:
        self._step_started = time.perf_counter()
        self.connected = False
        self.ended = False
        self.dns_ms: int | None = None
        self.connect_ms: int | None = None
        self.tls_ms: int | None = None

    def timings(self, first_byte: float) -> Timings:
        return Timings(
            dns_ms=self.dns_ms,
            connect_ms=self.connect_ms,
            tls_ms=self.tls_ms,
            first_byte_ms=ms_between(self._step_started, first_byte),
            total_ms=ms_between(self._started, time.perf_counter()),
        )

    def within(self, timeout: float | None) -> float:
        """Seconds that an operation may take now; raises TimedOut when there are none."""
        left = self._deadline - time.perf_counter()
        if left <= 0:
            raise TimedOut("the time for the request ran out")
        return left if timeout is None else min(left, timeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        self.connected = True
        began = time.perf_counter()
        addresses = judged_addresses(host, port, self._resolve)
        resolved = time.perf_counter()
        self.dns_ms = ms_between(began, resolved)
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = super().connect_tcp(address, port, self.within(timeout), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
                continue
            self.connect_ms = ms_between(resolved, time.perf_counter())
            return _Stream(stream, self, address, port)
        if isinstance(failure, httpcore2.ConnectTimeout):
            raise TimedOut(f"{host} did not accept a connection in time") from failure
        raise ConnectFailed(f"{host} accepts no connection on port {port}") from failure


class _Stream(httpcore2.NetworkStream):
    """A connection of the guard's. Lives on in the pool, so it asks the guard for the time of the present request."""

    def __init__(self, stream: httpcore2.NetworkStream, guard: Guard, address: str, port: int) -> None:
        self._stream = stream
        self._guard = guard
        self._peer = (address, port)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._guard.within(timeout))
        if not data:
            self._guard.ended = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._guard.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        began = time.perf_counter()
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._guard.within(timeout))
        except httpcore2.ConnectTimeout as error:
            raise TimedOut(f"{server_hostname} did not finish the TLS handshake in time") from error
        except httpcore2.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLError):
                raise TlsFailed(f"{server_hostname}: {error.__cause__.reason or error.__cause__}") from error
            raise ConnectFailed(f"{server_hostname} hung up during the TLS handshake") from error
        self._guard.tls_ms = ms_between(began, time.perf_counter())
        return _Stream(stream, self._guard, *self._peer)

    def get_extra_info(self, info: str) -> Any:
        if info == "server_addr":  # a connection that was closed since can't tell any more
            return self._peer
        return self._stream.get_extra_info(info)


def ms_between(begin: float, end: float) -> int:
    return round((end - begin) * 1000)
