"""Do the words that a published finding quotes still stand in its document?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max

from monitoring.anchoring import Anchor, AnchorStatus, Selector, describe, locate
from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.changes.models import Change
from monitoring.changes.services import comparison_of
from monitoring.diffing import Comparison
from monitoring.findings.models import Excerpt, Finding, FindingState

#: From the best to the worst: a finding stands as its worst excerpt does.
_ORDER = (AnchorStatus.EXACT, AnchorStatus.MOVED, AnchorStatus.MODIFIED, AnchorStatus.REMOVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the quoted words are in `version`, the newest that is public.

    `confirmed_at`: when they were last seen there, word for word. `gone_at`: when we first read the document without them.
    """

    status: AnchorStatus
    anchors: tuple[tuple[Excerpt, Anchor], ...]
    version: Version
    confirmed_at: datetime
    gone_at: datetime | None = None

    @property
    def stands(self) -> bool:
        return self.gone_at is None


def standing(excerpts: Sequence[Excerpt], newest: Version) -> Standing:
    """Of a revision's excerpts (one or more, their `version` selected along) in the newest public version of their document
    (its `extracted` selected along). One query where the words stand, three where they don't."""
    text = text_of(newest).text
    whole = all(excerpt.exact in text for excerpt in excerpts)
    comparisons = {} if whole else _comparisons(excerpts, newest)
    anchors = tuple(
        (excerpt, locate(_selector(excerpt), text, through=comparisons.get(excerpt.version_id))) for excerpt in excerpts
    )
    status = max((anchor.status for _, anchor in anchors), key=_ORDER.index)
    if whole:
        return Standing(status, anchors, newest, _last_seen(newest))
    last_with, gone_at = _history(excerpts, newest)
    return Standing(status, anchors, newest, _last_seen(last_with), gone_at)


@dataclass(frozen=True, slots=True)
class Touched:
    """A published finding whose words a change moved, reworded or removed; `now` is what stands there instead."""

    finding: Finding
    excerpt: Excerpt
    status: AnchorStatus
    now: str


def touched_by(change: Change) -> list[Touched]:
    """The published findings on the changed document that quote words which the new version doesn't have as they were. The
    change's texts and comparison were selected along; one query."""
    excerpts = Excerpt.objects.filter(
        revision__finding__state=FindingState.PUBLISHED,
        revision__finding__published=F("revision"),
        revision__finding__provision__document=change.document_id,
    ).select_related("revision__finding__provision__type", "revision__finding__published")
    old, new, comparison = text_of(change.old).text, text_of(change.new).text, comparison_of(change)
    found = []
    for excerpt in excerpts:
        before = locate(_selector(excerpt), old)
        if before.status == AnchorStatus.REMOVED:
            continue
        here = describe(old, before.start, before.end)
        anchor = locate(here, new, through=comparison)
        if anchor.status != AnchorStatus.EXACT:
            now = new[anchor.start : anchor.end] if anchor.status != AnchorStatus.REMOVED else ""
            found.append(Touched(excerpt.revision.finding, excerpt, anchor.status, now))
    return found


def _selector(excerpt: Excerpt) -> Selector:
    return Selector(excerpt.exact, excerpt.prefix, excerpt.suffix, excerpt.start, excerpt.end)


def _comparisons(excerpts: Sequence[Excerpt], newest: Version) -> dict[int, Comparison]:
    """By the id of the quoted version, where the newest one follows right after it."""
    changes = Change.objects.filter(new=newest, old__in=[excerpt.version_id for excerpt in excerpts])
    return {change.old_id: comparison_of(change) for change in changes.select_related("comparison")}


def _history(excerpts: Sequence[Excerpt], newest: Version) -> tuple[Version, datetime]:
    """The last public version with every word, since the quoted one, and when the first without them was read."""
    since = min(excerpt.version.observed_at for excerpt in excerpts)
    versions = Version.objects.released().filter(document=newest.document_id, observed_at__gte=since)
    last_with = excerpts[0].version
    for version in versions.select_related("extracted").order_by("observed_at"):
        text = text_of(version).text
        if not all(excerpt.exact in text for excerpt in excerpts):
            return last_with, version.observed_at
        last_with = version
    return last_with, newest.observed_at


def _last_seen(version: Version) -> datetime:
    """By its sightings, else when it was read."""
    seen: datetime | None = version.sightings.aggregate(seen=Max("last_at"))["seen"]
    return seen or version.observed_at
