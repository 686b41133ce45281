"""Playing captures through the whole pipeline: in the order of their dates, each at its own moment."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from accounts.tenancy import system_scope
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Cause, Check, CheckSchedule, Host, Version
from monitoring.catalogue import replayed
from monitoring.catalogue.models import Document
from monitoring.changes.models import Change, Significance
from monitoring.management.captures import Recording, Step
from monitoring.management.capturesite import CaptureSite

ATTRIBUTION = "Contains data from Open Terms Archive contributors, ODC-BY 1.0"
PROVENANCE = "Captures by Open Terms Archive contributors (ODC-BY 1.0), replayed"

#: What a step is said to have come to where the pipeline failed with an error of its own.
CRASHED = "crashed"
_WORDS = {Significance.MINOR, Significance.SUBSTANTIVE}


@dataclass(slots=True)
class Played:
    """What one capture came to: its checks (re-reads included) and the versions that they made."""

    step: Step
    checks: list[Check] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    crashes: int = 0

    @property
    def outcome(self) -> str:
        return self.checks[-1].outcome if self.checks and not self.crashes else CRASHED

    @property
    def reason(self) -> str:
        return self.checks[-1].reason if self.checks else ""

    @property
    def version(self) -> Version | None:
        """What the platform published, as we saw it. Our own new way of reading makes none of these."""
        told = [version for version in self.versions if version.cause in (Cause.FIRST, Cause.PLATFORM)]
        return told[-1] if told else None

    @property
    def significance(self) -> str:
        """Of the platform's change; "" where there was none."""
        change: Change | None = getattr(self.version, "change", None)
        return change.significance if change else ""

    @property
    def holds(self) -> bool | None:
        """Whether what was expected is what came; None where nothing was."""
        match self.step.expect:
            case "same":
                return not self.crashes and self.significance not in _WORDS
            case "changed":
                return self.significance in _WORDS
            case "failure":
                return not self.crashes and not self.versions
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "replay": self.step.replay,
            "order": self.step.order,
            "expect": self.step.expect or None,
            "outcome": self.outcome,
            "reason": self.reason or None,
            "version": self.version.typeid if self.version else None,
            "significance": self.significance or None,
            "holds": self.holds,
        }


