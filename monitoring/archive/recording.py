"""Rows of evidence, each written in the caller's transaction (monitoring.pipeline.record_reading)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F

from accounts import staff
from accounts.models import User
from monitoring.archive import payloads
from monitoring.archive.models import (
    Check,
    CheckSchedule,
    DocumentHead,
    Picture,
    Sighting,
    Snapshot,
    SourceState,
    Upload,
    Version,
    VersionSnapshot,
)
from monitoring.archive.texts import store_text
from monitoring.catalogue.models import Declaration, Document, Source
from monitoring.extraction import DateKind, ExtractedText
from monitoring.fetching.outcomes import Outcome, Reason

SNAPSHOT_AT_LEAST_EVERY = timedelta(days=30)


def new_check(
    *,
    document: Document,
    declaration: Declaration,
    outcome: Outcome,
    reason: Reason | None,
    why: str,
    gate: str,
    sources: Sequence[Mapping[str, Any]],
    milliseconds: int,
    version: Version | None,
    observed_at: datetime,
) -> Check:
    """An attempt, not saved yet."""
    return Check(
        organization_id=document.organization_id,
        document=document,
        declaration=declaration,
        version=version,
        outcome=outcome.value,
        reason=reason.value if reason else "",
        why=why[:500],
        gate=gate,
        sources=list(sources),
        milliseconds=milliseconds,
        observed_at=observed_at,
    )


def record_check(**of_the_check: Any) -> Check:
    """`new_check`, saved."""
    check = new_check(**of_the_check)
    check.save(force_insert=True)
    return check


def keep_snapshot(
    *,
    source: Source,
    document: Document,
    content: bytes,
    final_url: str,
    status: int,
    headers: Mapping[str, str],
    media_type: str,
    charset: str | None,
    observed_at: datetime,
    response: Snapshot | None = None,
    upload: Upload | None = None,
) -> Snapshot:
    """Keep what a source gave; where a `response` is given, what a browser made of it; with an `upload`, what came by hand."""
    kind = Snapshot.Kind.RENDERED if response else Snapshot.Kind.UPLOADED if upload else Snapshot.Kind.RESPONSE
    return Snapshot.objects.create(
        organization_id=document.organization_id,
        document=document,
        source=source,
        payload=payloads.store(content),
        url=source.url,
        final_url=final_url[:2000],
        status=status,
        headers=dict(headers),
        media_type=media_type[:120],
        charset=(charset or "")[:40],
        kind=kind,
        response=response,
        upload=upload,
        observed_at=observed_at,
    )


def keep_statement(
    *, document: Document, who: str, how: str, operator: User, observed_at: datetime, moment: datetime
) -> Upload:
    """What a person states about the capture that they uploaded. Who uploaded it, and when, is in the admin's log too."""
    words = f"Uploaded a capture of {observed_at:%Y-%m-%d %H:%M} UTC, taken by {who}: {how}"
    staff.log(document, by=operator, words=words, at=moment)
    return Upload.objects.create(
        organization_id=document.organization_id,
        document=document,
        who=who,
        how=how,
        staff_id=operator.pk,
        observed_at=observed_at,
        recorded_at=moment,
    )


def forget_answers(sources: Sequence[Source]) -> None:
    """The newest text is none that these sources gave: the next reading asks without condition, and trusts no equal bytes."""
    SourceState.objects.filter(source__in=sources).delete()


