"""Bytes by their SHA-256: small ones in the row, large ones in a file; how they are encoded is named."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import zstandard
from django.conf import settings

from monitoring.archive.models import Payload

LEVEL = 9
LARGEST_ROW = 1024 * 1024  # encoded bytes; larger ones go to a file


class PayloadGone(LookupError):
    """The bytes were withdrawn; their hash stands."""


class PayloadDamaged(RuntimeError):
    """What is stored under a hash does not have that hash."""


def store(content: bytes) -> Payload:
    """Keep these bytes, once. Runs in the caller's transaction; a file is complete before its row names it."""
    sha256 = hashlib.sha256(content).hexdigest()
    existing = Payload.objects.filter(pk=sha256).defer("data").first()
    if existing is not None:
        return existing
    packed = zstandard.ZstdCompressor(level=LEVEL).compress(content)
    encoding, data = (
        (Payload.Encoding.ZSTD, packed) if len(packed) < len(content) else (Payload.Encoding.IDENTITY, content)
    )
    payload = Payload(sha256=sha256, encoding=encoding, size=len(content))
    if len(data) <= LARGEST_ROW:
        payload.data = data
    else:
        payload.location = _write(sha256, data)
    Payload.objects.bulk_create([payload], ignore_conflicts=True)  # another worker may have been first: the same bytes
    return payload


def load(payload: Payload) -> bytes:
    """The bytes as they were given to `store`. Raises PayloadGone, or PayloadDamaged where the hash doesn't fit."""
    if payload.withdrawn_at is not None:
        raise PayloadGone(f"{payload.sha256} was withdrawn on {payload.withdrawn_at:%Y-%m-%d}")
    data = bytes(payload.data) if payload.data is not None else (_folder() / payload.location).read_bytes()
    if payload.encoding == Payload.Encoding.ZSTD:
        data = zstandard.ZstdDecompressor().decompress(data, max_output_size=payload.size)
    if hashlib.sha256(data).hexdigest() != payload.sha256:
        raise PayloadDamaged(f"the bytes stored as {payload.sha256} do not have this hash")
    return data


def _folder() -> Path:
    return Path(settings.STATE_DIR) / "payloads"


def _write(sha256: str, data: bytes) -> str:
    location = f"{sha256[:2]}/{sha256}"
    target = _folder() / location
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(target)
    return location
