from __future__ import annotations

import gzip
import zlib

import brotli  # type: ignore[import-untyped]
import pytest

from atlas.kernel.encodings import BodyDecoder, UndecodableBody

TEXT = b"We keep your content for thirty days. " * 3000


def decoded(encoding: str, data: bytes, *, step: int = 7) -> bytes:
    decoder = BodyDecoder(encoding)
    pieces = [piece for at in range(0, len(data), step) for piece in decoder.feed(data[at : at + step])]
    decoder.finish()
    return b"".join(pieces)


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT))),
    ],
)
def test_each_coding_gives_back_the_text(encoding: str, data: bytes) -> None:
    assert decoded(encoding, data) == TEXT


@pytest.mark.parametrize("step", [1, 10, 1_000_000])
def test_all_members_of_a_gzip_stream_are_read(step: int) -> None:
    assert decoded("gzip", gzip.compress(b"one ") + gzip.compress(b"two"), step=step) == b"one two"


def test_what_follows_the_last_gzip_member_is_ignored() -> None:
    assert decoded("gzip", gzip.compress(b"one") + b"\0\0\0\0") == b"one"


@pytest.mark.parametrize(
    ("encoding", "data"),
    [("gzip", gzip.compress(TEXT)), ("deflate", zlib.compress(TEXT)), ("br", brotli.compress(TEXT))],
)
def test_a_stream_without_its_end_is_refused(encoding: str, data: bytes) -> None:
    with pytest.raises(UndecodableBody, match="cut off"):
        decoded(encoding, data[: len(data) // 2])


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_a_stream_that_is_something_else_is_refused(encoding: str) -> None:
    with pytest.raises(UndecodableBody):
        decoded(encoding, b"<html>no compression at all</html>")


@pytest.mark.parametrize("encoding", ["zstd", "gzip, gzip, gzip"])
def test_codings_that_were_not_asked_for_are_refused(encoding: str) -> None:
    with pytest.raises(UndecodableBody):
        BodyDecoder(encoding)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_an_empty_body_needs_no_end(encoding: str) -> None:
    assert decoded(encoding, b"") == b""


@pytest.mark.parametrize(
    ("encoding", "compress"), [("gzip", gzip.compress), ("br", brotli.compress), ("deflate", zlib.compress)]
)
def test_a_bomb_comes_out_in_small_pieces(encoding: str, compress: object) -> None:
    bomb = compress(bytes(8_000_000))  # type: ignore[operator]
    first = next(BodyDecoder(encoding).feed(bomb))
    assert 0 < len(first) <= 1_000_000
