"""The comparison of two texts: blocks first, then sentences, then words; and what it means."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from monitoring.extraction.texts import ExtractedText

from .aligning import Alignment, Match, Run, align, align_coarsely
from .alphabet import Alphabet
from .budget import Budget, BudgetSpent
from .columns import pieces, reordered
from .folding import Token, count_words, fold, is_word, keys_of, words_only
from .judging import Hit, Reason, Significance, cancel, ends_only, has_rules, judge, punctuation_only, reasons
from .leading import lead_in_words, turns, under_other_lead_ins
from .operations import Operation, OperationKind, Writer, apply_operations
from .phrases import Passage, Rewording, Step, reword
from .renaming import renamings
from .renumbering import numbering, references_only
from .summarizing import summarize
from .summary import NumberItem, Summary
from .units import Unit, hide_addresses, units

DIFFER = "diff-4"
DEFAULT_BUDGET = 10_000_000  # steps; some seconds at the very most


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed between two texts. ``operations`` rebuild the new text from the old one (see ``apply``).

    ``coarse``: the budget didn't suffice, so whole blocks are compared; such a change counts as substantive.
    ``words_added`` and ``words_removed`` leave out date blocks, moves and differences in form.
    """

    significance: Significance
    reasons: tuple[Reason, ...]
    operations: tuple[Operation, ...]
    words_added: int
    words_removed: int
    summary: Summary
    coarse: bool = False
    differ: str = DIFFER

    def dumps(self) -> str:
        """Everything as compact JSON; ``loads`` gives back an equal object."""
        return json.dumps(
            {
                "differ": self.differ,
                "significance": str(self.significance),
                "reasons": [[reason.rule, reason.words] for reason in self.reasons],
                "operations": [operation.as_list() for operation in self.operations],
                "words": [self.words_added, self.words_removed],
                "summary": self.summary.as_data(),
                "coarse": self.coarse,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def loads(cls, data: str) -> Comparison:
        fields = json.loads(data)
        added, removed = fields["words"]
        return cls(
            significance=Significance(fields["significance"]),
            reasons=tuple(Reason(rule, words) for rule, words in fields["reasons"]),
            operations=tuple(Operation.from_list(operation) for operation in fields["operations"]),
            words_added=added,
            words_removed=removed,
            summary=Summary.from_data(fields["summary"]),
            coarse=fields["coarse"],
            differ=fields["differ"],
        )


def apply(old: ExtractedText, comparison: Comparison) -> str:
    """The new text, made of the old one: ``apply(old, compare(old, new)) == new.text`` for any two texts."""
    return apply_operations(old.text, comparison.operations)


def compare(old: ExtractedText, new: ExtractedText, *, budget: int = DEFAULT_BUDGET) -> Comparison:
    """Compare two texts. Deterministic; never fails; past ``budget`` steps the result is coarse and substantive."""
    if old.text == new.text:
        operations = (Operation(OperationKind.EQUAL, (0, len(old.text)), (0, len(new.text))),) if old.text else ()
        return Comparison(Significance.NONE, (), operations, 0, 0, Summary())
    old_units, new_units = units(old), units(new)
    if "protected]" in old.text or "protected]" in new.text:
        hide_addresses(old_units, new_units)
    steps = Budget(budget)
    try:
        work = _Work(old, new, align(old_units, new_units, steps))
        work.run(steps)
        return work.comparison(coarse=False)
    except BudgetSpent:
        work = _Work(old, new, align_coarsely(old_units, new_units))
        work.run(None)
        return work.comparison(coarse=True)


class _Work:
    """One comparison in the making: writes the operations and notes passages and counts of words on the way."""

    def __init__(self, old: ExtractedText, new: ExtractedText, alignment: Alignment) -> None:
        self.old, self.new, self.alignment = old, new, alignment
        self.writer = Writer(old.text, new.text)
        self.alphabet = Alphabet()
        self.passages: list[Passage] = []
        self.counts: dict[int, tuple[int, int]] = {}
        self.reordered = reordered(alignment)

    def run(self, budget: Budget | None) -> None:
        alignment = self.alignment
        removed = {unit.index for unit in alignment.removed}
        moved_away = {unit.index for match in alignment.matches if match.moved for unit in match.old}
        self._delete_from(0, removed, moved_away)
        parts: list[tuple[int, Run | Match | Unit]] = [(run.new, run) for run in alignment.runs]
        parts += [(match.new[0].index, match) for match in alignment.matches]
        parts += [(unit.index, unit) for unit in alignment.added]
        for _, part in sorted(parts, key=itemgetter(0)):
            if isinstance(part, Unit):
                self._insert(part)
            elif isinstance(part, Run):
                start, end = alignment.new.starts[part.new], alignment.new.next_of(part.new + part.length - 1)
                place = alignment.old.starts[part.old]
                self.writer.write(OperationKind.EQUAL, (place, place + end - start), end - start)
                self._delete_from(part.old + part.length, removed, moved_away)
            else:
                self._match(part, budget)
                if not part.moved:
                    self._delete_from(part.old[-1].index + 1, removed, moved_away)

    def _delete_from(self, index: int, removed: set[int], moved_away: set[int]) -> None:
        while index in removed or index in moved_away:
            if index in removed:
                unit = self.alignment.old[index]
                self.writer.write(OperationKind.DELETE, (unit.start, unit.next), 0)
                if unit.counts:
                    self.counts[id(unit)] = (0, unit.words)
                    place = self.writer.position
                    self.passages.append(Passage((unit.start, unit.end), (place, place), unit.key, "", unit))
            index += 1

    def _insert(self, unit: Unit) -> None:
        place = self.writer.old_end if self.writer.position else 0
        self.writer.write(OperationKind.INSERT, (place, place), unit.next - unit.start)
        if unit.counts:
            self.counts[id(unit)] = (unit.words, 0)
            self.passages.append(Passage((place, place), (unit.start, unit.end), "", unit.key, unit))

    def _match(self, match: Match, budget: Budget | None) -> None:
        copying = OperationKind.MOVE if match.moved else OperationKind.EQUAL
        first, second = match.old[0], match.new[0]
        if match.equal and first.text == second.text:
            self.writer.write(copying, (first.start, first.end), len(second.text))
            self.writer.border((first.end, first.next), second.next - second.end, copying=copying)
            return
        if match.equal and first.keys == second.keys:
            whole = Step(True, (0, len(first.tokens)), (0, len(second.tokens)))
            self._steps(Rewording(first.tokens, second.tokens, (whole,), ()), copying)
            return
        if match.equal:  # the same but for white space between words
            self.writer.write(copying, (first.start, first.end), second.end - second.start)
            self.writer.border((first.end, first.next), second.next - second.end, copying=copying)
            return
        if order := self.reordered.get(id(match)):
            for is_cell, span, length in pieces(first, second, order):
                self.writer.write(OperationKind.MOVE if is_cell else copying, span, length)
            self.writer.border((first.end, first.next), second.next - second.end, copying=copying)
            return
        assert budget is not None, "a coarse alignment matches equal blocks alone"  # noqa: S101
        rewording = reword(match, self.alphabet, budget)
        self._steps(rewording, copying)
        if second.counts:
            self.passages += rewording.passages
            added = removed = 0
            for step in rewording.steps:
                if not step.equal:
                    removed += _words(rewording.old_tokens, step.old)
                    added += _words(rewording.new_tokens, step.new)
            self.counts[id(second)] = (added, removed)

    def _steps(self, rewording: Rewording, copying: OperationKind) -> None:
        old, new, writer = rewording.old_tokens, rewording.new_tokens, self.writer
        ended = (
            False  # whether one of the texts ended before the other: its border is then that of the words that follow
        )
        for number, step in enumerate(rewording.steps, start=2):
            (old_from, old_to), (new_from, new_to) = step.old, step.new
            ends = number == len(rewording.steps) and (old_to == len(old)) != (new_to == len(new))
            if ends and step.equal and old_to - old_from == new_to - new_from:
                ended = True
                for first, second in zip(old[old_from:old_to], new[new_from:new_to], strict=True):
                    writer.write(copying, (first.start, first.end), second.end - second.start)
                    if first is not old[old_to - 1]:
                        writer.border((first.end, first.next), second.next - second.end, copying=copying)
                last, end = old[old_to - 1], new[new_to - 1]
                if old_to == len(old):
                    writer.write(OperationKind.INSERT, (last.end, last.end), end.next - end.end)
                else:
                    writer.write(OperationKind.DELETE, (last.end, last.next), 0)
                continue
            if ended:
                gone = (old[old_from].start, old[-1].end) if old_from < old_to else (old[-1].end, old[-1].end)
                writer.write(
                    OperationKind.DELETE if old_from < old_to else OperationKind.INSERT,
                    gone,
                    new[-1].end - new[new_from].start if new_from < new_to else 0,
                )
                writer.border((old[-1].end, old[-1].next), new[-1].next - new[-1].end, copying=copying)
                continue
            if step.equal and old_to - old_from == new_to - new_from:
                whole = (old[old_from].start, old[old_to - 1].next), (new[new_from].start, new[new_to - 1].next)
                if self.old.text[slice(*whole[0])] == self.new.text[slice(*whole[1])]:
                    writer.write(copying, whole[0], whole[1][1] - whole[1][0])
                    continue
                for first, second in zip(old[old_from:old_to], new[new_from:new_to], strict=True):
                    writer.write(copying, (first.start, first.end), second.end - second.start)
                    writer.border((first.end, first.next), second.next - second.end, copying=copying)
                continue
            if old_from == old_to:
                place = old[old_from].start if old_from < len(old) else old[-1].next
                writer.write(OperationKind.INSERT, (place, place), new[new_to - 1].next - new[new_from].start)
            elif new_from == new_to:
                writer.write(OperationKind.DELETE, (old[old_from].start, old[old_to - 1].next), 0)
            else:
                last, end = old[old_to - 1], new[new_to - 1]
                kind = copying if step.equal else OperationKind.REPLACE
                writer.write(kind, (old[old_from].start, last.end), end.end - new[new_from].start)
                writer.border((last.end, last.next), end.next - end.end, copying=copying)

    def comparison(self, *, coarse: bool) -> Comparison:
        passages = cancel(self.passages)
        numbers = numbering(self.alignment)
        following = references_only(self.alignment, self.old.text, self.new.text, passages, numbers)
        operations = self._as_renumbered(self.writer.operations(), following)
        passages = [passage for passage in passages if passage not in following]
        operations, renamed = renamings(self.old.text, self.new.text, operations)
        significance, why, hits = self._judge(passages, coarse)
        led = under_other_lead_ins(self.alignment)
        if led and significance != Significance.SUBSTANTIVE:
            # Not a word need differ: what moved means something else there.
            why = tuple(reason for reason in why if reason.rule not in ("moved", "form", "typography"))
            significance = Significance.MINOR
        if turning := [hit for hit in led if turns(hit)]:
            significance, hits = Significance.SUBSTANTIVE, [*hits, *turning]
            why = (*why, *reasons(turning))
        elif led:
            why = (*why, Reason("moved", f"Items of a list stand under another lead-in: {lead_in_words(led)}"))
        if following and significance in (Significance.NONE, Significance.COSMETIC):
            significance, why = Significance.COSMETIC, (Reason("renumbered", _renumbering_in_words(numbers.values())),)
        if renamed and significance == Significance.MINOR:
            why = tuple(reason for reason in why if reason.rule != "words")
        if renamed and significance in (Significance.MINOR, Significance.SUBSTANTIVE):
            told = "; ".join(f"“{each.before}” became “{each.after}” in {each.count} places" for each in renamed[:3])
            why = (*why, Reason("renamed", f"A name changed throughout: {told}"))
        quiet = significance in (Significance.NONE, Significance.COSMETIC)
        summary = summarize(
            self.old,
            self.new,
            self.alignment,
            {} if quiet else self.counts,
            passages,
            hits,
            renamed,
            self._words_of_names(operations) if renamed else {},
            numbers.values(),
        )
        return Comparison(significance, why, operations, summary.words_added, summary.words_removed, summary, coarse)

    def _words_of_names(self, operations: Iterable[Operation]) -> dict[int, tuple[int, int]]:
        """How many of the words that are counted for a block (by ``id``) are names that changed throughout."""
        blocks = {unit.index: id(match.new[0]) for match in self.alignment.matches for unit in match.new}
        found: dict[int, tuple[int, int]] = {}
        for operation in operations:
            if operation.kind == OperationKind.RENAME:
                place = bisect_right(self.alignment.new.starts, operation.new[0]) - 1
                block = blocks.get(place, id(self.alignment.new[place]))
                added, removed = found.get(block, (0, 0))
                gone = self.old.text[slice(*operation.old)]
                found[block] = added + count_words(operation.words), removed + count_words(gone)
        return found

    def _as_renumbered(self, operations: tuple[Operation, ...], following: Sequence[Passage]) -> tuple[Operation, ...]:
        """The operations, with what changed in these passages as renumbering; their words no longer count."""
        if not following:
            return operations
        for passage in following:
            added, removed = self.counts.get(id(passage.block), (0, 0))
            for gone, come in passage.edits:
                removed -= sum(map(is_word, keys_of(self.old.text[slice(*gone)]))) if gone[0] < gone[1] else 0
                added -= sum(map(is_word, keys_of(self.new.text[slice(*come)]))) if come[0] < come[1] else 0
            self.counts[id(passage.block)] = max(added, 0), max(removed, 0)
        spans = sorted(passage.new for passage in following)
        starts = [start for start, _ in spans]

        def inside(operation: Operation) -> bool:
            index = bisect_right(starts, operation.new[0]) - 1
            return index >= 0 and operation.new[1] <= spans[index][1]

        return tuple(
            replace(operation, kind=OperationKind.RENUMBER)
            if operation.kind == OperationKind.REPLACE and inside(operation)
            else operation
            for operation in operations
        )

    def _judge(self, passages: Sequence[Passage], coarse: bool) -> tuple[Significance, tuple[Reason, ...], list[Hit]]:
        old, new = self.old, self.new
        if self.old.origin != self.new.origin and self._words(self.alignment.old) == self._words(self.alignment.new):
            return (
                Significance.COSMETIC,
                (Reason("origin", "The words are the same; the texts were read in different ways"),),
                [],
            )
        if not passages or self._same_in_order():
            return *self._form(), []
        speaks = has_rules(old.language, old.text) and has_rules(new.language, new.text)
        if punctuation_only(old.text, new.text, passages) and not coarse:
            if not speaks or ends_only(old.text, new.text, passages):
                return Significance.COSMETIC, (Reason("punctuation", "Only signs between words differ"),), []
            return Significance.MINOR, (Reason("punctuation", "Only signs between words differ"),), []
        hits: list[Hit] = []
        why: list[Reason] = []
        if coarse:
            why.append(Reason("coarse", "Too much changed to compare word by word, so whole blocks were compared"))
        if speaks:
            hits = judge(old.text, new.text, passages)
            why += reasons(hits)
        else:
            why.append(Reason("language", "Words changed in a language for which there are no rules"))
        if why:
            return Significance.SUBSTANTIVE, tuple(why), hits
        return Significance.MINOR, (Reason("words", "Words changed, and none that a rule watches"),), hits

    def _form(self) -> tuple[Significance, tuple[Reason, ...]]:
        """Nothing but form differs: none, or cosmetic with what kind of form."""

        def plain(units: Iterable[Unit]) -> str:
            return "".join("".join(unit.text.split()) for unit in units if unit.counts)

        if self.reordered:
            return Significance.COSMETIC, (Reason("columns", "The columns of a table stand in another order"),)
        if any(match.moved for match in self.alignment.matches):
            return Significance.COSMETIC, (Reason("moved", "The same words stand in another order of blocks"),)
        if all(plain(old) == plain(new) for old, new in self._between_equals()) or (
            plain(self.alignment.old) == plain(self.alignment.new)
        ):
            return Significance.NONE, (Reason("form", "Only dates, white space or form differ"),)
        return Significance.COSMETIC, (Reason("typography", "Only case, quotation marks, dashes or numbering differ"),)

    def _same_in_order(self) -> bool:
        """Whether the blocks between those that are equal to the letter read the same, however they are parted."""
        return all(
            _key(before) == _key(after) or _whole(before) == _whole(after) for before, after in self._between_equals()
        )

    def _between_equals(self) -> Iterator[tuple[Sequence[Unit], Sequence[Unit]]]:
        """What stands in both texts between blocks that are equal to the letter and in order."""
        alignment = self.alignment
        equals = [(run.new, run.old, run.length) for run in alignment.runs]
        equals += [
            (match.new[0].index, match.old[0].index, 1)
            for match in alignment.matches
            if match.equal and not match.moved and match.old[0].text == match.new[0].text
        ]
        old_from = new_from = 0
        for new_to, old_to, length in (*sorted(equals), (len(alignment.new), len(alignment.old), 0)):
            if old_to > old_from or new_to > new_from:
                yield alignment.old[old_from:old_to], alignment.new[new_from:new_to]
            old_from, new_from = old_to + length, new_to + length

    @staticmethod
    def _words(units: Iterable[Unit]) -> list[str]:
        return " ".join(words_only(unit.text) for unit in units if unit.counts).split()


def _renumbering_in_words(numbers: Iterable[NumberItem]) -> str:
    told = [f"{item.before} → {item.after}" for item in numbers if item.before != item.after]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return f"Sections were numbered anew, and references follow: {', '.join(told[:3])}{more}"


def _key(units: Sequence[Unit]) -> str:
    return "".join(unit.key for unit in units if unit.counts)


def _whole(units: Sequence[Unit]) -> str:
    """Numbers of lists and dates among the rest: a list that became a paragraph has them in its text."""
    return fold(" ".join(f"{unit.label} {unit.text}" for unit in units))


def _words(tokens: Sequence[Token], part: tuple[int, int]) -> int:
    return sum(is_word(tokens[index].key) for index in range(*part))
