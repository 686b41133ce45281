"""Why a page could not be fetched. Expected, and recorded as the outcome of a check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitoring.fetching.outcomes import Outcome, Reason

if TYPE_CHECKING:
    from monitoring.fetching.client import Fetched


class FetchingError(Exception):
    """Any expected failure of this room."""


@dataclass
class FetchFailed(FetchingError):
    """No document came.

    ``reason`` is of the closed list, ``why`` is for people. ``answer`` is the whole answer where one came (an error
    status): its words may tell more than the status does, so whoever classifies pages is asked about it. ``stay_away`` are
    the seconds that the host asks for where it said so in another answer than the page's. ``picture`` is what stood in the
    browser's window (a JPEG), where one was looked through.
    """

    reason: Reason
    why: str
    answer: Fetched | None = None
    stay_away: int | None = None
    picture: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.outcome}/{self.reason}: {self.why}"

    @property
    def retry_after(self) -> int | None:
        """Seconds that the host asks us to stay away, if it does."""
        if self.stay_away is not None or self.answer is None:
            return self.stay_away
        return self.answer.retry_after

    @property
    def outcome(self) -> Outcome:
        return self.reason.outcome
