"""The catalogue's files read and checked, before anything is written: ``platforms/<slug>.yaml`` and ``topics.yaml``.

Pure but for reading the files that it is pointed at. ``monitoring/data/README.md`` describes the form.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from monitoring.catalogue.entries import (
    Catalogue,
    DocumentEntry,
    HubEntry,
    PlatformEntry,
    Provenance,
    SelectorEntry,
    SourceEntry,
    TopicEntry,
    TypeEntry,
)
from monitoring.catalogue.errors import CatalogueRefused
from monitoring.catalogue.fields import Field, parse_yaml
from monitoring.catalogue.vocabulary import CATEGORIES, KINDS
from monitoring.extraction.errors import InvalidSelector
from monitoring.extraction.selectors import Range, find_first

POLICY_SITE = "${POLICY_SITE}"

READINGS = frozenset({"static", "browser", "auto"})
AUDIENCES = frozenset({"consumers", "businesses"})
MEDIA_TYPES = frozenset({"text/html", "application/pdf", "text/markdown", "text/plain"})
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"
_COUNTRY = r"[A-Z]{2}"
_EMPTY_PAGE = LexborHTMLParser("<p></p>")

_PLATFORM_REQUIRED = frozenset({"slug", "name", "category", "languages", "provenance", "documents"})
_PLATFORM_OPTIONAL = frozenset({"former_slugs", "company", "jurisdiction", "aliases", "note", "demo", "hub"})
_DOCUMENT_REQUIRED = frozenset({"slug", "kind", "title", "language", "provenance", "sources"})
_DOCUMENT_OPTIONAL = frozenset({"audience", "region"})
_SOURCE_REQUIRED = frozenset({"url", "reading"})
_SOURCE_OPTIONAL = frozenset({"select", "remove", "media_type"})
_WORD_REQUIRED = frozenset({"slug", "name", "definition"})


def read_catalogue(platform_files: Iterable[Path], topics_file: Path | None, *, policy_site: str = "") -> Catalogue:
    """All files together. ``policy_site`` stands in for ``${POLICY_SITE}`` in addresses of platforms of the demo.

    Raises CatalogueRefused for the first thing that is wrong, in the order of the files.
    """
    platforms = tuple(
        read_platform(_content(path), file=path.name, policy_site=policy_site) for path in sorted(platform_files)
    )
    given: dict[str, str] = {}
    for platform in platforms:
        for slug in (platform.slug, *platform.former_slugs):
            if slug in given:
                raise CatalogueRefused(platform.file, "slug", f"{slug!r} is given to {given[slug]} too")
            given[slug] = platform.file
    topics = () if topics_file is None else read_topics(_content(topics_file), file=topics_file.name)
    return Catalogue(platforms, topics)


def read_platform(content: str, *, file: str, policy_site: str = "") -> PlatformEntry:
    """One platform's file, whose name is its slug."""
    root = parse_yaml(content, file=file).mapping(required=_PLATFORM_REQUIRED, optional=_PLATFORM_OPTIONAL)
    slug = root["slug"].slug()
    if Path(file).stem != slug:
        root["slug"].refuse(f"{slug!r} is not the name of the file")
    demo = root["demo"].truth(default=False)
    documents = tuple(
        _document(field, demo=demo, policy_site=policy_site) for field in root["documents"].items(at_least=1)
    )
    _refuse_twice(root["documents"], [document.slug for document in documents], "slug")
    return PlatformEntry(
        file=file,
        slug=slug,
        former_slugs=tuple(field.slug() for field in root["former_slugs"].items()),
        name=root["name"].words(most=120),
        company=root["company"].words(most=300, default=""),
        jurisdiction=root["jurisdiction"].matching(_COUNTRY, called="a country (ISO 3166: US)", most=80, default=""),
        category=root["category"].one_of(frozenset(CATEGORIES)),
        languages=tuple(_language(field) for field in root["languages"].items(at_least=1)),
        aliases=tuple(field.words(most=120) for field in root["aliases"].items()),
        note=root["note"].words(most=2000, default=""),
        demo=demo,
        hub=_hub(root["hub"], demo=demo, policy_site=policy_site),
        provenance=_provenance(root["provenance"]),
        documents=documents,
    )


