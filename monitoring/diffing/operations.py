"""Operations: how the new text is made of the old one, in the order of the new text.

Together they cover the whole of both texts: each character of the new text is made by exactly one operation, each
character of the old one is used or deleted by exactly one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class OperationKind(StrEnum):
    EQUAL = "equal"
    INSERT = "insert"
    DELETE = "delete"
    REPLACE = "replace"
    MOVE = "move"
    RENUMBER = "renumber"
    RENAME = "rename"
    SPLIT = "split"
    MERGE = "merge"


Span = tuple[int, int]

# These take their words from the old text, unless the two differ in form.
COPYING = frozenset({OperationKind.EQUAL, OperationKind.MOVE})
_CHANGING = frozenset({OperationKind.INSERT, OperationKind.DELETE, OperationKind.REPLACE})
_CODES = dict(zip(OperationKind, "eidrmunsg", strict=True))
_KINDS = {code: kind for kind, code in _CODES.items()}


@dataclass(frozen=True, slots=True)
class Operation:
    """One step. ``old`` and ``new`` are spans in code points.

    ``words`` is what stands in the new text; it is empty for ``delete``, and for ``equal`` and ``move`` where the old
    text is taken as it is. An ``equal`` or ``move`` with words differs from the old text in form alone (case, quotation
    marks, white space). ``renumber`` is a reference that follows the new numbers of sections, ``rename`` a name that
    became another one throughout the text; ``split`` and ``merge`` are a border between blocks that came or went.
    """

    kind: OperationKind
    old: Span
    new: Span
    words: str = ""

    def as_list(self) -> list[object]:
        fields: list[object] = [_CODES[self.kind], *self.old, *self.new]
        return [*fields, self.words] if self.words else fields

    @classmethod
    def from_list(cls, fields: list[object]) -> Operation:
        code, old_start, old_end, new_start, new_end, *words = fields
        return cls(
            _KINDS[str(code)],
            (int(str(old_start)), int(str(old_end))),
            (int(str(new_start)), int(str(new_end))),
            str(words[0]) if words else "",
        )


def apply_operations(old: str, operations: Iterable[Operation]) -> str:
    """The new text."""
    return "".join(
        operation.words or (old[slice(*operation.old)] if operation.kind in COPYING else "") for operation in operations
    )


class Writer:
    """Collects operations in the order of the new text and joins neighbours of one kind."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self.position = 0
        self._written: list[Operation] = []

    def write(self, kind: OperationKind, old: Span, length: int) -> None:
        """One operation that uses ``old`` and makes the next ``length`` code points of the new text."""
        new = (self.position, self.position + length)
        if old[0] == old[1] and not length:
            return
        self.position = new[1]
        words = self.new[slice(*new)]
        if kind in COPYING and (old[0] == old[1] or not length):
            # Signs that don't count stand in one of the texts alone: nothing is there to be copied.
            kind = OperationKind.INSERT if length else OperationKind.DELETE
        if kind in COPYING and words == self.old[slice(*old)]:
            words = ""
        if self._written:
            last = self._written[-1]
            if kind in _CHANGING and last.kind in _CHANGING and last.old[1] == old[0] and self._is_space(last):
                # White space that went or came just before a word did: one change for the reader.
                self._written.pop()
                old, new = (last.old[0], old[1]), (last.new[0], new[1])
                words = self.new[slice(*new)]
                kind = OperationKind.REPLACE if words and old[0] < old[1] else kind
                last = self._written[-1] if self._written else Operation(OperationKind.EQUAL, (0, 0), (0, 0))
            if last.kind == kind and last.old[1] == old[0] and bool(last.words) == bool(words):
                joined = last.words + words if kind not in COPYING or words else ""
                if kind not in (OperationKind.SPLIT, OperationKind.MERGE):
                    self._written[-1] = Operation(kind, (last.old[0], old[1]), (last.new[0], new[1]), joined)
                    return
        self._written.append(Operation(kind, old, new, words))

    def border(self, old: Span, length: int, *, copying: OperationKind = OperationKind.EQUAL) -> None:
        """White space (and signs that don't count) between two words that both stand in both texts."""
        before = self.old[slice(*old)]
        after = self.new[self.position : self.position + length]
        if before == after:
            self.write(copying, old, length)
        elif not before:
            self.write(OperationKind.INSERT, old, length)
        elif not after:
            self.write(OperationKind.DELETE, old, length)
        elif "\n\n" in after and "\n\n" not in before:
            self.write(OperationKind.SPLIT, old, length)
        elif "\n\n" in before and "\n\n" not in after:
            self.write(OperationKind.MERGE, old, length)
        else:
            self.write(copying, old, length)

    @property
    def old_end(self) -> int:
        """Where the old text goes on behind the last operation."""
        return self._written[-1].old[1] if self._written else 0

    def _is_space(self, operation: Operation) -> bool:
        before = self.old[slice(*operation.old)]
        return not before.strip() and not operation.words.strip() and "\n" not in before + operation.words

    def operations(self) -> tuple[Operation, ...]:
        return tuple(self._written)