def record_version(
    *,
    document: Document,
    declaration: Declaration,
    text: ExtractedText,
    cause: str,
    snapshots: Sequence[Snapshot],
    observed_at: datetime,
    marks: Sequence[str] = (),
) -> Version:
    """The version with its snapshots and its first sighting; it becomes the document's newest. The sighting of the version
    before it ends."""
    published, effective = _stated(text, DateKind.PUBLISHED), _stated(text, DateKind.EFFECTIVE)
    version = Version.objects.create(
        organization_id=document.organization_id,
        document=document,
        declaration=declaration,
        extracted=store_text(text),
        text_sha256=text.sha256,
        cause=cause,
        form=text.form,
        extractor=text.extractor,
        language=(text.language or document.language)[:16],
        title=text.title[:300],
        words=text.words,
        warnings=list(text.warnings),
        marks=list(marks),
        published_on=published[0],
        published_words=published[1],
        effective_on=effective[0],
        effective_words=effective[1],
        observed_at=observed_at,
    )
    VersionSnapshot.objects.bulk_create(
        VersionSnapshot(organization_id=document.organization_id, version=version, snapshot=snapshot, position=position)
        for position, snapshot in enumerate(snapshots)
    )
    end_sightings(document)
    Sighting.objects.create(
        organization_id=document.organization_id, version=version, first_at=observed_at, last_at=observed_at
    )
    return version


def _stated(text: ExtractedText, kind: DateKind) -> tuple[date | None, str]:
    for stated in text.dates:
        if stated.kind == kind:
            return date.fromisoformat(stated.date), stated.words[:300]
    return None, ""


def see_again(version: Version, *, at: datetime) -> None:
    """One more check found the same version: its sighting goes on, or a new one begins after a gap."""
    seen = Sighting.objects.filter(version=version, open=True).update(last_at=at, checks=F("checks") + 1)
    if not seen:
        Sighting.objects.create(organization_id=version.organization_id, version=version, first_at=at, last_at=at)


def end_sightings(document: Document) -> None:
    """The run is broken: by another version, or by a check that didn't read the document."""
    Sighting.objects.filter(version__document=document, open=True).update(open=False)


def move_head(document: Document, *, latest: Version, read_at: datetime, changed: bool) -> None:
    """Note the newest version and when it was read. A first version of an adopted document is public at once."""
    head, created = DocumentHead.objects.get_or_create(
        document=document,
        defaults={
            "organization_id": document.organization_id,
            "latest": latest,
            "released": latest if document.adopted_at else None,
            "last_read_at": read_at,
        },
    )
    if not created:
        head.latest, head.last_read_at = latest, read_at
        head.last_changed_at = read_at if changed else head.last_changed_at
        head.save(update_fields=["latest", "last_read_at", "last_changed_at"])


def note_read(document: Document, *, at: datetime) -> None:
    DocumentHead.objects.filter(document=document).update(last_read_at=at)


def keep_picture(document: Document, *, jpeg: bytes, at: datetime) -> None:
    """What stood in the browser's window when the document failed now, in the place of an older one."""
    Picture.objects.update_or_create(
        document=document, defaults={"organization_id": document.organization_id, "jpeg": jpeg, "taken_at": at}
    )


def remember_source(
    source: Source,
    *,
    etag: str,
    last_modified: str,
    sha256: str,
    final_url: str,
    in_browser_since: datetime | None,
    snapshot: Snapshot | None,
) -> None:
    """What the next conditional request is made of. Without a new snapshot the one before stays the source's last."""
    values: dict[str, Any] = {
        "organization_id": source.organization_id,
        "etag": etag[:500],
        "last_modified": last_modified[:100],
        "bytes_sha256": sha256,
        "final_url": final_url[:2000],
        "in_browser_since": in_browser_since,
    }
    if snapshot is not None:
        values["snapshot"] = snapshot
    SourceState.objects.update_or_create(source=source, defaults=values)


def plan_next(
    document: Document, *, at: datetime, failures: int, pace: int, rereads: int = 0, suspect_sha256: str = ""
) -> None:
    """The result is written: the attempt is over, and the document is due again then."""
    CheckSchedule.objects.filter(document=document).update(
        next_check_at=at, attempts=0, failures=failures, pace=pace, rereads=rereads, suspect_sha256=suspect_sha256
    )


def quarantine(document: Document, *, at: datetime) -> None:
    CheckSchedule.objects.filter(document=document).update(quarantined_at=at)
