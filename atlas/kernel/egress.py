"""The one door through which everything leaves.

The name is resolved once, every address is judged, and the connection goes to an address that was judged; so there is
no moment between judging and connecting in which a name can point elsewhere. Each redirect passes the same door. Time,
size (as sent and as decoded) and the number of redirects are limited. Nothing is sent while a database transaction is
open: a slow stranger must not hold our locks.

Name resolution has the system resolver's own time limit; everything after it counts against ``Limits.seconds``.
"""

from __future__ import annotations

import functools
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import Self

import httpx2
from django.conf import settings

from atlas.kernel.connecting import (
    AddressRefused,
    BrokenResponse,
    ConnectFailed,
    DnsFailed,
    EgressError,
    Guard,
    GuardedTransport,
    Limits,
    RedirectLoop,
    Resolver,
    TimedOut,
    Timings,
    TlsFailed,
    TooLarge,
    judged_addresses,
    system_resolver,
)
from atlas.kernel.encodings import ACCEPT_ENCODING, BodyDecoder, UndecodableBody
from atlas.kernel.transactions import InsideTransaction, refuse_inside_transaction

__all__ = [
    "AddressRefused",
    "BrokenResponse",
    "ConnectFailed",
    "DnsFailed",
    "EgressError",
    "InsideTransaction",
    "Limits",
    "NotFollowed",
    "Redirect",
    "RedirectLoop",
    "Response",
    "Session",
    "TimedOut",
    "Timings",
    "TlsFailed",
    "TooLarge",
    "content_type",
    "get",
    "judged_addresses",
    "session",
]

_SCHEMES = frozenset({"http", "https"})
_MOST_DRAINED = 64 * 1024


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Redirect:
    """One step: the answer's status, the address that was asked, and the one that it named."""

    status: int
    url: str
    location: str


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer of any status. Header names are in lower case; repeated headers are joined by a comma."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    bytes_received: int
    media_type: str
    charset: str | None
    redirects: tuple[Redirect, ...]
    timings: Timings
    address: str
    http_version: str


class NotFollowed(EgressError):
    """The caller would not follow a redirect to ``target``: nothing was asked there."""

    def __init__(self, target: str, redirects: tuple[Redirect, ...]) -> None:
        self.target, self.redirects = target, redirects
        super().__init__(f"{redirects[0].url} leads to {target}, which is not followed")


def get(url: str, *, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS) -> Response:
    """One GET over a connection of its own. Raises EgressError, or InsideTransaction before anything is sent."""
    with session() as own:
        return own.get(url, headers=headers, limits=limits)


def session(*, tls: ssl.SSLContext | None = None, resolve: Resolver = system_resolver) -> Session:
    """A door that keeps its connections: at most one per host. ``tls`` replaces the system's trust store, ``resolve`` its
    resolver of names."""
    return Session(tls or _system_trust(), resolve)


