"""How often a platform's documents changed: the last twelve months as a small drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

MONTHS = 12
HEIGHT = 48  # units of the drawing
WIDTH = 20  # of one month, with its gap
GAP = 4
STACK = ("substantive", "minor", "cosmetic")  # from the ground up


@dataclass(frozen=True, slots=True)
class Bar:
    """One significance of one month: where its rectangle stands in the drawing."""

    significance: str
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Month:
    """One month: what happened in it, for those who don't see the drawing."""

    first: date
    changes: int
    x: int


@dataclass(frozen=True, slots=True)
class Pulse:
    """The drawing: `months` from the oldest to the present one, `bars` where something changed."""

    months: list[Month]
    bars: list[Bar]
    width: int = MONTHS * WIDTH - GAP
    height: int = HEIGHT
    bar_width: int = WIDTH - GAP


def pulse(changes: Iterable[tuple[datetime, str]], today: date) -> Pulse | None:
    """Of changes as (moment, significance); None where the last twelve months saw none."""
    counted = Counter((moment.year, moment.month, significance) for moment, significance in changes)
    firsts = [_month_before(today, MONTHS - 1 - index) for index in range(MONTHS)]
    totals = [sum(counted[first.year, first.month, kind] for kind in STACK) for first in firsts]
    most = max(totals)
    if not most:
        return None
    bars = []
    for index, first in enumerate(firsts):
        ground = float(HEIGHT)
        for kind in STACK:
            height = HEIGHT * counted[first.year, first.month, kind] / most
            if height:
                ground -= height
                bars.append(Bar(kind, index * WIDTH, round(ground, 2), round(height, 2)))
    months = [
        Month(first, total, index * WIDTH) for index, (first, total) in enumerate(zip(firsts, totals, strict=True))
    ]
    return Pulse(months, bars)


def first_month(today: date) -> date:
    """The first day that the drawing shows."""
    return _month_before(today, MONTHS - 1)


def _month_before(today: date, months: int) -> date:
    number = today.year * 12 + today.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
