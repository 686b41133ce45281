"""Documents that are played from captures made elsewhere: a platform per service, apart from those of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.text import slugify

from monitoring.catalogue.models import Declaration, Document, Platform, Source
from monitoring.catalogue.services import sort_key
from monitoring.catalogue.vocabulary import KINDS

#: Kinds as captures name them, where ours has another name.
_OUR_KIND = {"data-processor-agreement": "data-processing-agreement", "trackers-policy": "cookie-policy"}


def add_replayed(*, service: str, name: str, terms: str, moment: datetime, provenance: str) -> Document:
    """One document of a service, adopted at this moment. `name` tells it from the service's others, `terms` is its kind in
    words; `provenance` names those whose captures these are, and pages take their attribution from it. The platform isn't
    enabled: nobody reads its documents but the replay."""
    title = f"{service} (replayed)"
    platform, _ = Platform.objects.get_or_create(
        slug=platform_slug(service),
        defaults={
            "name": title,
            "sort_key": sort_key(title),
            "note": "Played from captures made elsewhere, at their dates; not read by us.",
            "provenance_source": provenance,
            "provenance_on": moment.date(),
            "created_at": moment,
        },
    )
    kind = slugify(terms)
    kind = _OUR_KIND.get(kind, kind)
    return Document.objects.create(
        platform=platform,
        slug=document_slug(name),
        kind=kind if kind in KINDS else "terms-of-service",
        title=name[:200],
        adopted_at=moment,
        provenance_source=provenance,
        provenance_on=moment.date(),
        created_at=moment,
    )


def is_there(*, service: str, name: str) -> bool:
    """Was this document replayed into this database before?"""
    return Document.objects.filter(platform__slug=platform_slug(service), slug=document_slug(name)).exists()


def platform_slug(service: str) -> str:
    return f"replayed-{slugify(service)}"[:80]


def document_slug(name: str) -> str:
    return slugify(name)[:120]


def declare(
    *, document: Document, url: str, select: Sequence[Any], remove: Sequence[Any], reason: str, moment: datetime
) -> Declaration:
    """How the document is read from now on: the next number, with one static source."""
    number = Declaration.objects.filter(document=document).count() + 1
    declaration = Declaration.objects.create(document=document, number=number, reason=reason[:300], created_at=moment)
    Source.objects.create(declaration=declaration, position=0, url=url, select=list(select), remove=list(remove))
    return declaration
