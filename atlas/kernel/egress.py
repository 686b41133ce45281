"""The one door through which everything leaves.

The name is resolved once, every address is judged, and the connection goes to an address that was judged; so there is
no moment between judging and connecting in which a name can point elsewhere. Each redirect passes the same door. Time,
size (as sent and as decoded) and the number of redirects are limited. Nothing is sent while a database transaction is
open: a slow stranger must not hold our locks.

Name resolution has the system resolver's own time limit; everything after it counts against ``Limits.seconds``.
"""

from __future__ import annotations

import errno
import functools
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import pycurl
from django.conf import settings

from atlas.kernel.connecting import (
    AddressRefused,
    BrokenResponse,
    ConnectFailed,
    DnsFailed,
    EgressError,
    Guard,
    Limits,
    RedirectLoop,
    Resolver,
    TimedOut,
    Timings,
    TlsFailed,
    TooLarge,
    judged_addresses,
    ms_between,
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

_PORTS = {"http": 80, "https": 443}
_MOST_DRAINED = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Of a place to which the client is never sent: it gets a socket that is connected already (RFC 5737, for documentation).
_NOWHERE = "192.0.2.1"
_IDLE_SECONDS = 30
_MOST_CONNECTIONS = 8
_PIECE = 100 * 1024  # larger ones come from fresh pages of the system each time, which costs more than it saves
# What an address may hold unquoted (RFC 3986), and what is quoted already.
_AS_THEY_ARE = "!#$%&'()*+,/:;=?@[]~"
_OF_TLS = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_PINNEDPUBKEYNOTMATCH,
        pycurl.E_SSL_INVALIDCERTSTATUS,
        pycurl.E_SSL_SHUTDOWN_FAILED,
    }
)
_OF_THE_CONNECTION = frozenset(
    {pycurl.E_COULDNT_CONNECT, pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR, pycurl.E_GOT_NOTHING, pycurl.E_PARTIAL_FILE}
)
_LOST = frozenset({errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED})


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


def session(*, trust: str = "", resolve: Resolver = system_resolver) -> Session:
    """A door that keeps its connections: at most one per host. ``trust``, a file of certificates, replaces the system's trust
    store, ``resolve`` its resolver of names."""
    return Session(trust, resolve)


