"""How often a document is read, and at which times of the day. Pure but for the bounds, which are settings.

**How often.** The platform's changes of words in the last ``HISTORY`` are counted (what an analyst found to be noise, and our
own re-reads, don't count). ``READINGS_PER_CHANGE`` readings are spent on each: with 90 days and 30 readings a document that
changes monthly is read daily, one that changes weekly four times a day. A change is then seen, on average, after a sixtieth
of the time for which a version stands. Never more seldom than `CHECK_INTERVAL` (a day), never more often than
`SHORTEST_CHECK_INTERVAL`. A document that was read for a short time counts as one that stood unchanged before: no document is
read often because of a single early change. An operator's own interval replaces all of this.

**When.** Time since 1970 is cut into periods of one interval (for a daily document: the days of UTC), and each holds one
reading. Its place in the period is the host's own, so that the hosts are spread over the day and one connection serves the
documents of a host that are due together; in each period it comes up to a tenth of the period sooner. Both follow from names
and dates alone. So every day has its reading, and whatever made documents due at once (an outage of ours) is spread again
after one reading.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from django.conf import settings

HISTORY = timedelta(days=90)
READINGS_PER_CHANGE = 30
#: The share of a period by which a reading may come before its place, and of a wait by which it may be shorter.
JITTER = 0.1
FIRST_BACK_OFF = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def readings_a_day(changes: int) -> int:
    """How many readings a day so many changes within HISTORY are worth, one at least; the bounds are applied by `interval`."""
    return max(1, changes * READINGS_PER_CHANGE // HISTORY.days)


def interval(pace: int) -> timedelta:
    """The time between two readings of a document that is worth `pace` readings a day, within the bounds."""
    longest: timedelta = settings.CHECK_INTERVAL
    shortest: timedelta = settings.SHORTEST_CHECK_INTERVAL
    return min(longest, max(shortest, timedelta(days=1) / pace))


def next_slot(host: str, period: timedelta, *, after: datetime) -> datetime:
    """When documents of this host with this interval are read next: within two periods, and once in each."""
    number = (after - _EPOCH) // period
    slot = _slot(host, period, number)
    return slot if slot > after else _slot(host, period, number + 1)


def _slot(host: str, period: timedelta, number: int) -> datetime:
    begins = _EPOCH + number * period
    place = JITTER + (1 - JITTER) * share(host)
    return begins + (place - JITTER * share(host, begins.isoformat())) * period


def back_off(failures: int, longest: timedelta, *, salt: str) -> timedelta:
    """After so many failures in a row: 15 minutes, doubled each time up to `longest`; up to a tenth shorter, so that what
    failed together doesn't come back together."""
    doubled: int = 2 ** min(failures - 1, 10)
    wait = min(longest, FIRST_BACK_OFF * doubled)
    return wait * (1 - JITTER * share(salt, str(failures)))


def share(*salts: str) -> float:
    """A number from 0 to below 1 that looks random and is the same for the same words, on every machine."""
    digest = sha256("\0".join(salts).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