class Session:
    """Requests one after another; not for use by two threads. Cookies live as long as one ``get``."""

    def __init__(self, tls: ssl.SSLContext, resolve: Resolver) -> None:
        self._guard, self._tls = Guard(resolve), tls
        self._client = self._new_client()

    def _new_client(self) -> httpx2.Client:
        return httpx2.Client(
            transport=GuardedTransport(self._guard, self._tls),
            trust_env=False,
            headers={"User-Agent": settings.USER_AGENT, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def hang_up(self) -> None:
        """Close the connections that are kept: somebody else speaks to the same hosts now."""
        self._client.close()
        self._client = self._new_client()

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        follow: Callable[[str], bool] = lambda target: True,
    ) -> Response:
        """The answer at the end of the redirects. ``follow`` is asked about each target before it is asked for; it must not
        use this session. Raises EgressError, or InsideTransaction before anything is sent."""
        request = self._begin("GET", url, headers=headers, limits=limits)
        steps: list[Redirect] = []
        seen: set[tuple[str, str]] = set()
        while True:
            _refuse_scheme(request.url)
            # A site may set a cookie and send back to the same address: only the same question twice is a loop.
            question = (str(request.url), request.headers.get("cookie", ""))
            if question in seen or len(steps) > limits.redirects:
                raise RedirectLoop(f"{url} leads in a circle or over more than {limits.redirects} redirects")
            seen.add(question)
            answer = self._step(request, url=url, steps=tuple(steps), limits=limits)
            if isinstance(answer, Response):
                return answer
            steps.append(Redirect(answer.status_code, str(request.url), answer.headers["location"]))
            assert answer.next_request is not None  # noqa: S101 (what makes it a redirect)
            request = answer.next_request
            if not follow(str(request.url)):
                raise NotFollowed(str(request.url), tuple(steps))

    def post(
        self, url: str, *, content: bytes, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Response:
        """The answer of this very address: what is meant for one is sent to no other, so a redirect raises NotFollowed. Raises
        EgressError, or InsideTransaction before anything is sent."""
        request = self._begin("POST", url, headers=headers, limits=limits, content=content)
        _refuse_scheme(request.url)
        answer = self._step(request, url=url, steps=(), limits=limits)
        if isinstance(answer, Response):
            return answer
        target = answer.headers["location"]
        raise NotFollowed(target, (Redirect(answer.status_code, url, target),))

    def _begin(
        self, method: str, url: str, *, headers: Mapping[str, str] | None, limits: Limits, content: bytes | None = None
    ) -> httpx2.Request:
        refuse_inside_transaction("a request to another host")
        self._client.cookies.clear()
        self._guard.start(limits)
        timeout = httpx2.Timeout(limits.read_seconds, connect=limits.connect_seconds)
        try:
            return self._client.build_request(
                method, url, headers=dict(headers or {}), content=content, timeout=timeout
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise AddressRefused(f"{url!r} is not an address") from error

    def _step(
        self, request: httpx2.Request, *, url: str, steps: tuple[Redirect, ...], limits: Limits
    ) -> Response | httpx2.Response:
        self._guard.begin_step()
        try:
            answer = self._send(request)
            try:
                if answer.next_request is not None:
                    _drain(answer)
                    return answer
                if answer.has_redirect_location:
                    raise BrokenResponse(f"{request.url.host} redirects to something that is not an address")
                return self._read(answer, url=url, steps=steps, limits=limits)
            finally:
                answer.close()
        except httpx2.TimeoutException as error:
            raise TimedOut(f"{request.url.host} did not answer in time") from error
        except httpx2.NetworkError as error:
            raise ConnectFailed(f"the connection to {request.url.host} was lost") from error
        except httpx2.RemoteProtocolError as error:
            if self._guard.ended:
                raise ConnectFailed(f"{request.url.host} hung up before its answer was whole") from error
            raise BrokenResponse(f"{request.url.host} does not speak HTTP as it should") from error
        except UndecodableBody as error:
            raise BrokenResponse(f"the answer of {request.url.host} cannot be decoded: {error}") from error

    def _send(self, request: httpx2.Request) -> httpx2.Response:
        try:
            return self._client.send(request, stream=True, follow_redirects=False)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            if self._guard.connected:
                raise
        # The connection was an old one, which the server may close whenever it likes: once more over a new one.
        self._guard.begin_step()
        return self._client.send(request, stream=True, follow_redirects=False)

    def _read(self, answer: httpx2.Response, *, url: str, steps: tuple[Redirect, ...], limits: Limits) -> Response:
        first_byte = time.perf_counter()
        declared = answer.headers.get("content-length", "")
        if not limits.cut and declared.isdecimal() and int(declared) > limits.body_bytes:
            raise TooLarge(f"{answer.url.host} announces {declared} bytes, more than {limits.body_bytes}")
        decoder = BodyDecoder(answer.headers.get("content-encoding", ""))
        body = bytearray()
        received = 0
        try:
            for raw in answer.iter_raw():
                received += len(raw)
                for piece in decoder.feed(raw):
                    body += piece
                    if len(body) > limits.body_bytes:
                        raise TooLarge(f"the answer of {answer.url.host} is larger than {limits.body_bytes} bytes")
                if received > limits.body_bytes:
                    raise TooLarge(f"the answer of {answer.url.host} is larger than {limits.body_bytes} bytes")
            decoder.finish()
        except TooLarge:
            if not limits.cut:
                raise
            del body[limits.body_bytes :]
        media_type, charset = content_type(answer.headers.get("content-type", ""))
        return Response(
            url=url,
            final_url=str(answer.url),
            status=answer.status_code,
            headers={name.lower(): answer.headers[name] for name in answer.headers},
            body=bytes(body),
            bytes_received=received,
            media_type=media_type,
            charset=charset,
            redirects=steps,
            timings=self._guard.timings(first_byte),
            address=answer.extensions["network_stream"].get_extra_info("server_addr")[0],
            http_version=answer.http_version,
        )


def _refuse_scheme(url: httpx2.URL) -> None:
    if url.scheme not in _SCHEMES or not url.host:
        raise AddressRefused(f"{url} is neither an http nor an https address")
    if url.userinfo:
        raise AddressRefused(f"the address of {url.host} carries a name or a password")


def _drain(answer: httpx2.Response) -> None:
    """Read a redirect's body if it is short, so that the connection can be used again."""
    received = 0
    for raw in answer.iter_raw():
        received += len(raw)
        if received > _MOST_DRAINED:
            return


def content_type(header: str) -> tuple[str, str | None]:
    """Media type in lower case ("" where there is none) and charset, if it says one."""
    if not header.strip():
        return "", None
    message = Message()
    message["Content-Type"] = header
    return message.get_content_type(), message.get_content_charset()


@functools.cache
def _system_trust() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)