def read_topics(content: str, *, file: str) -> tuple[TopicEntry, ...]:
    """The taxonomy: topics with their types. A slug is given once over both levels together."""
    root = parse_yaml(content, file=file).mapping(required=frozenset({"topics"}))
    topics = tuple(_topic(field) for field in root["topics"].items(at_least=1))
    slugs = [slug for topic in topics for slug in (topic.slug, *(kind.slug for kind in topic.types))]
    _refuse_twice(root["topics"], slugs, "slug")
    return topics


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueRefused(path.name, "", "is not UTF-8") from error
    except OSError as error:
        raise CatalogueRefused(path.name, "", f"cannot be read: {error.strerror}") from error


def _hub(field: Field, *, demo: bool, policy_site: str) -> HubEntry | None:
    if field.value is None:
        return None
    field.mapping(required=frozenset({"url", "provenance"}))
    return HubEntry(_url(field["url"], demo=demo, policy_site=policy_site), _provenance(field["provenance"]))


def _document(field: Field, *, demo: bool, policy_site: str) -> DocumentEntry:
    field.mapping(required=_DOCUMENT_REQUIRED, optional=_DOCUMENT_OPTIONAL)
    sources = tuple(_source(each, demo=demo, policy_site=policy_site) for each in field["sources"].items(at_least=1))
    _refuse_twice(field["sources"], sources, "source")
    return DocumentEntry(
        slug=field["slug"].slug(),
        kind=field["kind"].one_of(frozenset(KINDS)),
        title=field["title"].words(most=200),
        audience=field["audience"].one_of(AUDIENCES, default=""),
        region=field["region"].words(most=80, default=""),
        language=_language(field["language"]),
        provenance=_provenance(field["provenance"]),
        sources=sources,
    )


def _source(field: Field, *, demo: bool, policy_site: str) -> SourceEntry:
    field.mapping(required=_SOURCE_REQUIRED, optional=_SOURCE_OPTIONAL)
    return SourceEntry(
        url=_url(field["url"], demo=demo, policy_site=policy_site),
        select=tuple(_selector(each) for each in field["select"].items()),
        remove=tuple(_selector(each) for each in field["remove"].items()),
        reading=field["reading"].one_of(READINGS),
        media_type=field["media_type"].one_of(MEDIA_TYPES, default=""),
    )


def _url(field: Field, *, demo: bool, policy_site: str) -> str:
    url = field.words(most=2000)
    if url.startswith(POLICY_SITE):
        if not demo:
            field.refuse("only a platform of the demo lies on the policy site")
        if not policy_site:
            field.refuse("names the policy site, and none is set")
        url = policy_site.rstrip("/") + url.removeprefix(POLICY_SITE)
    try:
        parts = urlsplit(url)
        # Asking for the port checks it.
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine or " " in url:
        field.refuse(f"{url!r} is not an http or https address")
    if parts.username or parts.password:
        field.refuse("carries a name or a password")
    return url


def _selector(field: Field) -> SelectorEntry:
    """A CSS selector that parses, or a range between two of them."""
    if isinstance(field.value, dict):
        mapping = {str(key): field[key].words(most=500) for key in field.value}
        try:
            found = Range.from_mapping(mapping)
            selectors = [found.start, found.end]
        except InvalidSelector as error:
            field.refuse(f"is not a range ({error})")
        entry: SelectorEntry = tuple(sorted(mapping.items()))
    else:
        entry = field.words(most=500)
        selectors = [entry]
    for selector in selectors:
        try:
            find_first(_EMPTY_PAGE, selector)
        except InvalidSelector:
            field.refuse(f"{selector!r} is not a CSS selector")
    return entry


def _provenance(field: Field) -> Provenance:
    field.mapping(required=frozenset({"source", "date"}))
    return Provenance(source=field["source"].words(most=500), date=field["date"].day())


def _language(field: Field) -> str:
    return field.matching(LANGUAGE, called="a language (en, pt-BR)", most=16)


def _topic(field: Field) -> TopicEntry:
    field.mapping(required=_WORD_REQUIRED | {"types"})
    types = tuple(_type(each) for each in field["types"].items(at_least=1))
    return TopicEntry(
        slug=field["slug"].slug(),
        name=field["name"].words(most=120),
        definition=field["definition"].words(most=1000),
        types=types,
    )


def _type(field: Field) -> TypeEntry:
    field.mapping(required=_WORD_REQUIRED)
    return TypeEntry(
        slug=field["slug"].slug(),
        name=field["name"].words(most=120),
        definition=field["definition"].words(most=1000),
    )


def _refuse_twice(field: Field, values: Iterable[Hashable], called: str) -> None:
    seen = set()
    for value in values:
        if value in seen:
            field.refuse(
                f"the {called} {value!r} is given twice" if isinstance(value, str) else f"a {called} is given twice"
            )
        seen.add(value)
