"""Finding a passage again: through the comparison where there is one, by search where that fails."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from monitoring.diffing import Comparison, Operation, OperationKind

from .selectors import Selector

MODIFIED = 0.6  # the least likeness of words that are called the same passage, changed
MODIFIED_SHORT = 0.8  # the same for a passage shorter than this many code points: a few letters are soon alike
SHORT = 40
_NEAR = 64  # code points of the surroundings that say whether a passage stands between the same neighbours
_SAME_PLACE = 0.5  # the least likeness of the surroundings of a passage that is not called moved
_SEARCHED = 4_000  # code points of a passage that are searched for by likeness


class AnchorStatus(StrEnum):
    EXACT = "exact"
    MOVED = "moved"
    MODIFIED = "modified"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the passage stands now (``start`` and ``end`` are -1 for ``removed``).

    ``exact``: verbatim and between the same neighbours; ``moved``: verbatim elsewhere; ``modified``: reworded.
    ``score`` (0 to 1) says how sure that is: the likeness of the words, and, where the same words stand more than once,
    less the more alike the surroundings of the others are: 0.5 where its place alone tells them apart. ``modified`` is
    never said below `least_score`.
    """

    status: AnchorStatus
    start: int
    end: int
    score: float


def least_score(words: str) -> float:
    """The published score: a passage that is less alike to the best place is told as removed, never as modified."""
    return MODIFIED if len(words) >= SHORT else MODIFIED_SHORT


_REMOVED = Anchor(AnchorStatus.REMOVED, -1, -1, 0.0)


def locate(selector: Selector, text: str, *, through: Comparison | None = None) -> Anchor:
    """Find the passage in ``text``.

    ``through`` compares the version it was taken from with ``text``: it tells equal sentences apart for certain.
    """
    if through is not None:
        anchor = _follow(selector, text, through)
        if anchor is not None:
            return anchor
    return _search(selector, text)


def _follow(selector: Selector, text: str, comparison: Comparison) -> Anchor | None:
    """Where the comparison says that the passage went; None where it says "removed", which may be a move it missed."""
    pieces = [
        operation
        for operation in comparison.operations
        if operation.old[0] < selector.end and operation.old[1] > selector.start
    ]
    if not pieces:
        return None
    spans = [span for operation in pieces if (span := _through(operation, selector)) is not None]
    kept = [operation for operation in pieces if operation.kind in (OperationKind.EQUAL, OperationKind.MOVE)]
    if not spans or not kept:
        return None
    start, end = min(first for first, _ in spans), max(last for _, last in spans)
    found = text[start:end]
    if found == selector.exact:
        moved = all(operation.kind == OperationKind.MOVE for operation in kept)
        return Anchor(AnchorStatus.MOVED if moved else AnchorStatus.EXACT, start, end, 1.0)
    if selector.exact in text:
        return None  # its words stand elsewhere, untouched: better than where they were changed
    start, end = _trimmed(text, start, end)
    score = Indel.normalized_similarity(selector.exact, text[start:end])
    if score >= least_score(selector.exact):
        return Anchor(AnchorStatus.MODIFIED, start, end, score)
    return None


def _through(operation: Operation, selector: Selector) -> tuple[int, int] | None:
    """The part of the new text that an operation makes of its part of the passage."""
    if operation.kind == OperationKind.DELETE:
        return None
    cut_start, cut_end = max(selector.start - operation.old[0], 0), max(operation.old[1] - selector.end, 0)
    if operation.kind in (OperationKind.EQUAL, OperationKind.MOVE) and not operation.words:
        return operation.new[0] + cut_start, operation.new[1] - cut_end
    return operation.new


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _search(selector: Selector, text: str) -> Anchor:
    places = _verbatim(selector.exact, text)
    if places:
        return _choose(selector, text, places)
    return _alike(selector, text)


def _verbatim(words: str, text: str) -> list[int]:
    places, place = [], text.find(words)
    while place >= 0:
        places.append(place)
        place = text.find(words, place + 1)
    return places


def _surroundings(prefix: str, suffix: str, text: str, start: int, end: int) -> float:
    """How alike the text around a place is to that around the passage, 0 to 1."""
    sides = []
    if prefix or start == 0:
        sides.append(_likeness(prefix, text[max(0, start - len(prefix)) : start]))
    if suffix or end == len(text):
        sides.append(_likeness(suffix, text[end : end + len(suffix)]))
    return sum(sides) / len(sides) if sides else 0.0


def _likeness(expected: str, found: str) -> float:
    if not expected:
        return 1.0 if not found else 0.0
    return Indel.normalized_similarity(expected, found)


def _choose(selector: Selector, text: str, places: list[int]) -> Anchor:
    """The place with the likest neighbours; of equal ones that with the likest text farther away; then the nearest."""
    length = len(selector.exact)
    near = selector.prefix[-_NEAR:], selector.suffix[:_NEAR]
    around = {place: _surroundings(*near, text, place, place + length) for place in places}
    best = max(around.values())
    status = AnchorStatus.EXACT if best >= _SAME_PLACE else AnchorStatus.MOVED
    likest = [place for place in places if around[place] == best]
    if len(likest) == 1:
        # The clearer the best one stands out, the surer.
        second = max((likeness for likeness in around.values() if likeness < best), default=best - 1)
        return Anchor(status, likest[0], likest[0] + length, min(1.0, 0.5 + (best - second) / 2))
    wide = {place: _surroundings(selector.prefix, selector.suffix, text, place, place + length) for place in likest}
    first, second_place, *_ = sorted(likest, key=lambda place: (-wide[place], abs(place - selector.start), place))
    return Anchor(status, first, first + length, min(1.0, 0.5 + (wide[first] - wide[second_place]) / 2))


def _alike(selector: Selector, text: str) -> Anchor:
    words = selector.exact[:_SEARCHED]
    if not text.strip() or len(words) < 12:
        return _REMOVED
    least = least_score(words)
    if len(words) >= len(text):
        start, end = _trimmed(text, 0, len(text))
        score = Indel.normalized_similarity(words, text[start:end])
        return Anchor(AnchorStatus.MODIFIED, start, end, score) if score >= least else _REMOVED
    found = fuzz.partial_ratio_alignment(words, text, score_cutoff=100 * least)
    if found is None:
        return _REMOVED
    start, end = _whole_words(text, found.dest_start, found.dest_end)
    if text[end : end + 1] == words[-1] != text[end - 1 : end]:
        end += 1  # the full stop, which the alignment leaves out where the passage became longer
    score = Indel.normalized_similarity(words, text[start:end])
    return Anchor(AnchorStatus.MODIFIED, start, end, score) if score >= least else _REMOVED


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Grow to whole words; then without the white space at the ends."""
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return _trimmed(text, start, end)
