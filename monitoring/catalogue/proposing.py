"""Proposals: what reading has noticed, written once, and an operator's decision about it.

Who notices calls `notice` and `lose_sight` in its own transaction; the desk calls the rest, in its scope.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import F
from django.utils.text import slugify

from accounts.models import User
from monitoring.catalogue import declaring
from monitoring.catalogue.declaring import DeclaredMeanwhile, NothingDeclared, entries_of
from monitoring.catalogue.entries import SelectorEntry, SourceEntry
from monitoring.catalogue.models import (
    Declaration,
    Document,
    Platform,
    Proposal,
    ProposalKind,
    ProposalState,
    Reading,
    Source,
)


class ProposalRefused(ValueError):
    """The proposal can't be decided like this; the words say why. Nothing was changed."""


# --- Noticing ---------------------------------------------------------------------------------------------------------


def notice(
    *,
    kind: ProposalKind,
    platform: Platform,
    document: Document | None,
    what: str,
    seen: dict[str, Any],
    moment: datetime,
    least: int = 1,
) -> Proposal:
    """It was seen once more. ``what`` names what is proposed: the same words are the same proposal. Open once it was seen
    ``least`` times; one that was decided stays decided."""
    key = sha256(what.encode()).hexdigest()
    state = ProposalState.OPEN if least <= 1 else ProposalState.NOTICED
    first: dict[str, Any] = {"document": document, "seen": seen, "first_seen_at": moment, "last_seen_at": moment}
    first["state"] = state
    proposal, made = Proposal.objects.get_or_create(platform=platform, kind=kind, key=key, defaults=first)
    if made:
        return proposal
    Proposal.objects.filter(pk=proposal.pk, state=ProposalState.GONE).update(
        state=ProposalState.NOTICED, times=0, first_seen_at=moment
    )
    Proposal.objects.filter(pk=proposal.pk).update(times=F("times") + 1, last_seen_at=moment)
    undecided = Proposal.objects.standing().filter(pk=proposal.pk)
    undecided.update(seen=seen)
    undecided.filter(state=ProposalState.NOTICED, times__gte=least).update(state=ProposalState.OPEN)
    proposal.refresh_from_db()
    return proposal


def lose_sight(*, kind: ProposalKind, document: Document, but: Collection[Proposal] = ()) -> None:
    """What was proposed for this document is no longer to be seen (except for ``but``). Nothing that was decided changes."""
    standing = Proposal.objects.standing().filter(kind=kind, document=document)
    standing.exclude(pk__in=[each.pk for each in but]).update(state=ProposalState.GONE, times=0)


# --- Deciding ---------------------------------------------------------------------------------------------------------


def refuse(*, proposal: Proposal, operator: User, moment: datetime, note: str = "") -> Proposal:
    """It stays as it is. The same thing is not proposed again. Raises ProposalRefused."""
    locked = _undecided(proposal)
    return _decide(locked, ProposalState.REFUSED, operator, moment, note=note)


def accept_way(*, proposal: Proposal, operator: User, moment: datetime, note: str = "") -> Declaration:
    """Read the document as proposed (at its new address, or by other selectors): a new declaration. Raises ProposalRefused."""
    locked = _undecided(proposal)
    document, seen = locked.document, locked.seen
    if document is None or document.retired_at is not None:
        raise ProposalRefused("The document was retired meanwhile.")
    before = Declaration.objects.in_force(document)
    sources = entries_of(before) if before is not None else ()
    concerned = [number for number, source in enumerate(sources) if _is_meant(source, locked)]
    if before is None or not concerned:
        raise ProposalRefused(
            "The document is read in another way by now: this no longer fits. Refuse it, or declare by hand."
        )
    wanted = tuple(_changed(source, locked) if number in concerned else source for number, source in enumerate(sources))
    reason = {
        ProposalKind.MOVED: f"the address has moved: {seen['url']}",
        ProposalKind.SELECTOR: f"the selectors matched nothing: {seen['url']}",
    }[ProposalKind(locked.kind)]
    try:
        made = declaring.declare(
            document=document,
            sources=wanted,
            reason=f"{note.strip()} ({reason})" if note.strip() else reason,
            operator=operator,
            written_on=before.number,
        )
    except (DeclaredMeanwhile, NothingDeclared) as error:
        raise ProposalRefused(str(error)) from error
    _decide(locked, ProposalState.ACCEPTED, operator, moment, note=note, declaration=made)
    return made