class Session:
    """Requests one after another; not for use by two threads. Cookies live as long as one ``get``."""

    def __init__(self, trust: str, resolve: Resolver) -> None:
        self._guard = Guard(resolve)
        self._curl = _handle()
        self._place = urlsplit("")
        self._failure: Exception | None = None
        self._head: list[bytes] = []
        self._answer: _Answer | None = None
        self._limits = DEFAULT_LIMITS
        self._headers: dict[str, str] = {}
        self._prepare(trust)

    def _prepare(self, trust: str) -> None:
        curl = self._curl
        curl.setopt(pycurl.NOSIGNAL, True)
        curl.setopt(pycurl.PROXY, "")  # else a variable of the environment takes the request past the guard
        curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
        curl.setopt(pycurl.FOLLOWLOCATION, False)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS)
        curl.setopt(pycurl.HTTP_CONTENT_DECODING, False)
        curl.setopt(pycurl.MAXCONNECTS, _MOST_CONNECTIONS)
        curl.setopt(pycurl.MAXAGE_CONN, _IDLE_SECONDS)
        curl.setopt(pycurl.BUFFERSIZE, _PIECE)
        curl.setopt(pycurl.LOW_SPEED_LIMIT, 1)
        curl.setopt(pycurl.COOKIEFILE, "")
        curl.setopt(pycurl.OPENSOCKETFUNCTION, self._open)
        curl.setopt(pycurl.SOCKOPTFUNCTION, lambda _descriptor, _purpose: pycurl.SOCKOPT_ALREADY_CONNECTED)
        curl.setopt(pycurl.CLOSESOCKETFUNCTION, self._guard.closed)
        curl.setopt(pycurl.HEADERFUNCTION, self._head.append)
        curl.setopt(pycurl.WRITEFUNCTION, self._take)
        for option, path in _trusted(trust):
            curl.setopt(option, path)
        self._headers = {"User-Agent": settings.USER_AGENT, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def hang_up(self) -> None:
        """Close the connections that are kept: somebody else speaks to the same hosts now."""
        self._guard.hang_up()

    def close(self) -> None:
        self._guard.hang_up()
        _hand_back(self._curl)

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
        place, curl = self._begin(url, headers, limits), self._curl
        curl.setopt(pycurl.HTTPGET, True)
        steps: list[Redirect] = []
        seen: set[tuple[str, tuple[str, ...]]] = set()
        while True:
            _refuse_scheme(place)
            asked = urlunsplit(place)
            # A site may set a cookie and send back to the same address: only the same question twice is a loop.
            question = (asked, tuple(curl.getinfo(pycurl.INFO_COOKIELIST)) if steps else ())
            if question in seen or len(steps) > limits.redirects:
                raise RedirectLoop(f"{url} leads in a circle or over more than {limits.redirects} redirects")
            seen.add(question)
            answer = self._ask(place, asked)
            if not answer.leads_elsewhere:
                return self._response(answer, url=url, final_url=asked, steps=tuple(steps))
            location = answer.headers["location"]
            steps.append(Redirect(answer.status, asked, location))
            try:
                target = _place(urljoin(asked, location))
            except ValueError as error:
                raise BrokenResponse(f"{place.hostname} redirects to something that is not an address") from error
            place = target if target.fragment else target._replace(fragment=place.fragment)
            if not follow(urlunsplit(place)):
                raise NotFollowed(urlunsplit(place), tuple(steps))

    def post(
        self, url: str, *, content: bytes, headers: Mapping[str, str] | None = None, limits: Limits = DEFAULT_LIMITS
    ) -> Response:
        """The answer of this very address: what is meant for one is sent to no other, so a redirect raises NotFollowed. Raises
        EgressError, or InsideTransaction before anything is sent."""
        place = self._begin(url, {"Content-Type": "", "Expect": "", **(headers or {})}, limits)
        _refuse_scheme(place)
        asked = urlunsplit(place)
        self._curl.setopt(pycurl.POST, True)
        self._curl.setopt(pycurl.POSTFIELDS, content)
        answer = self._try(place, asked)
        if answer.leads_elsewhere:
            target = answer.headers["location"]
            raise NotFollowed(target, (Redirect(answer.status, asked, target),))
        return self._response(answer, url=url, final_url=asked, steps=())

    def _begin(self, url: str, headers: Mapping[str, str] | None, limits: Limits) -> SplitResult:
        """Everything that is the same for all steps of a request. The address in its parts."""
        refuse_inside_transaction("a request to another host")
        self._guard.start(limits)
        self._limits = limits
        curl = self._curl
        curl.setopt(pycurl.COOKIELIST, "ALL")
        curl.setopt(pycurl.HTTPHEADER, _lines({**self._headers, **(headers or {})}))
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, round(limits.connect_seconds * 1000))
        curl.setopt(pycurl.LOW_SPEED_TIME, max(1, round(limits.read_seconds)))
        try:
            return _place(url)
        except ValueError as error:
            raise AddressRefused(f"{url!r} is not an address") from error

    def _ask(self, place: SplitResult, url: str) -> _Answer:
        """One request without what follows. Raises EgressError."""
        try:
            return self._try(place, url)
        except (ConnectFailed, BrokenResponse):
            if self._guard.connected:
                raise
        # The connection was an old one, which the server may close whenever it likes, or in which more waited than it had
        # announced: once more over a new one.
        self._guard.hang_up()
        return self._try(place, url)

    def _try(self, place: SplitResult, url: str) -> _Answer:
        curl, guard, host = self._curl, self._guard, str(place.hostname)
        guard.begin_step()
        self._place, self._failure, self._answer = place, None, None
        self._head.clear()
        curl.setopt(pycurl.URL, url.encode())
        if ":" not in host:  # an address of IPv6 isn't looked up
            curl.setopt(pycurl.RESOLVE, [f"{host}:{_port(place)}:{_NOWHERE}"])
        curl.setopt(pycurl.TIMEOUT_MS, max(1, round(guard.left() * 1000)))
        try:
            curl.perform()
            answer = self._begun()
            answer.finish()
        except pycurl.error as error:
            if self._answer is not None and self._answer.is_enough:
                return self._answer
            raise self._failure or _failure(error.args[0], curl, host) from error
        except UndecodableBody as error:
            raise BrokenResponse(f"the answer of {host} cannot be decoded: {error}") from error
        return answer

    # The client calls these. What they raise would be lost in it: it is kept, and the request ended.

    def _open(self, purpose: int, address: Any) -> Any:
        try:
            return self._guard.connect(str(self._place.hostname), _port(self._place))
        except Exception as error:
            self._failure = error
            return pycurl.SOCKET_BAD

    def _take(self, piece: bytes) -> int:
        try:
            return len(piece) if self._begun().take(piece) else -1
        except UndecodableBody as error:
            self._failure = BrokenResponse(f"the answer of {self._place.hostname} cannot be decoded: {error}")
        except Exception as error:
            self._failure = error
        return -1

    def _begun(self) -> _Answer:
        """The answer whose head is here by now. Raises BrokenResponse or UndecodableBody."""
        if self._answer is None:
            host = str(self._place.hostname)
            try:
                self._answer = _Answer(host, self._head, self._limits)
            except ValueError as error:
                raise BrokenResponse(f"{host} does not speak HTTP as it should: no status") from error
        return self._answer

    def _response(self, answer: _Answer, *, url: str, final_url: str, steps: tuple[Redirect, ...]) -> Response:
        guard, curl, place = self._guard, self._curl, self._place
        tls = None
        if guard.connected and place.scheme == "https":
            tls = round((curl.getinfo(pycurl.APPCONNECT_TIME) - curl.getinfo(pycurl.CONNECT_TIME)) * 1000)
        media_type, charset = content_type(answer.headers.get("content-type", ""))
        return Response(
            url=url,
            final_url=final_url,
            status=answer.status,
            headers=answer.headers,
            body=answer.body(),
            bytes_received=answer.received,
            media_type=media_type,
            charset=charset,
            redirects=steps,
            timings=Timings(
                dns_ms=guard.dns_ms,
                connect_ms=guard.connect_ms,
                tls_ms=tls,
                first_byte_ms=round(curl.getinfo(pycurl.STARTTRANSFER_TIME) * 1000),
                total_ms=ms_between(guard.started, time.perf_counter()),
            ),
            address=guard.peer(str(place.hostname), _port(place)),
            http_version=answer.version,
        )