@dataclass(slots=True)
class Tally:
    """A line of the table: one sequence, or the sum of them."""

    name: str
    captures: int = 0
    served: int = 0
    checks: int = 0
    versions: int = 0
    technical: int = 0  # of the versions: by our own new way of reading
    changes: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    crashes: int = 0

    def add(self, played: Played) -> None:
        self.captures += 1
        self.checks += len(played.checks) + played.crashes
        self.versions += len(played.versions)
        for version in played.versions:
            if version.cause == Cause.PLATFORM:
                self.changes[version.change.significance] += 1
            elif version.cause != Cause.FIRST:
                self.technical += 1
        self.failures.update(c.outcome for c in played.checks if not c.version_id)
        self.crashes += played.crashes
        if played.holds is not None:
            self.expected[played.step.expect] += 1
            self.held[played.step.expect] += played.holds

    def plus(self, other: Tally) -> None:
        for name in ("captures", "served", "checks", "versions", "technical", "crashes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("changes", "failures", "expected", "held"):
            getattr(self, name).update(getattr(other, name))


@dataclass(slots=True)
class _Track:
    """A sequence while it is played."""

    number: int
    recording: Recording
    document: Document | None = None
    address: str = ""
    way_of_reading: tuple[str, str, str] | None = None
    newest: int = 0  # primary key of the newest version
    played: list[Played] = field(default_factory=list)

    def next_at(self) -> datetime | None:
        steps = self.recording.steps
        return steps[len(self.played)].captured_at if len(self.played) < len(steps) else None


class Replay:
    """All sequences, played together as time went by."""

    def __init__(self, recordings: Sequence[Recording], site: CaptureSite) -> None:
        self._tracks = [_Track(number, recording) for number, recording in enumerate(recordings, 1)]
        self._site = site
        with system_scope("name the host of a replay"):
            self._host = Host.objects.get_or_create(name=scheduling.host_of(site.url))[0]

    def play(self, after_each: Callable[[int], None] = lambda _: None) -> None:
        """Play everything; `after_each` is told how many captures have been played."""
        coming = [(moment, track.number) for track in self._tracks if (moment := track.next_at())]
        heapq.heapify(coming)
        done = 0
        while coming:
            moment, number = heapq.heappop(coming)
            track = self._tracks[number - 1]
            step = track.recording.steps[len(track.played)] if moment == track.next_at() else None
            with clock.at(moment):
                pipeline.release_due()
                if step is not None:
                    self._show(track, step, moment)
                self._read(track)
                again = self._asked_again(track)
            if again is not None:
                heapq.heappush(coming, (again, number))
            elif (then := track.next_at()) is not None:
                heapq.heappush(coming, (then, number))
            if step is not None:
                done += 1
                after_each(done)

        pipeline.release_due()  # the last deadlines have passed by now
        pipeline.fan_out()

    def clean_up(self) -> None:
        """Leave nothing that a worker would read: the site ends with us."""
        with system_scope("end a replay"):
            documents = [track.document for track in self._tracks if track.document]
            CheckSchedule.objects.filter(document__in=documents).delete()
            Host.objects.filter(pk=self._host.pk, schedules__isnull=True).delete()

    def played(self) -> Iterator[Played]:
        for track in self._tracks:
            yield from track.played

    def tallies(self) -> list[Tally]:
        served = self._site.served()
        tallies = []
        for track in self._tracks:
            tally = Tally(track.recording.name, served=served.get(track.number, 0))
            for played in track.played:
                tally.add(played)
            tallies.append(tally)
        return tallies

    def _show(self, track: _Track, step: Step, moment: datetime) -> None:
        """The site shows the capture; where it is to be read in another way than the last one, that is declared first."""
        track.played.append(Played(step))
        with system_scope("declare how a capture is read"):
            if track.document is None:
                track.document = replayed.add_replayed(
                    service=step.service,
                    name=track.recording.document,
                    terms=step.terms,
                    moment=moment,
                    provenance=PROVENANCE,
                )
                # Quarantined from the start, so that only we read it: a worker would ask the site at any time.
                CheckSchedule.objects.create(
                    document=track.document, host=self._host, next_check_at=moment, quarantined_at=moment
                )
            if step.way_of_reading != track.way_of_reading:
                track.address = self._site.address(track.number, step.url)
                replayed.declare(
                    document=track.document,
                    url=track.address,
                    select=step.select,
                    remove=step.remove,
                    reason=f"as captures of {step.url} were read",
                    moment=moment,
                )
                track.way_of_reading = step.way_of_reading
        self._site.show(track.address, step.sha256)

    def _read(self, track: _Track) -> None:
        assert track.document is not None, "it is added with its first capture"  # noqa: S101
        played = track.played[-1]
        with system_scope("take the host of a replay"):
            lease = scheduling.take_host(self._host)
        if lease is None:
            raise RuntimeError("the host of a replay is held by nobody else")
        checks = list(pipeline.read_documents([track.document.pk], lease))
        played.checks += checks
        played.crashes += not checks
        with system_scope("see what a reading left"):
            made = Version.objects.filter(document=track.document, pk__gt=track.newest).select_related("change")
            for version in made.order_by("pk"):
                played.versions.append(version)
                track.newest = version.pk

    def _asked_again(self, track: _Track) -> datetime | None:
        """When the pipeline wants to read a text that it doubts once more, unless the next capture comes before."""
        with system_scope("see whether a text is doubted"):
            schedule = CheckSchedule.objects.get(document=track.document)
        following = track.next_at()
        if not schedule.rereads or (following is not None and schedule.next_check_at >= following):
            return None
        return schedule.next_check_at
