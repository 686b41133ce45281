"""Small made-up packs of captures, in the form that `manage.py replay` reads."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zstandard

START = datetime(2025, 3, 1, 7, tzinfo=UTC)
TERMS = (
    "These Terms of Service are an agreement between you and Quillmark. By using the services you agree to them.",
    "You must be at least 16 years old to use the services, and you are responsible for what happens in your account.",
    "We keep your drafts for 30 days after you delete them, and we then remove them from all of our systems.",
    "You own the output that the services give you, and you may use it for any lawful purpose that you choose.",
    "You may not use the services to break the law, to harm other people or to infringe the rights of anybody.",
    "We may suspend your account if you breach these terms, with notice to you wherever the law requires notice.",
    "Our liability under this agreement is limited to the fees that you paid to us in the last twelve months.",
    "These terms are governed by the laws of Ireland, and any dispute goes to the courts of the city of Cork.",
)
KEPT_LONGER = (*TERMS[:2], TERMS[2].replace("30 days", "180 days"), *TERMS[3:])
NOT_FOUND = (
    "<html lang=en><title>Page not found</title><h1>Page not found</h1><p>The page may have been removed.</html>"
)


def page(paragraphs: Sequence[str], *, inside: str = "main", noise: str = "") -> str:
    """A page whose text stands inside of one element."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f"<html lang=en><title>Terms of Service</title><nav>Menu {noise}</nav>"
        f"<{inside}><h1>Terms of Service</h1>{text}</{inside}></html>"
    )


@dataclass(frozen=True)
class Capture:
    """One step: a day, the page as it was, and what is expected of it."""

    day: int
    html: str
    expect: str = ""
    select: str = "main"
    url: str = "https://quillmark.example/legal/terms"


def write_pack(folder: Path, sequences: dict[str, Sequence[Capture]]) -> Path:
    """Write index, replay and pages; the sequences are named `Service/Terms`. Returns the folder."""
    index, replay, pages = [], [], {}
    for name, captures in sequences.items():
        service, terms = name.split("/")
        for order, capture in enumerate(captures):
            content = capture.html.encode()
            sha256 = hashlib.sha256(content).hexdigest()
            pages[sha256] = content
            at = (START + timedelta(days=capture.day)).isoformat().replace("+00:00", "Z")
            commit = f"{name} {order}"
            known = {"service": service, "terms": terms, "captured_at": at, "sha256": sha256, "snapshot_commit": commit}
            index.append(
                {**known, "url": capture.url, "media_type": "text/html", "select": [capture.select], "remove": []}
            )
            expect = {"expect": capture.expect} if capture.expect else {}
            replay.append({**known, "replay": name, "order": order, **expect})
    (folder / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in index))
    (folder / "replay.jsonl").write_text("".join(json.dumps(line) + "\n" for line in replay))
    write_pages(folder, pages)
    return folder


def write_pages(folder: Path, pages: dict[str, bytes]) -> None:
    """The packed pages, each under the name that is given."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for sha256, content in pages.items():
            member = tarfile.TarInfo(sha256)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    (folder / "pages.tar.zst").write_bytes(zstandard.ZstdCompressor().compress(packed.getvalue()))
