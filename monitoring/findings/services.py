"""Writing, reviewing and publishing findings. Runs in the caller's scope; each function writes all or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from django.db import transaction

from accounts.models import User
from atlas.kernel import clock
from monitoring.anchoring import describe
from monitoring.archive.models import Version
from monitoring.archive.texts import text_of
from monitoring.catalogue.models import Document, Type
from monitoring.findings.errors import (
    ExcerptAmbiguous,
    ExcerptDiffers,
    ExcerptMissing,
    NotReleased,
    RevisedMeanwhile,
    SecondPersonNeeded,
    WordsMissing,
    WrongState,
)
from monitoring.findings.models import ENDED, Excerpt, Finding, FindingRevision, FindingState, Provision

CRITERIA = ("severity_person_words", "severity_organization_words")


@dataclass(frozen=True, slots=True)
class Words:
    """What a revision says. The words of a severity name the criterion that was met."""

    headline: str
    description: str
    why_person: str
    why_organization: str
    severity_person: str
    severity_organization: str
    severity_person_words: str = ""
    severity_organization_words: str = ""

    def require_all(self) -> None:
        """Raises WordsMissing for the first empty part; the criterion may be left out."""
        for part in fields(self):
            if part.name not in CRITERIA and not getattr(self, part.name).strip():
                raise WordsMissing(f"The {part.name.replace('_', ' ')} is empty.")


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one version at `start` to `end` (code points); `exact` must be what stands there."""

    version: Version
    start: int
    end: int
    exact: str


def find_quote(version: Version, exact: str) -> Quote:
    """Where these words stand in the version. White space may differ, as it does when words are copied from a page: what is
    quoted is what stands in the text. Raises ExcerptDiffers if nowhere, ExcerptAmbiguous if more than once."""
    text, parts = text_of(version).text, exact.split()
    places = [match.span() for match in re.finditer(r"\s+".join(map(re.escape, parts)), text)] if parts else []
    if not places:
        raise ExcerptDiffers(
            "These words don't stand in this version, character for character: copy them from its text."
        )
    if len(places) > 1:
        raise ExcerptAmbiguous(
            "These words stand there more than once: select them in the text, or quote more around them."
        )
    start, end = places[0]
    return Quote(version, start, end, text[start:end])


def draft_finding(*, document: Document, type: Type, author: User, words: Words, quotes: Sequence[Quote]) -> Finding:
    """A new draft on what this document says on this type."""
    words.require_all()
    with transaction.atomic():
        provision, _ = Provision.objects.get_or_create(document=document, type=type)
        finding = Finding.objects.create(provision=provision)
        _add_revision(finding, author, words, quotes)
    return finding


def revise(
    *, finding: Finding, author: User, words: Words, quotes: Sequence[Quote], read: int | None = None
) -> FindingRevision:
    """Another revision of a draft, or of a published finding (whose published words stay until the new ones are published).
    `read` is the number of the revision on which it is based: raises RevisedMeanwhile where there is a newer one."""
    words.require_all()
    with transaction.atomic():
        locked = _lock(finding)
        _require_newest(locked, read)
        if locked.state not in (FindingState.DRAFT, FindingState.IN_REVIEW, FindingState.PUBLISHED):
            raise WrongState(f"A {locked.get_state_display()} finding isn't revised: write a new one.")
        if locked.state == FindingState.IN_REVIEW:
            locked.state = FindingState.DRAFT
            locked.save(update_fields=["state"])
        return _add_revision(locked, author, words, quotes)


def submit_for_review(*, finding: Finding) -> None:
    """The author is done with the newest revision; somebody else looks at it."""
    with transaction.atomic():
        locked = _lock(finding)
        revision = newest_revision(locked)
        if locked.state in ENDED or revision.published_at is not None:
            raise WrongState(f"There is no draft to submit: this finding is {locked.get_state_display()}.")
        revision.submitted_at, revision.review_note = clock.now(), ""
        revision.save(update_fields=["submitted_at", "review_note"])
        if locked.state == FindingState.DRAFT:
            locked.state = FindingState.IN_REVIEW
            locked.save(update_fields=["state"])


def send_back(*, finding: Finding, note: str, read: int | None = None) -> FindingRevision:
    """The second person wants something changed, and says what; it is a draft again."""
    if not note.strip():
        raise WordsMissing("Say what should be changed.")
    with transaction.atomic():
        locked = _lock(finding)
        revision = _in_review(locked, read)
        revision.submitted_at, revision.review_note = None, note.strip()[:300]
        revision.save(update_fields=["submitted_at", "review_note"])
        if locked.state == FindingState.IN_REVIEW:
            locked.state = FindingState.DRAFT
            locked.save(update_fields=["state"])
    return revision


