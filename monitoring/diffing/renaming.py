"""A name that became another one throughout the text ("Bard" → "Gemini", 41 times): one change, not forty-one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from .operations import Operation, OperationKind
from .phrases import STOP_WORDS
from .rules import WORD_RULES, stem
from .summary import Renaming

FEWEST = 3  # places; fewer are told one by one
LONGEST = 5  # words of a name
_REST = 0.1  # of the places in which the old name may still stand, as in "formerly Bard"
_EDGES = re.compile(r"^\W+|(?:['’]s)?\W*$")


def bare(words: str) -> str:
    """A name without the signs at its ends and without its genitive."""
    return _EDGES.sub("", words.strip())


def _is_name(words: str) -> bool:
    """Whether the words are a name: capitals or figures in each that isn't small, and none that a rule watches."""
    parts = words.split()
    return (
        0 < len(parts) <= LONGEST
        and all(part[0].isupper() or part[0].isdigit() or part in STOP_WORDS for part in parts)
        and any(part[0].isupper() and part.casefold() not in STOP_WORDS for part in parts)
        and not any(rule.pattern.search(words) for rule in WORD_RULES if rule.id != "law.parties")
    )


def renamings(
    old: str, new: str, operations: Sequence[Operation]
) -> tuple[tuple[Operation, ...], tuple[Renaming, ...]]:
    """The operations, those of a consistent rename being of that kind, and what was renamed, the most frequent first."""
    places: dict[str, Counter[str]] = defaultdict(Counter)
    pairs: dict[int, tuple[str, str]] = {}
    for index, operation in enumerate(operations):
        if operation.kind == OperationKind.REPLACE and operation.old[1] - operation.old[0] <= 20 * LONGEST:
            before, after = bare(old[slice(*operation.old)]), bare(operation.words)
            if before and after and before != after:
                places[before][after] += 1
                pairs[index] = before, after
    found: dict[tuple[str, str], Renaming] = {}
    for before, became in places.items():
        if len(became) == 1 and (count := became.total()) >= FEWEST:
            (after,) = became
            if stem(before.casefold()) == stem(after.casefold()):
                continue  # another form of the same word
            if _is_name(before) and _is_name(after) and _stands(before, new, without=after) <= _REST * count:
                first = operations[next(index for index, pair in pairs.items() if pair == (before, after))]
                found[before, after] = Renaming(before, after, count, first.old, first.new)
    if not found:
        return tuple(operations), ()
    told = tuple(
        replace(operation, kind=OperationKind.RENAME) if pairs.get(index) in found else operation
        for index, operation in enumerate(operations)
    )
    return told, tuple(sorted(found.values(), key=lambda each: (-each.count, each.before)))


def _stands(name: str, text: str, *, without: str) -> int:
    """In how many places the name stands, but for those where it is part of the new one ("Google" in "Google Cloud")."""
    whole = re.compile(rf"\b{re.escape(name)}\b")
    return len(whole.findall(text)) - len(whole.findall(without)) * len(re.findall(rf"\b{re.escape(without)}\b", text))
