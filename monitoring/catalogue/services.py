"""What is done to the catalogue: loading its files."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models, transaction

from atlas.kernel import clock
from monitoring.catalogue import declaring
from monitoring.catalogue.declaring import entries_of, what_differs
from monitoring.catalogue.entries import Catalogue, DocumentEntry, PlatformEntry, SourceEntry, TopicEntry
from monitoring.catalogue.errors import CatalogueRefused
from monitoring.catalogue.models import Declaration, Document, FormerSlug, Hub, Platform, Topic, Type

_LOAD_LOCK = 7303017  # one load at a time; any number that nobody else locks


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in words ("document claude/privacy-policy: title"). All empty where nothing was new."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    unchanged: int = 0


def load(*, catalogue: Catalogue, demo: bool = False, read_all: bool = False) -> LoadReport:
    """Make the database say what the files say; all of it or nothing. Loading the same files again writes nothing.

    Platforms and documents that the files no longer name are retired (those of the demo only where ``demo`` says that
    its files were read, too); topics and types stay. A new platform is read once an operator enables it; at once if it is
    the demo's, or with ``read_all``, which enables those that are there as well. Whatever the files name counts as
    adopted. A document that is read in another way than before gets a new declaration.

    Raises CatalogueRefused, with nothing changed, where a slug would be given to another.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOAD_LOCK])
        return _Load(demo=demo, read_all=read_all).run(catalogue)


def sort_key(name: str) -> str:
    """By what a platform is sorted: its name without case and accents (PostgreSQL sorts by code point)."""
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(each for each in decomposed if not unicodedata.combining(each)).casefold()[:120]