def publish(*, finding: Finding, reviewer: User, moment: datetime, read: int | None = None) -> Finding:
    """Publish the newest revision: by a second person, and only if each excerpt is found in its version character for
    character. The finding that the provision had before is superseded. `read` is the number of the revision that the
    reviewer saw: raises RevisedMeanwhile where there is a newer one."""
    with transaction.atomic():
        locked = _lock(finding)
        revision = _in_review(locked, read)
        if revision.author_id == reviewer.pk:
            raise SecondPersonNeeded("A second person publishes: you wrote this revision yourself.")
        require_excerpts(revision)
        revision.reviewer, revision.published_at = reviewer, moment
        revision.save(update_fields=["reviewer", "published_at"])
        earlier = Finding.objects.filter(provision=locked.provision, state=FindingState.PUBLISHED).exclude(pk=locked.pk)
        earlier.update(state=FindingState.SUPERSEDED)
        locked.state, locked.published, locked.published_at = FindingState.PUBLISHED, revision, moment
        locked.save(update_fields=["state", "published", "published_at"])
    return locked


def retract(*, finding: Finding, by: User, because: str, moment: datetime) -> Finding:
    """It was wrong: its page is taken down; its revisions and the reason are kept."""
    if not because.strip():
        raise WordsMissing("Say why: the reason stays with the finding.")
    with transaction.atomic():
        locked = _lock(finding)
        if locked.state != FindingState.PUBLISHED:
            raise WrongState("Only a published finding is retracted.")
        locked.state, locked.retracted_at, locked.retracted_by = FindingState.RETRACTED, moment, by
        locked.retracted_because = because.strip()[:300]
        locked.save(update_fields=["state", "retracted_at", "retracted_by", "retracted_because"])
    return locked


def newest_revision(finding: Finding) -> FindingRevision:
    return finding.revisions.order_by("-number")[0]


def require_excerpts(revision: FindingRevision) -> None:
    """Raises unless there is an excerpt, and each stands in its released version exactly as it is quoted."""
    excerpts = list(revision.excerpts.select_related("version__extracted"))
    if not excerpts:
        raise ExcerptMissing("Nothing is published without an excerpt: quote the words that the finding stands on.")
    released = set(
        Version.objects.released().filter(pk__in=[e.version_id for e in excerpts]).values_list("pk", flat=True)
    )
    for excerpt in excerpts:
        if excerpt.version_id not in released:
            raise NotReleased("The quoted version isn't public yet: decide about its change first.")
        if text_of(excerpt.version).text[excerpt.start : excerpt.end] != excerpt.exact:
            raise ExcerptDiffers(f"The excerpt “{excerpt.exact[:60]}…” isn't what the version says at this place.")


def _lock(finding: Finding) -> Finding:
    """The finding as it is now, and its provision: of two findings on one provision that are published at once, one waits."""
    locked = Finding.objects.select_for_update(of=("self", "provision")).select_related("provision")
    return locked.get(pk=finding.pk)


def _require_newest(finding: Finding, read: int | None) -> FindingRevision:
    newest = finding.revisions.select_related("author").order_by("-number")[0]
    if read is not None and newest.number != read:
        raise RevisedMeanwhile(f"{newest.author or 'Somebody'} wrote revision {newest.number} after the one you read.")
    return newest


def _in_review(finding: Finding, read: int | None) -> FindingRevision:
    revision = _require_newest(finding, read)
    if finding.state in ENDED or revision.submitted_at is None or revision.published_at is not None:
        raise WrongState("Only what is in review is published or sent back: this was decided, or taken back.")
    return revision


def _add_revision(finding: Finding, author: User, words: Words, quotes: Sequence[Quote]) -> FindingRevision:
    newest = finding.revisions.order_by("-number").values_list("number", flat=True).first() or 0
    revision = FindingRevision.objects.create(
        finding=finding,
        number=newest + 1,
        author=author,
        **{part.name: getattr(words, part.name).strip() for part in fields(words)},
    )
    for position, quote in enumerate(quotes):
        _add_excerpt(revision, quote, position)
    return revision


def _add_excerpt(revision: FindingRevision, quote: Quote, position: int) -> Excerpt:
    text = text_of(quote.version).text
    if not quote.exact or text[quote.start : quote.end] != quote.exact:
        raise ExcerptDiffers("The quoted words are not, character for character, those of the version.")
    if quote.version.document_id != revision.finding.provision.document_id:
        raise ExcerptDiffers("The quoted version is of another document.")
    selector = describe(text, quote.start, quote.end)
    return Excerpt.objects.create(
        revision=revision,
        version=quote.version,
        exact=quote.exact,
        prefix=selector.prefix,
        suffix=selector.suffix,
        start=quote.start,
        end=quote.end,
        position=position,
    )
