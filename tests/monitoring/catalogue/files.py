"""Catalogue files made for tests, and what stands in them unless a test says otherwise."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

PROVENANCE = {"source": "https://chat.example/legal", "date": date(2026, 3, 1)}


def source_entry(url: str = "https://chat.example/terms", **fields: Any) -> dict[str, Any]:
    return {"url": url, "reading": "static", **fields}


def document_entry(slug: str = "terms", **fields: Any) -> dict[str, Any]:
    base = {"slug": slug, "kind": "terms-of-service", "title": "Terms of Use", "language": "en"}
    return {**base, "provenance": PROVENANCE, "sources": [source_entry()], **fields}


def platform_entry(slug: str = "example-chat", **fields: Any) -> dict[str, Any]:
    base = {"slug": slug, "name": "Example Chat", "category": "assistant", "languages": ["en"]}
    return {**base, "provenance": PROVENANCE, "documents": [document_entry()], **fields}


def write_catalogue(folder: Path, *platforms: dict[str, Any], topics: list[dict[str, Any]] | None = None) -> Path:
    """The folder, holding exactly these files."""
    (folder / "platforms").mkdir(parents=True, exist_ok=True)
    for old in folder.glob("**/*.yaml"):
        old.unlink()
    for platform in platforms:
        (folder / "platforms" / f"{platform['slug']}.yaml").write_text(yaml.safe_dump(platform))
    if topics is not None:
        (folder / "topics.yaml").write_text(yaml.safe_dump({"topics": topics}))
    return folder
