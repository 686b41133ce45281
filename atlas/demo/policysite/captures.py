"""A script of pages captured elsewhere: any path shows the bytes that it is told to, named by their SHA-256."""

import json
import re
import threading
from collections.abc import Mapping
from html import escape
from pathlib import Path

from atlas.demo.plainpage import plain_page
from atlas.demo.policysite.scripts import CannotShow, Page

SHA256 = re.compile(r"[0-9a-f]{64}")


class CaptureScript:
    """Plays files out of a folder, each named by the SHA-256 of its bytes, served exactly as they are.

    The index is a file of JSON lines that names a `sha256` and its `media_type`; a line's other fields are ignored.
    """

    def __init__(self, index: Path, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._shown: dict[str, str] = {}
        with index.open(encoding="utf-8") as lines:
            captures = [json.loads(line) for line in lines if line.strip()]
        self._media_types: dict[str, str] = {line["sha256"]: line["media_type"] for line in captures}

    def page(self, path: str) -> Page | None:
        with self._lock:
            sha256 = self._shown.get(path)
        if sha256 is None:
            return None
        return Page((self._folder / sha256).read_bytes(), media_type=self._media_types[sha256])

    def front(self) -> str:
        with self._lock:
            rows = [f"<li>{escape(path)}: {sha256}</li>" for path, sha256 in sorted(self._shown.items())]
        return plain_page("Captured pages", f"<h1>Captured pages</h1>\n<ul>{''.join(rows)}</ul>")

    def state(self) -> Mapping[str, object]:
        with self._lock:
            return {"shown": dict(self._shown), "captures": len(self._media_types)}

    def show(self, document: str, step: object) -> None:
        """Let the path (`document`, which begins with a slash) show the capture (`step`, a SHA-256) from now on."""
        sha256 = str(step)
        if not document.startswith("/") or document.startswith("/_site/") or document == "/":
            raise CannotShow(f"no capture can stand at {document}")
        if not SHA256.fullmatch(sha256) or sha256 not in self._media_types:
            raise CannotShow(f"the index names no capture {sha256}")
        if not (self._folder / sha256).is_file():
            raise CannotShow(f"the folder holds no file {sha256}")
        with self._lock:
            self._shown[document] = sha256

    def publish(self, document: str) -> None:
        raise CannotShow("captured pages have no next version: show one by its hash")
