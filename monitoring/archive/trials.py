"""Dry runs, from the question to the answer: a queue of rows that the worker claims, one at a time. In the caller's scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db.models import F, QuerySet

from accounts.models import User
from atlas.kernel import clock, doorbells
from monitoring.archive.models import Trial, Version
from monitoring.catalogue.declaring import entries_of as catalogue_entries
from monitoring.catalogue.declaring import source_of
from monitoring.catalogue.entries import SourceEntry
from monitoring.catalogue.models import Declaration, Document, Source

TRY_OUT = "monitoring.try_out"
LEASE = timedelta(minutes=10)
MOST_ATTEMPTS = 2  # one that killed its worker this often isn't tried again
#: How long a trial waits for a host that another worker reads, or that has asked us to stay away.
PATIENCE = timedelta(minutes=5)
AGAIN_AFTER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Claim:
    """A trial that this worker answers, as long as the token stands."""

    trial_id: int
    token: UUID
    attempt: int


def ask(*, document: Document, sources: Sequence[SourceEntry], written_on: int, operator: User) -> Trial:
    """Let the worker try how the document would be read. Nothing of the archive is written."""
    made = Trial.objects.create(
        organization_id=document.organization_id,
        document=document,
        operator=operator,
        sources=[asdict(source) for source in sources],
        written_on=written_on,
    )
    doorbells.ring(TRY_OUT)
    return made


def ask_for_capture(
    *,
    document: Document,
    in_force: Declaration,
    pages: Sequence[bytes],
    urls: Sequence[str],
    who: str,
    how: str,
    observed_at: datetime,
    operator: User,
) -> Trial:
    """Let the worker judge a capture: the bytes of each page of the declaration, in order, and where each stood."""
    made = Trial.objects.create(
        organization_id=document.organization_id,
        document=document,
        operator=operator,
        sources=[asdict(entry) for entry in catalogue_entries(in_force)],
        written_on=in_force.number,
        statement={"who": who, "how": how, "observed_at": observed_at.isoformat(), "urls": list(urls)},
        uploaded=list(pages),
    )
    doorbells.ring(TRY_OUT)
    return made


def ask_to_keep(trial: Trial) -> None:
    """Let the worker make evidence of a capture that it could read."""
    Trial.objects.filter(pk=trial.pk, keep=False).exclude(finished_at=None).exclude(text="").update(
        keep=True, finished_at=None, attempts=0, next_try_at=clock.now()
    )
    doorbells.ring(TRY_OUT)


def entries_of(trial: Trial) -> tuple[SourceEntry, ...]:
    """The pages that are tried, as the catalogue holds them."""
    return tuple(
        SourceEntry(
            url=source["url"],
            select=_selectors(source["select"]),
            remove=_selectors(source["remove"]),
            reading=source["reading"],
            media_type=source["media_type"],
        )
        for source in trial.sources
    )


def _selectors(kept: Iterable[Any]) -> tuple[str | tuple[tuple[str, str], ...], ...]:
    return tuple(
        each if isinstance(each, str) else tuple((str(key), str(value)) for key, value in each) for each in kept
    )


def declaration_of(trial: Trial) -> tuple[Declaration, list[Source]]:
    """What would be declared, as rows that nobody saves."""
    declaration = Declaration(
        organization_id=trial.organization_id, document=trial.document, number=trial.written_on + 1
    )
    entries = enumerate(entries_of(trial))
    return declaration, [source_of(entry, declaration=declaration, position=at) for at, entry in entries]


def claim(*, moment: datetime) -> Claim | None:
    """The trial that has waited longest, leased to the caller; None when none waits. Two callers never get the same."""
    trial = Trial.objects.waiting(moment).select_for_update(skip_locked=True).first()
    if trial is None:
        return None
    token = uuid4()
    Trial.objects.filter(pk=trial.pk).update(lease_token=token, leased_until=moment + LEASE, attempts=F("attempts") + 1)
    return Claim(trial.pk, token, trial.attempts + 1)


def postpone(claim: Claim) -> None:
    """A host isn't free: others go first, and this attempt doesn't count."""
    _ours(claim).update(
        lease_token=None, leased_until=None, next_try_at=clock.now() + AGAIN_AFTER, attempts=F("attempts") - 1
    )


def finish(
    claim: Claim, *, found: Mapping[str, Any], text: str = "", comparison: str = "", against: Version | None = None
) -> bool:
    """Keep the answer; False, and nothing is kept, when the token no longer stands."""
    kept = _ours(claim).update(
        found=dict(found),
        text=text,
        comparison=comparison,
        against=against,
        finished_at=clock.now(),
        lease_token=None,
        leased_until=None,
    )
    return kept == 1


def finish_keeping(claim: Claim, *, kept: Version | None, refusal: str = "") -> None:
    """The capture is evidence, or can't be, and why; either way its bytes aren't held here any longer."""
    trial = _ours(claim).defer("uploaded").first()
    if trial is not None:
        found = {**(trial.found or {}), "refusal": refusal}
        values: dict[str, Any] = {
            "kept": kept,
            "finished_at": clock.now(),
            "lease_token": None,
            "leased_until": None,
            "uploaded": [],
        }
        _ours(claim).update(found=found, **values)


def forget_pages(trial: Trial) -> None:
    """What could not be read is not kept."""
    Trial.objects.filter(pk=trial.pk).update(uploaded=[])


def _ours(claim: Claim) -> QuerySet[Trial]:
    return Trial.objects.filter(pk=claim.trial_id, lease_token=claim.token, finished_at=None)