def accept_document(
    *,
    proposal: Proposal,
    operator: User,
    title: str,
    kind: str,
    language: str,
    adopted: bool,
    moment: datetime,
    note: str = "",
) -> Document:
    """The platform has one document more, read at the proposed address. Where the operator has looked at it and adopts it, its
    first version counts at once; otherwise somebody adopts it after its first reading. Raises ProposalRefused."""
    locked = _undecided(proposal)
    url = str(locked.seen["url"])
    platform = locked.platform
    if platform.retired_at is not None:
        raise ProposalRefused("The platform was retired meanwhile.")
    if Source.objects.filter(declaration__document__platform=platform, organization=None, url=url).exists():
        raise ProposalRefused("A document of this platform is read at this address by now.")
    document = Document.objects.create(
        platform=platform,
        slug=_free_slug(platform, title),
        kind=kind,
        title=title,
        language=language,
        adopted_at=moment if adopted else None,
        from_desk=True,
        provenance_source=f"linked from {locked.seen['page']}"[:500],
        provenance_on=locked.last_seen_at.date(),
    )
    made = declaring.declare(
        document=document,
        sources=[SourceEntry(url=url, select=(), remove=(), reading=Reading.AUTO.value, media_type="")],
        reason=note.strip() or "first: a link that was found while reading",
        operator=operator,
        written_on=0,
    )
    locked.document = document
    _decide(locked, ProposalState.ACCEPTED, operator, moment, note=note, declaration=made)
    return document


def _undecided(proposal: Proposal) -> Proposal:
    """The row, locked: two operators come one after the other."""
    locked = Proposal.objects.select_for_update(of=("self",)).select_related("platform", "document").get(pk=proposal.pk)
    if locked.state in (ProposalState.ACCEPTED, ProposalState.REFUSED):
        who = locked.decided_by.get_short_name() if locked.decided_by else "somebody"
        raise ProposalRefused(f"{who} has decided this already: {locked.get_state_display()}.")
    if locked.state != ProposalState.OPEN:
        raise ProposalRefused("It is no longer seen: there is nothing to decide.")
    return locked


def _decide(
    proposal: Proposal,
    state: ProposalState,
    operator: User,
    moment: datetime,
    *,
    note: str = "",
    declaration: Declaration | None = None,
) -> Proposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, operator, moment
    proposal.note, proposal.declaration = note.strip()[:300], declaration
    proposal.save(update_fields=["state", "decided_by", "decided_at", "note", "declaration", "document"])
    return proposal


def _is_meant(source: SourceEntry, proposal: Proposal) -> bool:
    if source.url != proposal.seen["url"]:
        return False
    return proposal.kind == ProposalKind.MOVED or source.select == _selectors(proposal.seen["select"])


def _changed(source: SourceEntry, proposal: Proposal) -> SourceEntry:
    url, select = source.url, source.select
    if proposal.kind == ProposalKind.MOVED:
        url = str(proposal.seen["target"])
    else:
        select = _selectors(proposal.seen["proposed"])
    return SourceEntry(
        url=url, select=select, remove=source.remove, reading=source.reading, media_type=source.media_type
    )


def _selectors(written: list[str | dict[str, str]]) -> tuple[SelectorEntry, ...]:
    return tuple(each if isinstance(each, str) else tuple(sorted(each.items())) for each in written)


def _free_slug(platform: Platform, title: str) -> str:
    """A slug of the title that no document of the platform has or had."""
    stem = slugify(title)[:100].strip("-") or "document"
    given = set(Document.objects.filter(platform=platform).values_list("slug", flat=True))
    slugs = [stem, *(f"{stem}-{number}" for number in range(2, len(given) + 3))]
    return next(slug for slug in slugs if slug not in given)
