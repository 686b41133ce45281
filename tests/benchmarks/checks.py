"""Checks of two hundred real pages, by what has become of them since, beside urlwatch on the same pages in the same run.

They are read by the product's own way (`pipeline.read_due_host`), half a day apart by its clock; what is done once a week (to
look through a page for new links) falls on the first. Processor time is that of this process and of PostgreSQL; of urlwatch,
that of its process. The site that both read isn't counted.
"""

from __future__ import annotations

import cProfile
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks import urlwatch
from tests.benchmarks.measuring import Meter, Spent, Surprise, counted_statements, say
from tests.benchmarks.pages import RealPage
from tests.benchmarks.site import Mode, Site

ROUNDS = 3
START = datetime(2026, 11, 1, 9, tzinfo=UTC)
STEP = timedelta(hours=12)
LONGEST_DAY = 100  # rounds of one day, before something is wrong
TOP_LINES = 30


@dataclass(frozen=True)
class Phase:
    name: str
    mode: Mode
    outcome: str
    rounds: int = ROUNDS
    goal: int = 0  # checks per second of processor time


PHASES = (
    Phase("first", Mode.NOT_MODIFIED, "first", rounds=1),
    Phase("304", Mode.NOT_MODIFIED, "unchanged", goal=2850),
    Phase("same bytes", Mode.SAME_BYTES, "unchanged", goal=1270),
    Phase("noise", Mode.NOISE, "unchanged", goal=350),
    Phase("changed", Mode.CHANGED, "changed", goal=280),
)


@dataclass
class Measured:
    checks: int = 0
    statements: int = 0
    spent: Spent = field(default_factory=lambda: Spent(0, 0))
    peer: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)

    def rate(self, seconds: float) -> float:
        return self.checks / seconds if seconds else 0.0


class Reader:
    """Our product and its database, asked for everything, half a day later each time."""

    def __init__(self, place: Site, pages: Sequence[RealPage]) -> None:
        from accounts import tenancy
        from atlas.kernel import clock
        from monitoring.archive import scheduling
        from tests import factories

        self.place, self.moment = place, START
        with clock.at(START):
            platform = factories.platform("Bench")
            for page in pages:
                document = factories.document(platform, page.title, kind=page.kind)
                factories.declaration(document, url=place.url(page.path), reason="the site", select=[page.selector])
            with tenancy.system_scope("schedule"):
                scheduling.sync_schedules()
        self.meter = Meter.of_the_connection()

    def round(self, phase: Phase, into: Measured) -> None:
        from accounts import tenancy
        from atlas.kernel import clock
        from monitoring import pipeline
        from monitoring.archive.models import Check, CheckSchedule

        self.moment += STEP
        self.place.answers(phase.mode)
        with tenancy.system_scope("make everything due"):
            CheckSchedule.objects.update(next_check_at=self.moment)
        last = Check.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with clock.at(self.moment), counted_statements() as statements:
            before = self.meter.now()
            for _ in range(LONGEST_DAY):
                if pipeline.read_due_host() is None:
                    break
            into.spent += self.meter.now() - before
            into.statements += statements()
        outcomes = Counter(Check.objects.filter(pk__gt=last).values_list("outcome", flat=True))
        into.checks += outcomes.total()
        into.outcomes += outcomes

    def forget_what_is_no_document(self) -> Counter[str]:
        """Pages that our reading takes for something else are measured no further. Their outcomes."""
        from accounts import tenancy
        from monitoring.archive.models import Check, CheckSchedule

        with tenancy.system_scope("leave out"):
            others = Check.objects.exclude(outcome="first")
            CheckSchedule.objects.filter(document__in=others.values("document")).delete()
            return Counter(f"{outcome} {reason}".strip() for outcome, reason in others.values_list("outcome", "reason"))


def bench_checks(place: Site, pages: Sequence[RealPage], *, alone: bool = False, profiled: str = "") -> None:
    characters = sum(len(page.html) for page in pages)
    say(f"Checks of {len(pages)} real pages ({characters / 1e6:.1f} MB), per second of processor time")
    with tempfile.TemporaryDirectory() as folder:
        peer = None if alone else _peer(Path(folder), place, pages)
        reader = Reader(place, pages)
        say("                  ours  urlwatch   ratio    goal   us/check: ours database  statements")
        for phase in PHASES:
            measured = Measured()
            for _ in range(phase.rounds):
                reader.round(phase, measured)
                if peer is not None:
                    measured.peer += peer.round()
            if phase.name == "first" and (others := reader.forget_what_is_no_document()):
                told = ", ".join(f"{outcome} {count}" for outcome, count in others.items())
                say(f"  {others.total()} are measured no further, as they are taken for something else: {told}")
            _tell(phase, measured, len(pages))
            if phase.name == profiled:
                _profile(lambda phase=phase: reader.round(phase, Measured()))  # type: ignore[misc]
        ours, backend = reader.meter.peak_megabytes()
        say(f"  Most memory: {ours} MB, and {backend} MB of the database's backend (its share of the cache included)")


def _peer(folder: Path, place: Site, pages: Sequence[RealPage]) -> urlwatch.Urlwatch | None:
    try:
        return urlwatch.watching(urlwatch.installed(), folder, place, pages)
    except urlwatch.NotAtHand as reason:
        say(f"  Without a peer: {reason}")
        return None


def _tell(phase: Phase, measured: Measured, pages: int) -> None:
    if not measured.checks:
        raise Surprise(f"nothing was read in {phase.name}")
    ours = measured.rate(measured.spent.total)
    peers = pages * phase.rounds / measured.peer if measured.peer else 0.0
    each = 1e6 / measured.checks
    say(
        f"  {phase.name:<12}{ours:10.1f}{peers:10.1f}{f'{ours / peers:8.1f}' if peers else '       –'}"
        f"{phase.goal or '–':>8}{measured.spent.ours * each:16.0f}{measured.spent.database * each:9.0f}"
        f"{measured.statements / measured.checks:12.2f}"
    )
    others = {name: count for name, count in measured.outcomes.items() if name != phase.outcome}
    if others and phase.name != "first":
        say(f"    {measured.outcomes[phase.outcome]} were {phase.outcome}, and {others}")


def _profile(work: Callable[[], None]) -> None:
    profile = cProfile.Profile(time.process_time)
    profile.runcall(work)
    pstats.Stats(profile).sort_stats("tottime").print_stats(TOP_LINES)
