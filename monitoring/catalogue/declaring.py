"""How a document is read from now on: a new numbered declaration, by the catalogue's files or by an operator at the desk."""

from __future__ import annotations

from collections.abc import Sequence

from accounts import staff
from accounts.models import User
from monitoring.catalogue.entries import SelectorEntry, SourceEntry
from monitoring.catalogue.models import Declaration, Document, Source


class DeclaredMeanwhile(RuntimeError):
    """Somebody else has declared another way of reading since this one was begun. Nothing was written."""


class NothingDeclared(ValueError):
    """The document is read in this way already, or no reason is given. Nothing was written."""


def declare(
    *, document: Document, sources: Sequence[SourceEntry], reason: str, operator: User, written_on: int
) -> Declaration:
    """An operator declares how a document is read; ``written_on`` is the number of the declaration that they saw. Who did it,
    and when, is kept in the admin's log. A later load of the catalogue's files leaves it, unless the files say something new.

    Raises DeclaredMeanwhile, and NothingDeclared.
    """
    if not reason.strip():
        raise NothingDeclared("Say why it is read in another way from now on: the reason stays with the declaration.")
    Document.objects.select_for_update(of=("self",)).get(pk=document.pk)  # two operators come one after the other
    before = Declaration.objects.in_force(document)
    number = before.number if before else 0
    if number != written_on:
        raise DeclaredMeanwhile(f"Declaration {number} was made meanwhile: look at it before you make another.")
    if before is not None and entries_of(before) == tuple(sources):
        raise NothingDeclared(f"Declaration {number} says the same.")
    made = write(document=document, number=number + 1, sources=sources, reason=reason.strip(), from_desk=True)
    staff.log(document, by=operator, words=f"Declaration {made.number}: {made.reason}")
    return made


def write(
    *, document: Document, number: int, sources: Sequence[SourceEntry], reason: str, from_desk: bool = False
) -> Declaration:
    """The declaration with its pages, in order."""
    made = Declaration.objects.create(
        organization_id=document.organization_id,
        document=document,
        number=number,
        reason=reason[:300],
        from_desk=from_desk,
    )
    Source.objects.bulk_create(
        source_of(entry, declaration=made, position=position) for position, entry in enumerate(sources)
    )
    return made


def source_of(entry: SourceEntry, *, declaration: Declaration, position: int) -> Source:
    """The row of one page, not saved."""
    return Source(
        organization_id=declaration.organization_id,
        declaration=declaration,
        position=position,
        url=entry.url,
        select=[_as_json(each) for each in entry.select],
        remove=[_as_json(each) for each in entry.remove],
        reading=entry.reading,
        media_type=entry.media_type,
    )


def entries_of(declaration: Declaration) -> tuple[SourceEntry, ...]:
    """How a declaration reads, as values that can be held against others."""
    return tuple(
        SourceEntry(
            url=source.url,
            select=tuple(_from_json(each) for each in source.select),
            remove=tuple(_from_json(each) for each in source.remove),
            reading=source.reading,
            media_type=source.media_type,
        )
        for source in declaration.sources.all()
    )


def what_differs(before: tuple[SourceEntry, ...], after: tuple[SourceEntry, ...]) -> str:
    """Why a new declaration is needed, in words."""
    if {source.url for source in before} != {source.url for source in after}:
        return "addresses"
    if [source.url for source in before] != [source.url for source in after]:
        return "pages or their order"
    parts = {
        "selectors": [(source.select, source.remove) for source in before]
        != [(source.select, source.remove) for source in after],
        "way of reading": [source.reading for source in before] != [source.reading for source in after],
        "media type": [source.media_type for source in before] != [source.media_type for source in after],
    }
    return ", ".join(name for name, differs in parts.items() if differs)


def _as_json(selector: SelectorEntry) -> str | dict[str, str]:
    return selector if isinstance(selector, str) else dict(selector)


def _from_json(selector: str | dict[str, str]) -> SelectorEntry:
    return selector if isinstance(selector, str) else tuple(sorted(selector.items()))