class _Answer:
    """Status, headers, and as much of the body as is wanted."""

    def __init__(self, host: str, head: list[bytes], limits: Limits) -> None:
        self.host, self._limits = host, limits
        start = max(
            number for number, line in enumerate(head) if line.startswith(b"HTTP/")
        )  # behind those of status 1xx
        version, _, rest = head[start].partition(b" ")
        self.version, self.status = version.decode("latin-1"), int(rest[:3])
        self.headers = _headers(head[start + 1 :])
        self.leads_elsewhere = self.status in _REDIRECTS and "location" in self.headers
        self.received = self._decoded = 0
        self._pieces: list[bytes] = []
        coding = self.headers.get("content-encoding", "")
        self._decoder = BodyDecoder(coding) if coding else None

    def take(self, piece: bytes) -> bool:
        """Whether more of the body is wanted. Raises TooLarge or UndecodableBody."""
        limits = self._limits
        if self.leads_elsewhere:
            self.received += len(piece)
            return self.received <= _MOST_DRAINED
        if not self.received and not limits.cut:
            declared = self.headers.get("content-length", "")
            if declared.isdecimal() and int(declared) > limits.body_bytes:
                raise TooLarge(f"{self.host} announces {declared} bytes, more than {limits.body_bytes}")
        self.received += len(piece)
        for part in self._decoder.feed(piece) if self._decoder else (piece,):
            self._pieces.append(part)
            self._decoded += len(part)
            if self._decoded > limits.body_bytes:
                break
        if max(self.received, self._decoded) <= limits.body_bytes:
            return True
        if not limits.cut:
            raise TooLarge(f"the answer of {self.host} is larger than {limits.body_bytes} bytes")
        return False

    @property
    def is_enough(self) -> bool:
        """Whether it was us who wanted no more of it."""
        if self.leads_elsewhere:
            return self.received > _MOST_DRAINED
        return self._limits.cut and max(self.received, self._decoded) > self._limits.body_bytes

    def finish(self) -> None:
        """Raises UndecodableBody if the end of the body is missing."""
        if self._decoder is not None and not self.leads_elsewhere:
            self._decoder.finish()

    def body(self) -> bytes:
        whole = b"".join(self._pieces)
        return whole[: self._limits.body_bytes] if self._limits.cut else whole


