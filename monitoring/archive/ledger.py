"""The append-only log of all evidence."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from monitoring.archive.models import LedgerEntry, Snapshot, Version


def leaf_sha256(body: dict[str, Any]) -> str:
    """RFC 6962, section 2.1: SHA-256 over 0x00 and the leaf; the leaf is canonical JSON (sorted keys, no spaces, UTF-8)."""
    leaf = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.sha256(b"\x00" + leaf).hexdigest()


def log_version(version: Version, snapshots: list[Snapshot]) -> LedgerEntry:
    """Record that this text was read from these bytes at that moment."""
    body = {
        "kind": "version",
        "version": version.typeid,
        "document": version.document.typeid,
        "cause": version.cause,
        "extractor": version.extractor,
        "form": version.form,
        "observed_at": version.observed_at.isoformat(),
        "text_sha256": version.text_sha256,
        "snapshots": [_snapshot(snapshot) for snapshot in snapshots],
    }
    return LedgerEntry.objects.create(
        organization_id=version.organization_id,
        kind="version",
        subject=version.typeid,
        body=body,
        leaf_sha256=leaf_sha256(body),
    )


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    said = {"url": snapshot.url, "final_url": snapshot.final_url, "sha256": snapshot.payload_id}
    if snapshot.upload is None:
        return said
    return {**said, "uploaded": {"who": snapshot.upload.who, "how": snapshot.upload.how}}
