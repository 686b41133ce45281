"""Comparing consecutive versions, deciding about the result, and letting it become public. Runs in the caller's scope."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.models import User
from monitoring.archive import payloads
from monitoring.archive.models import Cause, DocumentHead, Version
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Release, ReleaseState, Significance
from monitoring.diffing import Comparison, compare
from monitoring.diffing.words import headline, summary_as_text
from monitoring.extraction import ExtractedText


class AlreadyDecided(RuntimeError):
    """The change was decided before; a decision is never altered."""


class WordsMissing(ValueError):
    """An approval needs the analyst's words, a hold or a suppression its reason."""


def record_change(
    *, old: Version, new: Version, old_text: ExtractedText, new_text: ExtractedText, moment: datetime
) -> Change:
    """Compare two consecutive versions and open the decision: substantive changes by the platform wait for an analyst until
    the review window ends, everything else is ready at once."""
    comparison = compare(old_text, new_text)
    change = Change.objects.create(
        organization_id=new.organization_id,
        document=new.document,
        old=old,
        new=new,
        comparison=payloads.store(comparison.dumps().encode()),
        significance=comparison.significance.value,
        reasons=[{"rule": reason.rule, "words": reason.words} for reason in comparison.reasons],
        headline=headline(comparison.summary)[:300],
        summary=summary_as_text(comparison.summary),
        words_added=comparison.words_added,
        words_removed=comparison.words_removed,
        coarse=comparison.coarse,
        differ=comparison.differ,
        observed_at=new.observed_at,
    )
    deadline = moment + settings.ALERT_REVIEW_WINDOW if needs_review(change) else moment
    Release.objects.create(organization_id=change.organization_id, change=change, deadline=deadline)
    return change


def needs_review(change: Change) -> bool:
    """Is a person asked before this is told?"""
    return change.significance == Significance.SUBSTANTIVE and change.new.cause == Cause.PLATFORM


def comparison_of(change: Change) -> Comparison:
    return Comparison.loads(payloads.load(change.comparison).decode())


def approve(*, change: Change, analyst: User, words: str, moment: datetime) -> Release:
    """Release with the analyst's words."""
    if not words.strip():
        raise WordsMissing("Say in your own words what the change means; the automatic summary stays below them.")
    return _decide(change, ReleaseState.APPROVED, analyst, moment, words=words.strip())


def suppress(*, change: Change, analyst: User, note: str, moment: datetime) -> Release:
    """Noise: it stays in the history and tells nobody."""
    if not note.strip():
        raise WordsMissing("Say why this is noise: the reason stays with the change.")
    return _decide(change, ReleaseState.SUPPRESSED, analyst, moment, note=note.strip())


def hold(*, change: Change, analyst: User, note: str, moment: datetime) -> Release:
    """Take more time, at the latest until LONGEST_HOLD after the reading: "same day" stays true."""
    if not note.strip():
        raise WordsMissing("Say what you are waiting for.")
    release = _lock(change)
    release.state, release.note, release.decided_by = ReleaseState.HELD, note.strip()[:300], analyst
    release.deadline = max(moment, change.new.known_at + settings.LONGEST_HOLD)
    release.save(update_fields=["state", "note", "decided_by", "deadline"])
    return release


def release_automatically(*, change: Change, moment: datetime) -> Release:
    """With the automatic summary, marked as such."""
    return _decide(change, ReleaseState.AUTOMATIC, None, moment)


def _lock(change: Change) -> Release:
    """The document first, then the decision: whoever decides about one change may make another one public."""
    DocumentHead.objects.select_for_update().get(document_id=change.document_id)
    release = Release.objects.select_for_update().get(change=change)
    if release.decided:
        raise AlreadyDecided(f"This change was {release.state} on {release.decided_at:%Y-%m-%d %H:%M} UTC.")
    return release


def _decide(
    change: Change, state: ReleaseState, analyst: User | None, moment: datetime, *, words: str = "", note: str = ""
) -> Release:
    release = _lock(change)
    release.state, release.decided_by, release.decided_at = state, analyst, moment
    release.words, release.note = words, note[:300]
    release.save(update_fields=["state", "decided_by", "decided_at", "words", "note"])
    return release


def advance(*, document: Document, moment: datetime) -> list[Change]:
    """Let decided changes become public, in their order, up to the first that still waits for a person; what needs nobody's
    review is released on the way. Returns those that became public now, the oldest first.

    A later change is never public before an earlier one: its page would show the words that are still being reviewed.
    """
    head = DocumentHead.objects.select_for_update(of=("self",)).select_related("released").get(document=document)
    if head.released is None:
        return []
    waiting = (
        Change.objects.filter(document=document, new__observed_at__gt=head.released.observed_at)
        .select_related("new", "release")
        .order_by("new__observed_at")
    )
    public: list[Change] = []
    for change in waiting:
        if not change.release.decided:
            if needs_review(change):
                break
            change.release = release_automatically(change=change, moment=moment)
        public.append(change)
    if public:
        head.released = public[-1].new
        head.save(update_fields=["released"])
    return public