def _headers(lines: list[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        key, text = name.strip().lower().decode("latin-1"), _text(value.strip())
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _lines(headers: Mapping[str, str]) -> list[bytes]:
    """As curl takes them; a line break in a value would be another header."""
    return [f"{name}: {' '.join(value.split())}".encode() for name, value in headers.items()]


def _failure(code: int, curl: pycurl.Curl, host: str) -> EgressError:
    said = curl.errstr()
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return TimedOut(f"{host} did not answer in time")
    if code in _OF_TLS:
        if curl.getinfo(pycurl.OS_ERRNO) in _LOST:
            return ConnectFailed(f"{host} hung up during the TLS handshake")
        return TlsFailed(f"{host}: {said}")
    if code in (pycurl.E_GOT_NOTHING, pycurl.E_PARTIAL_FILE):
        return ConnectFailed(f"{host} hung up before its answer was whole")
    if code in _OF_THE_CONNECTION:
        return ConnectFailed(f"the connection to {host} was lost")
    if code == pycurl.E_URL_MALFORMAT:
        return AddressRefused(f"the address of {host} is none that can be asked for")
    return BrokenResponse(f"{host} does not speak HTTP as it should: {said}")


def _place(url: str) -> SplitResult:
    """An address in its parts, with everything quoted that must be. Raises ValueError."""
    place = urlsplit(quote(url.strip(), safe=_AS_THEY_ARE) if url.isascii() else _in_ascii(url))
    if place.port == 0:
        raise ValueError("port 0")
    return place


def _in_ascii(url: str) -> str:
    place = urlsplit(url.strip())
    host = (place.hostname or "").encode("idna").decode("ascii")
    port = f":{place.port}" if place.port is not None else ""
    user = f"{place.username or ''}@" if place.username is not None else ""
    return quote(urlunsplit(place._replace(netloc=f"{user}{host}{port}")), safe=_AS_THEY_ARE)


def _port(place: SplitResult) -> int:
    return place.port or _PORTS[place.scheme]


def _refuse_scheme(place: SplitResult) -> None:
    if place.scheme not in _PORTS or not place.hostname:
        raise AddressRefused(f"{urlunsplit(place)} is neither an http nor an https address")
    if place.username is not None:
        raise AddressRefused(f"the address of {place.hostname} carries a name or a password")


@functools.lru_cache(maxsize=256)
def content_type(header: str) -> tuple[str, str | None]:
    """Media type in lower case ("" where there is none) and charset, if it says one."""
    if not header.strip():
        return "", None
    message = Message()
    message["Content-Type"] = header
    return message.get_content_type(), message.get_content_charset()


def _trusted(file: str) -> list[tuple[int, str]]:
    """The certificates in this file, or the system's."""
    if file:
        return [(pycurl.CAINFO, file)]
    paths = ssl.get_default_verify_paths()
    found = [(pycurl.CAINFO, paths.cafile), (pycurl.CAPATH, paths.capath)]
    return [(option, path) for option, path in found if path]


# The client reads the trusted certificates once and keeps them (20 ms of processor time), so it is handed on.
_idle = threading.local()


def _handle() -> pycurl.Curl:
    handles: list[pycurl.Curl] = _idle.__dict__.setdefault("handles", [])
    return handles.pop() if handles else pycurl.Curl()


def _hand_back(curl: pycurl.Curl) -> None:
    curl.reset()
    _idle.__dict__.setdefault("handles", []).append(curl)
