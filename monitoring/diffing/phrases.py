"""Inside of a reworded block: equal sentences first, then words, then phrases instead of confetti."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import LCSseq

from monitoring.extraction.sentences import sentence_spans

from .aligning import Match
from .alphabet import Alphabet
from .budget import Budget
from .folding import Token, is_word, join_keys
from .units import Unit

REWRITTEN = 0.3  # below this likeness a passage is shown as replaced whole
_STOP_WORDS = (
    "a an the and or of to in on at by for with from as is are be been was were it its this that these those your you "
    "our we us i they their them any all such may will not if when than then so do does has have"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Step:
    """Tokens ``old`` (from, to) became tokens ``new``; ``equal`` where their keys are the same."""

    equal: bool
    old: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences that changed together: spans in both texts, either of which may be empty."""

    old: tuple[int, int]
    new: tuple[int, int]
    old_key: str
    new_key: str
    block: Unit
    edits: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()  # the spans that were reworded, old and new


@dataclass(frozen=True, slots=True)
class Rewording:
    """How one match reads: steps over the tokens of its blocks, and the passages that differ."""

    old_tokens: tuple[Token, ...]
    new_tokens: tuple[Token, ...]
    steps: tuple[Step, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class _Sentence:
    first: int
    last: int
    key: str


def all_tokens(units: Sequence[Unit]) -> tuple[Token, ...]:
    return units[0].tokens if len(units) == 1 else tuple(token for unit in units for token in unit.tokens)


def _sentences(units: Sequence[Unit], tokens: Sequence[Token]) -> list[_Sentence]:
    ends = sorted(
        {unit.start + end for unit in units for _, end in sentence_spans(unit.text)} | {unit.end for unit in units}
    )
    keys = [token.key for token in tokens]
    token_ends = [token.end for token in tokens]
    # A sentence ends with the token behind which its end stands, before the next one begins.
    lasts = {last for end in ends if (last := bisect_right(token_ends, end) - 1) >= 0 and end < tokens[last].next}
    borders = sorted({0, len(tokens)} | {last + 1 for last in lasts})
    return [_Sentence(first, last, join_keys(keys[first:last])) for first, last in pairwise(borders)]


def reword(match: Match, alphabet: Alphabet, budget: Budget) -> Rewording:
    """Raises BudgetSpent where the blocks are too long."""
    old_tokens, new_tokens = all_tokens(match.old), all_tokens(match.new)
    old_sentences, new_sentences = _sentences(match.old, old_tokens), _sentences(match.new, new_tokens)
    budget.table(len(old_sentences), len(new_sentences))
    steps: list[Step] = []
    passages: list[Passage] = []
    for code in LCSseq.opcodes(
        alphabet.letters("\n" + sentence.key for sentence in old_sentences),
        alphabet.letters("\n" + sentence.key for sentence in new_sentences),
    ):
        old_part = _tokens_of(old_sentences, code.src_start, code.src_end)
        new_part = _tokens_of(new_sentences, code.dest_start, code.dest_end)
        if code.tag == "equal":
            # Sentence by sentence: their keys are the same, their numbers of tokens need not be.
            for first, second in zip(
                old_sentences[code.src_start : code.src_end],
                new_sentences[code.dest_start : code.dest_end],
                strict=True,
            ):
                steps.append(Step(True, (first.first, first.last), (second.first, second.last)))
        elif steps and not steps[-1].equal and steps[-1].old[1] == old_part[0] and steps[-1].new[1] == new_part[0]:
            steps[-1] = Step(False, (steps[-1].old[0], old_part[1]), (steps[-1].new[0], new_part[1]))
        else:
            steps.append(Step(False, old_part, new_part))
    reworded: list[Step] = []
    for step in steps:
        if step.equal:
            reworded.append(step)
            continue
        keys = tuple(
            join_keys([token.key for token in part])
            for part in (old_tokens[slice(*step.old)], new_tokens[slice(*step.new)])
        )
        if keys[0] == keys[1]:
            reworded.append(Step(True, step.old, step.new))
            continue
        words = _word_steps(step, old_tokens, new_tokens, alphabet, budget)
        reworded += words
        edits = tuple((_span(old_tokens, word.old), _span(new_tokens, word.new)) for word in words if not word.equal)
        passages.append(
            Passage(_span(old_tokens, step.old), _span(new_tokens, step.new), keys[0], keys[1], match.new[0], edits)
        )
    return Rewording(old_tokens, new_tokens, tuple(reworded), tuple(passages))


def _tokens_of(sentences: Sequence[_Sentence], start: int, end: int) -> tuple[int, int]:
    if start < end:
        return sentences[start].first, sentences[end - 1].last
    place = sentences[start].first if start < len(sentences) else sentences[-1].last
    return place, place


def _span(tokens: Sequence[Token], part: tuple[int, int]) -> tuple[int, int]:
    if part[0] < part[1]:
        return tokens[part[0]].start, tokens[part[1] - 1].end
    place = tokens[part[0]].start if part[0] < len(tokens) else tokens[-1].end
    return place, place


def _word_steps(
    step: Step, old_tokens: Sequence[Token], new_tokens: Sequence[Token], alphabet: Alphabet, budget: Budget
) -> list[Step]:
    old_keys = [token.key for token in old_tokens[slice(*step.old)]]
    new_keys = [token.key for token in new_tokens[slice(*step.new)]]
    if not old_keys or not new_keys:
        return [step]
    budget.table(len(old_keys), len(new_keys))
    codes = LCSseq.opcodes(alphabet.letters(old_keys), alphabet.letters(new_keys))
    common = sum(code.src_end - code.src_start for code in codes if code.tag == "equal")
    if 2 * common < REWRITTEN * (len(old_keys) + len(new_keys)):
        return _behind_first_cell(step, old_keys, new_keys)
    steps: list[Step] = []
    for code in codes:
        old_part, new_part = (code.src_start, code.src_end), (code.dest_start, code.dest_end)
        equal = code.tag == "equal"
        if steps and not equal and not steps[-1].equal:
            steps[-1] = Step(False, (steps[-1].old[0], old_part[1]), (steps[-1].new[0], new_part[1]))
        else:
            steps.append(Step(equal, old_part, new_part))
    steps = _slide(_without_islands(steps, old_keys), old_keys, new_keys)
    return [
        Step(
            each.equal,
            (step.old[0] + each.old[0], step.old[0] + each.old[1]),
            (step.new[0] + each.new[0], step.new[0] + each.new[1]),
        )
        for each in steps
    ]


def _behind_first_cell(step: Step, old_keys: Sequence[str], new_keys: Sequence[str]) -> list[Step]:
    """Replaced whole, but for the first cell of a row where it stayed: it says which row was rewritten."""
    length = old_keys.index("|") + 1 if "|" in old_keys else 0
    if not 0 < length < min(len(old_keys), len(new_keys)) or old_keys[:length] != new_keys[:length]:
        return [step]
    (old_from, old_to), (new_from, new_to) = step.old, step.new
    old_at, new_at = old_from + length, new_from + length
    return [Step(True, (old_from, old_at), (new_from, new_at)), Step(False, (old_at, old_to), (new_at, new_to))]


def _without_islands(steps: list[Step], keys: Sequence[str]) -> list[Step]:
    """Take in equal islands that are too small to help a reader: no more words than the changes on either side."""
    while True:
        for index in range(1, len(steps) - 1):
            island = steps[index]
            if not island.equal or steps[index - 1].equal or steps[index + 1].equal:
                continue
            words = [key for key in keys[slice(*island.old)] if is_word(key)]
            telling = sum(key not in STOP_WORDS for key in words)
            sides = [
                max(each.old[1] - each.old[0], each.new[1] - each.new[0])
                for each in (steps[index - 1], steps[index + 1])
            ]
            if (not telling and len(words) <= 2 and max(sides) > 1) or (
                len(words) <= 3 and telling <= 1 and min(sides) > 2 * len(words)
            ):
                before, after = steps[index - 1], steps[index + 1]
                joined = Step(False, (before.old[0], after.old[1]), (before.new[0], after.new[1]))
                steps = [*steps[: index - 1], joined, *steps[index + 2 :]]
                break
        else:
            return steps


def _slide(steps: list[Step], old_keys: Sequence[str], new_keys: Sequence[str]) -> list[Step]:
    """Move a pure insertion or deletion so that it ends with a sign ("…, and X" rather than "and X, …") if it can."""
    for index in range(1, len(steps) - 1):
        before, step, after = steps[index - 1 : index + 2]
        if step.equal or not before.equal or not after.equal:
            continue
        inserted = step.old[0] == step.old[1]
        if not inserted and step.new[0] != step.new[1]:
            continue
        keys = new_keys if inserted else old_keys
        start, end = step.new if inserted else step.old
        shift, best = 0, 0
        room = before.old[1] - before.old[0]
        while shift < room - 1 and keys[start - shift - 1] == keys[end - shift - 1]:
            shift += 1
            if keys[end - shift - 1] in ".;:!?" or (not best and keys[end - shift - 1] == ","):
                best = shift
                if keys[end - shift - 1] != ",":
                    break
        if best and keys[end - 1] not in ".;:!?":
            steps[index - 1] = Step(True, (before.old[0], before.old[1] - best), (before.new[0], before.new[1] - best))
            steps[index] = Step(
                False, (step.old[0] - best, step.old[1] - best), (step.new[0] - best, step.new[1] - best)
            )
            steps[index + 1] = Step(True, (after.old[0] - best, after.old[1]), (after.new[0] - best, after.new[1]))
    return steps
