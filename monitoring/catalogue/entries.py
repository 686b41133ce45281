"""What the catalogue's files say, as checked, frozen values: ``reading`` makes them, ``services`` loads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

#: A CSS selector, or a range in Open Terms Archive's JSON form as sorted pairs (hashable; ``dict()`` gives it back).
SelectorEntry = str | tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the facts come from, and the day on which they were checked there."""

    source: str
    date: date


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """One page of a document. Two documents are read alike exactly when their tuples of these are equal."""

    url: str
    select: tuple[SelectorEntry, ...]
    remove: tuple[SelectorEntry, ...]
    reading: str
    media_type: str


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    slug: str
    kind: str
    title: str
    audience: str
    region: str
    language: str
    provenance: Provenance
    sources: tuple[SourceEntry, ...]


@dataclass(frozen=True, slots=True)
class HubEntry:
    """The page on which a platform lists its legal documents."""

    url: str
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class PlatformEntry:
    """``file`` is its name in its folder, for messages."""

    file: str
    slug: str
    former_slugs: tuple[str, ...]
    name: str
    company: str
    jurisdiction: str
    category: str
    languages: tuple[str, ...]
    aliases: tuple[str, ...]
    note: str
    demo: bool
    hub: HubEntry | None
    provenance: Provenance
    documents: tuple[DocumentEntry, ...]


@dataclass(frozen=True, slots=True)
class TypeEntry:
    slug: str
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class TopicEntry:
    slug: str
    name: str
    definition: str
    types: tuple[TypeEntry, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All files together: slugs are given once."""

    platforms: tuple[PlatformEntry, ...]
    topics: tuple[TopicEntry, ...]