class _Load:
    """One load: what stood there before, and what was done. Everything is fetched once, so reloading is cheap."""

    def __init__(self, *, demo: bool, read_all: bool) -> None:
        self._demo = demo
        self._read_all = read_all
        self._now = clock.now()
        self._added: list[str] = []
        self._changed: list[str] = []
        self._retired: list[str] = []
        self._unchanged = 0
        self._platforms = {platform.slug: platform for platform in Platform.objects.all()}
        self._former = {former.slug: former.platform_id for former in FormerSlug.objects.all()}
        self._documents: dict[int, dict[str, Document]] = {}
        for document in Document.objects.public():
            self._documents.setdefault(document.platform_id, {})[document.slug] = document
        self._ways = _ways_of_reading()
        self._hubs = {hub.platform_id: hub for hub in Hub.objects.all()}
        self._topics = {topic.slug: topic for topic in Topic.objects.all()}
        self._types = {kind.slug: kind for kind in Type.objects.all()}

    def run(self, catalogue: Catalogue) -> LoadReport:
        named = [self._platform(entry) for entry in catalogue.platforms]
        self._retire_platforms(platform.pk for platform in named)
        for position, topic in enumerate(catalogue.topics):
            self._topic(topic, position)
        return LoadReport(self._added, self._changed, self._retired, self._unchanged)

    # Platforms

    def _platform(self, entry: PlatformEntry) -> Platform:
        platform = self._found(entry)
        values: dict[str, Any] = {
            "slug": entry.slug,
            "name": entry.name,
            "sort_key": sort_key(entry.name),
            "company": entry.company,
            "jurisdiction": entry.jurisdiction,
            "category": entry.category,
            "languages": list(entry.languages),
            "aliases": list(entry.aliases),
            "note": entry.note,
            "from_files": True,
            "retired_at": None,
            "provenance_source": entry.provenance.source,
            "provenance_on": entry.provenance.date,
        }
        if self._read_all:
            values["enabled"] = True
        if platform is None:
            enabled = entry.demo or self._read_all
            platform = Platform.objects.create(**{**values, "demo": entry.demo, "enabled": enabled})
            self._added.append(f"platform {entry.slug}")
        else:
            self._update(platform, values, f"platform {entry.slug}")
        self._former_slugs(platform, entry)
        self._hub(platform, entry)
        for position, document in enumerate(entry.documents):
            self._document(platform, document, file=entry.file, position=position)
        self._retire_documents(platform, {document.slug for document in entry.documents})
        return platform

    def _found(self, entry: PlatformEntry) -> Platform | None:
        """The platform that the file speaks of, if it is there. Raises CatalogueRefused for a slug of another's."""
        owner = self._former.get(entry.slug)
        platform = self._platforms.get(entry.slug)
        if platform is None:
            renamed = [self._platforms[slug] for slug in entry.former_slugs if slug in self._platforms]
            platform = renamed[0] if renamed else None
        if owner is not None and (platform is None or platform.pk != owner):
            raise CatalogueRefused(entry.file, "slug", f"{entry.slug!r} was the slug of another platform")
        if platform is None:
            return None
        unclaimed = platform.retired_at is not None or not platform.from_files
        if platform.demo != entry.demo or (unclaimed and platform.name not in {entry.name, *entry.aliases}):
            raise CatalogueRefused(entry.file, "slug", f"{platform.slug!r} is the slug of another platform, {platform}")
        return platform

    def _hub(self, platform: Platform, entry: PlatformEntry) -> None:
        hub, name = self._hubs.get(platform.pk), f"hub of {platform.slug}"
        if entry.hub is None:
            if hub is not None:
                hub.delete()
                self._retired.append(name)
            return
        values: dict[str, Any] = {
            "url": entry.hub.url,
            "provenance_source": entry.hub.provenance.source,
            "provenance_on": entry.hub.provenance.date,
        }
        if hub is None:
            Hub.objects.create(platform=platform, **values)
            self._added.append(name)
        else:
            if hub.url != entry.hub.url:
                values["next_read_at"] = self._now
            self._update(hub, values, name)

    def _former_slugs(self, platform: Platform, entry: PlatformEntry) -> None:
        for position, slug in enumerate(entry.former_slugs):
            other = self._platforms.get(slug)
            if self._former.get(slug, platform.pk) != platform.pk or (other is not None and other.pk != platform.pk):
                reason = f"{slug!r} is or was the slug of another platform"
                raise CatalogueRefused(entry.file, f"former_slugs[{position}]", reason)
            if slug not in self._former:
                FormerSlug.objects.create(slug=slug, platform=platform)
                self._former[slug] = platform.pk
        if self._former.pop(entry.slug, None) is not None:  # it is called so again
            FormerSlug.objects.filter(slug=entry.slug).delete()

    def _retire_platforms(self, named: Iterable[int]) -> None:
        kept = set(named)
        for platform in self._platforms.values():
            gone = platform.from_files and platform.pk not in kept and (self._demo or not platform.demo)
            if gone and platform.retired_at is None:
                platform.retired_at = self._now
                platform.save(update_fields=["retired_at"])
                self._retired.append(f"platform {platform.slug}")

    # Documents

    def _document(self, platform: Platform, entry: DocumentEntry, *, file: str, position: int) -> None:
        document = self._documents.get(platform.pk, {}).get(entry.slug)
        name = f"{platform.slug}/{entry.slug}"
        values: dict[str, Any] = {
            "kind": entry.kind,
            "title": entry.title,
            "audience": entry.audience,
            "region": entry.region,
            "language": entry.language,
            "retired_at": None,
            "from_desk": False,
            "provenance_source": entry.provenance.source,
            "provenance_on": entry.provenance.date,
        }
        if document is None:
            values |= {"platform": platform, "slug": entry.slug, "adopted_at": self._now}
            document = Document.objects.create(**values)
            another_kind = False
            self._added.append(f"document {name}")
        elif document.retired_at is not None and document.kind != entry.kind:
            reason = f"{entry.slug!r} was the slug of another document, {document.title!r}"
            raise CatalogueRefused(file, f"documents[{position}].slug", reason)
        else:
            another_kind = document.kind != entry.kind
            self._update(document, values, f"document {name}")
        self._declare(document, entry.sources, name, another_kind=another_kind)

    def _declare(self, document: Document, sources: tuple[SourceEntry, ...], name: str, *, another_kind: bool) -> None:
        """The kind tells which document of a page is meant: another kind is another way of reading too."""
        before = self._ways.get(document.pk, _Read())
        from_desk = False
        if sources in (before.from_files, before.in_force):  # what an operator has declared since stands
            if not another_kind:
                return
            from_desk, sources = sources != before.in_force, before.in_force
        reason = (what_differs(before.in_force, sources) or "kind") if before.number else "first"
        number = before.number + 1
        declaring.write(
            document=document, number=number, sources=sources, reason=f"catalogue: {reason}", from_desk=from_desk
        )
        if before.number:
            self._changed.append(f"declaration {number} of {name}: {reason}")

    def _retire_documents(self, platform: Platform, named: set[str]) -> None:
        for slug, document in self._documents.get(platform.pk, {}).items():
            if slug not in named and document.retired_at is None and not document.from_desk:
                document.retired_at = self._now
                document.save(update_fields=["retired_at"])
                self._retired.append(f"document {platform.slug}/{slug}")

    # Topics

    def _topic(self, entry: TopicEntry, position: int) -> None:
        values = {"name": entry.name, "definition": entry.definition, "position": position}
        topic = self._topics.get(entry.slug)
        if topic is None:
            topic = Topic.objects.create(slug=entry.slug, **values)
            self._added.append(f"topic {entry.slug}")
        else:
            self._update(topic, values, f"topic {entry.slug}")
        for order, kind in enumerate(entry.types):
            of_type = {"topic_id": topic.pk, "name": kind.name, "definition": kind.definition, "position": order}
            if kind.slug in self._types:
                self._update(self._types[kind.slug], of_type, f"type {kind.slug}")
            else:
                Type.objects.create(slug=kind.slug, **of_type)
                self._added.append(f"type {kind.slug}")

    def _update(self, instance: models.Model, values: dict[str, Any], name: str) -> None:
        different = [key for key, value in values.items() if getattr(instance, key) != value]
        if not different:
            self._unchanged += 1
            return
        for key in different:
            setattr(instance, key, values[key])
        instance.save(update_fields=different)
        self._changed.append(f"{name}: {', '.join(different)}")


@dataclass(frozen=True, slots=True)
class _Read:
    """How a document is read: the number in force, its pages, and what the files said last (an operator may have declared
    something else since)."""

    number: int = 0
    in_force: tuple[SourceEntry, ...] = ()
    from_files: tuple[SourceEntry, ...] = ()


def _ways_of_reading() -> dict[int, _Read]:
    """Of each public document, by its newest declarations."""
    declarations = Declaration.objects.filter(organization=None).prefetch_related("sources")
    newest = declarations.order_by("document_id", "-number").distinct("document_id")
    from_files = declarations.filter(from_desk=False).order_by("document_id", "-number").distinct("document_id")
    said = {declaration.document_id: entries_of(declaration) for declaration in from_files}
    return {
        declaration.document_id: _Read(
            declaration.number, entries_of(declaration), said.get(declaration.document_id, ())
        )
        for declaration in newest
    }
