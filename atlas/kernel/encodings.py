"""Content-Encoding undone in small pieces, so that whoever reads can count and stop.

Most clients' own decoders take a gzip stream that was cut off, or one of several members, for a whole one. A document that
lost its end must not be recorded as a document, so the end of each stream is asked for here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

ACCEPT_ENCODING = "gzip, deflate, br"
_PIECE = 256 * 1024
_MOST_CODINGS = 2
_GZIP_MAGIC = b"\x1f\x8b"


class UndecodableBody(Exception):
    """The body isn't what its Content-Encoding says, was cut off, or is in a coding that we don't speak."""


class _Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> None: ...


class BodyDecoder:
    """Undoes the codings of one ``Content-Encoding`` header.

    ``feed`` gives pieces of at most some hundred kilobytes; ``finish`` raises UndecodableBody if the end is missing.
    """

    def __init__(self, content_encoding: str) -> None:
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name not in {"", "identity"}]
        if len(names) > _MOST_CODINGS:
            raise UndecodableBody(f"more than {_MOST_CODINGS} content codings")
        self._decoders: Sequence[_Decoder] = [_decoder_for(name) for name in reversed(names)]

    def feed(self, data: bytes) -> Iterator[bytes]:
        pieces: Iterator[bytes] = iter((data,))
        for decoder in self._decoders:
            pieces = _pipe(decoder, pieces)
        yield from pieces

    def finish(self) -> None:
        for decoder in self._decoders:
            decoder.finish()


def _pipe(decoder: _Decoder, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from decoder.feed(piece)


def _decoder_for(name: str) -> _Decoder:
    if name in {"gzip", "x-gzip"}:
        return _Gzip()
    if name == "deflate":
        return _Deflate()
    if name == "br":
        return _Brotli()
    raise UndecodableBody(f"content coding {name!r} was not asked for")


class _Gzip:
    """One or more members (RFC 1952); what follows the last one is ignored, as browsers do."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._after_member = b""
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._stream.eof:
                data = self._after_member + data
                if len(data) < len(_GZIP_MAGIC):
                    self._after_member = data
                    return
                self._after_member = b""
                if not data.startswith(_GZIP_MAGIC):
                    return
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._started = True
            yield from _inflate(self._stream, data)
            data = self._stream.unused_data

    def finish(self) -> None:
        if self._started and not self._stream.eof:
            raise UndecodableBody("the gzip stream was cut off")


class _Deflate:
    """zlib streams (what RFC 9110 means) and raw ones (what some servers send)."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._started or not data:
            if data and not self._stream.eof:
                yield from _inflate(self._stream, data)
            return
        self._started = True
        if data[0] & 0x0F != zlib.DEFLATED:
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        yield from _inflate(self._stream, data)

    def finish(self) -> None:
        if self._started and not self._stream.eof:
            raise UndecodableBody("the deflate stream was cut off")


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]

        self._error: type[Exception] = brotli.error
        self._stream = brotli.Decompressor()
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not data or self._stream.is_finished():
            return
        self._started = True
        try:
            piece = self._stream.process(data, output_buffer_limit=_PIECE)
            while piece:
                yield piece
                if self._stream.is_finished():
                    return
                piece = self._stream.process(b"", output_buffer_limit=_PIECE)
        except self._error as error:
            raise UndecodableBody("the brotli stream is damaged") from error

    def finish(self) -> None:
        if self._started and not self._stream.is_finished():
            raise UndecodableBody("the brotli stream was cut off")


def _inflate(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = stream.decompress(data, _PIECE)
        except zlib.error as error:
            raise UndecodableBody("the compressed stream is damaged") from error
        if piece:
            yield piece
        data = stream.unconsumed_tail
        # All input may be taken while output still waits inside: then the piece was full.
        if stream.eof or (not data and len(piece) < _PIECE):
            return
