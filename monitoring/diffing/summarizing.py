"""Making the summary out of what the comparison found."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from operator import attrgetter

from monitoring.extraction.texts import BlockKind, DateKind, ExtractedText

from .aligning import Alignment
from .defining import definitions
from .judging import Hit
from .operations import Span
from .phrases import Passage
from .quoting import led, phrase_of, quoted_sentence, sentence_of, wordings
from .rules import RULES
from .spotting import Searched, stands_in
from .summary import Introduced, NumberItem, Renaming, SectionChange, SectionItem, Summary, ValueItem
from .units import Unit, Units

# What a number is about, by the words around it; the first that is found nearest before or after it counts.
_SUBJECTS = (
    ("retention", r"ret(?:ain|ention)\w*|keep|kept|stor(?:e|ed|age|ing)|delet\w*|eras\w*|backups?"),
    ("refunds", r"refund\w*"),
    ("liability cap", r"liab\w*"),
    ("notice", r"notice|notif\w*|inform you"),
    ("arbitration", r"arbitrat\w*|dispute\w*"),
    ("minimum age", r"years? (?:old|of age)|at least \d+|age of"),
    ("trial", r"trial"),
    ("renewal", r"renew\w*"),
    ("termination", r"terminat\w*|cancel\w*"),
    ("payment", r"price\w*|fees?|cost\w*|pay\w*|charg\w*"),
    ("opting out", r"opt(?:ing|ed)?[ -]?out"),
    ("response time", r"respon[ds]\w*|repl(?:y|ies)"),
    ("limit", r"limit\w*|up to|maximum|no more than"),
)
_NEARBY = 400  # code points around a value in which the word that says what it is about is looked for
_SUBJECT_PATTERNS = tuple((name, re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)) for name, pattern in _SUBJECTS)


def subject_of(sentence: str, value: str) -> str:
    """What ``value`` is about in the sentence, or "" where no word says it."""
    place = sentence.casefold().find(value.casefold()) if value else 0
    if place < 0:
        number = re.search(r"\d+", value)
        place = max(sentence.find(number[0]), 0) if number else 0
    # What stands farther away in a long passage is about something else.
    start, end = max(place - _NEARBY, 0), place + len(value) + _NEARBY
    near: list[tuple[int, int, str]] = []
    for order, (name, pattern) in enumerate(_SUBJECT_PATTERNS):
        distance = min((abs(match.start() - place) for match in pattern.finditer(sentence, start, end)), default=-1)
        if distance >= 0:
            near.append((distance, order, name))
    return min(near)[2] if near else ""


@lru_cache(maxsize=1_000)
def _named(title: str) -> str:
    """The subject that a heading names, or ""."""
    return next((name for name, pattern in _SUBJECT_PATTERNS if pattern.search(title)), "")


def _subject(hit: Hit, sentence: str) -> str:
    if hit.rule.id == "number.age":
        return "minimum age"
    # The heading says it best ("Limitation of liability"); the words around the number are the next guess.
    named = _named(hit.passage.block.section[-1]) if hit.passage.block.section else ""
    subject = named or subject_of(sentence, hit.after or hit.before)
    return "price" if subject == "payment" and hit.rule.id == "number.money" else subject


class _Values:
    """What hits say, as items. A rule often sees the same words in one passage many times: that is one item."""

    def __init__(self, old: str, new: str) -> None:
        self._old, self._new = old, new
        self._made: dict[tuple[str, str, str, int], ValueItem] = {}

    def of(self, hit: Hit) -> ValueItem:
        key = hit.rule.id, hit.before, hit.after, id(hit.passage)
        return self._made.get(key) or self._made.setdefault(key, self._make(hit))

    def _make(self, hit: Hit) -> ValueItem:
        passage, subject, phrase = hit.passage, "", ""
        if hit.rule.is_number:
            subject = _subject(hit, self._new[slice(*passage.new)] or self._old[slice(*passage.old)])
        elif not (hit.before and hit.after):
            phrase = phrase_of(hit, self._old, self._new)
        where = passage.block.section
        return ValueItem(hit.rule.id, subject, hit.before, hit.after, where, passage.old, passage.new, phrase)


_SENTENCES = 60  # quoted in one summary
_MOST = 0.6  # of the words of a section that is told as a whole


def summarize(
    old: ExtractedText,
    new: ExtractedText,
    alignment: Alignment,
    counts: dict[int, tuple[int, int]],
    passages: Sequence[Passage],
    hits: Sequence[Hit],
    renamed: tuple[Renaming, ...],
    named: Mapping[int, tuple[int, int]],
    numbers: Iterable[NumberItem],
) -> Summary:
    """``counts`` holds words added and removed by ``id`` of a block (the new one, or the old one if it was removed).

    ``named`` holds how many of them are names that changed throughout: these don't make a section a changed one.
    """
    moved, in_moved = _moved_sections(alignment)
    without_names = {block: _less(words, named.get(block, (0, 0))) for block, words in counts.items()}
    sections, told = _sections(alignment, without_names if named else counts, moved)
    values: dict[str, list[ValueItem]] = defaultdict(list)
    quoted: set[int] = set()
    made = _Values(old.text, new.text)
    for hit in hits:
        if hit.rule.watches_lead_in:
            values["duties"].append(led(hit))
        elif hit.rule.is_number:
            values["quantities"].append(made.of(hit))
        elif hit.rule.id not in ("modality", "negation"):
            values["topics"].append(made.of(hit))
        elif hit.passage.old_key and hit.passage.new_key:
            item = made.of(hit)
            alone = not item.is_swap and not item.phrase
            values["duties"].append(replace(item, sentence=sentence_of(hit, old.text, new.text)) if alone else item)
        elif id(hit.passage.block) not in told and id(hit.passage) not in quoted and len(quoted) < _SENTENCES:
            quoted.add(id(hit.passage))
            values["sentences"].append(quoted_sentence(hit, old.text, new.text))
    changed = {id(passage.block) for passage in passages}
    seen = {id(hit.passage) for hit in hits} if counts else set(map(id, passages))
    others = [
        passage
        for passage in passages
        if id(passage) not in seen and id(passage.block) not in told and passage.block.kind != BlockKind.HEADING
    ]
    effective, effective_at = _effective(old, new)
    return Summary(
        sections=sections,
        quantities=_without_returns(values["quantities"]),
        duties=tuple(dict.fromkeys(values["duties"])),
        topics=tuple(dict.fromkeys(values["topics"])),
        sentences=tuple(dict.fromkeys(values["sentences"])),
        definitions=definitions(old.text, new.text, passages, alignment.new) if counts else (),
        renamed=renamed if counts else (),
        numbering=tuple(item for item in numbers if item.before != item.after),
        effective=effective,
        effective_at=effective_at,
        wordings=wordings(old.text, new.text, others, renamed),
        introduced=_introduced(old.text, hits),
        blocks_added=sum(not unit.is_date for unit in alignment.added),
        blocks_removed=sum(not unit.is_date for unit in alignment.removed),
        blocks_changed=sum(
            not match.equal and not match.new[0].is_date and id(match.new[0]) in changed for match in alignment.matches
        ),
        blocks_moved=sum(match.moved and id(match) not in in_moved for match in alignment.matches),
        blocks_renumbered=sum(
            match.equal and bool(match.old[0].label or match.new[0].label) and match.old[0].label != match.new[0].label
            for match in alignment.matches
        ),
        words_added=sum(added for added, _ in counts.values()),
        words_removed=sum(removed for _, removed in counts.values()),
        words_before=(before := _words(old)),
        words_after=before + _more_words(alignment),
    )


def _words(text: ExtractedText) -> int:
    """As they stand between white space; of canonical text it is enough to count the spaces."""
    if text.blocks and not any(odd in text.text for odd in ("  ", " \n", "\n ", "\n\n\n", "\t")):
        return text.text.count(" ") + text.text.count("\n\n") + 1
    return text.words


def _more_words(alignment: Alignment) -> int:
    """By how many words the text became longer: blocks that are the same to the letter needn't be counted."""
    more = sum(len(unit.text.split()) for unit in alignment.added)
    more -= sum(len(unit.text.split()) for unit in alignment.removed)
    for match in alignment.matches:
        if not match.equal or match.old[0].text != match.new[0].text:
            more += sum(len(unit.text.split()) for unit in match.new) - sum(
                len(unit.text.split()) for unit in match.old
            )
    return more


def _less(words: tuple[int, int], others: tuple[int, int]) -> tuple[int, int]:
    return max(words[0] - others[0], 0), max(words[1] - others[1], 0)


def _introduced(old: str, hits: Sequence[Hit]) -> tuple[Introduced, ...]:
    """The rules of which the new text has words and the old one had none."""
    came = {hit.rule.id: hit.passage.new for hit in reversed(hits) if hit.after}
    near = {hit.rule.id: hit.passage.old[0] for hit in hits if hit.before}
    text = Searched(old)
    return tuple(
        Introduced(rule.id, came[rule.id])
        for rule in RULES
        if rule.id in came and not stands_in(rule, text, near.get(rule.id, 0))
    )


def _without_returns(items: Sequence[ValueItem]) -> tuple[ValueItem, ...]:
    """Without what went in one sentence and came in another."""
    gone = Counter(item.before.casefold() for item in items if not item.after)
    come = Counter(item.after.casefold() for item in items if not item.before)
    both = gone & come
    left = {"before": Counter(both), "after": Counter(both)}
    kept = []
    for item in dict.fromkeys(items):
        side = "before" if not item.after else "after" if not item.before else ""
        value = (item.before or item.after).casefold()
        if side and left[side][value]:
            left[side][value] -= 1
        else:
            kept.append(item)
    return tuple(kept)


def _effective(old: ExtractedText, new: ExtractedText) -> tuple[tuple[str, str] | None, Span | None]:
    """The stated date of effect before and after, and where the new one stands; None where it is as it was."""
    before, after = (
        next((date for date in text.dates if date.kind == DateKind.EFFECTIVE), None) for text in (old, new)
    )
    if after is None or (before is not None and before.date == after.date):
        return None, None
    place = new.text.find(after.words)
    return (before.date if before else "", after.date), (place, place + len(after.words)) if place >= 0 else None


def _moved_sections(alignment: Alignment) -> tuple[list[tuple[int, SectionItem]], set[int]]:
    """Sections that stand in another place, outermost only, and the matches (by ``id``) that moved within them.

    A section moved when its heading did and most of its words did; one move, however many blocks and sections it has.
    """
    by_new = {unit.index: match for match in alignment.matches for unit in match.new if match.moved}
    items: list[tuple[int, SectionItem]] = []
    inside: set[int] = set()
    until = -1
    for match in alignment.matches:
        unit = match.new[0]
        if not match.moved or unit.kind != BlockKind.HEADING or unit.index <= until:
            continue
        members = alignment.new.section_of(unit)
        moved = [by_new[place] for place in members if place in by_new]
        rest = (alignment.new[place].words for place in members if place not in by_new)
        if not _are_most(sum(part.words for each in moved for part in each.new), rest):
            continue
        until = members[-1]
        inside |= {id(each) for each in moved}
        old_span = min(each.old[0].start for each in moved), max(each.old[-1].end for each in moved)
        item = SectionItem(SectionChange.MOVED, unit.section, old_span, (unit.start, alignment.new[members[-1]].end))
        items.append((unit.start, item))
    return items, inside


def _are_most(words: int, rest: Iterable[int]) -> bool:
    """Whether so many words are most of a section; ``rest`` are those of its other blocks, asked while it matters."""
    return all(words >= _MOST * total for total in accumulate(rest, initial=words))


def _sections(
    alignment: Alignment,
    counts: dict[int, tuple[int, int]],
    moved: Sequence[tuple[int, SectionItem]],
) -> tuple[tuple[SectionItem, ...], set[int]]:
    """The items in the order of the new text, and the blocks (by ``id``) that stand in a section told as a whole."""
    old, new = alignment.old, alignment.new
    renamed = _renamed(alignment)
    renamed_old = {id(before) for _, before in renamed.values()}
    added = _whole_sections(new, alignment.added, set(renamed), SectionChange.ADDED, counts)
    removed = _whole_sections(old, alignment.removed, renamed_old, SectionChange.REMOVED, counts)
    told = {unit_id for _, members in (*added, *removed) for unit_id in members}
    items = [(item.new[0] if item.new else 0, item) for item, _ in added]
    place_of = _places(alignment) if alignment.removed else {}
    items += [(place_of.get(item.old[0] if item.old else 0, 0), item) for item, _ in removed]
    for unit, before in renamed.values():
        items.append(
            (
                unit.start,
                SectionItem(
                    SectionChange.RENAMED,
                    unit.section,
                    (before.start, before.end),
                    (unit.start, unit.end),
                    before=before.text,
                ),
            )
        )
    changed: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    removed_ids = {id(unit) for unit in alignment.removed}
    touched = [match.new[0] for match in alignment.matches] + alignment.added if counts else []
    touched.sort(key=attrgetter("index"))
    for unit in (*touched, *alignment.removed) if counts else ():
        if id(unit) in counts and id(unit) not in told and id(unit) not in renamed and any(counts[id(unit)]):
            changed[unit.section].append(unit)
    for path, members in changed.items():
        mine = [unit for unit in members if id(unit) not in removed_ids]
        theirs = [unit for unit in members if id(unit) in removed_ids]
        if all(id(unit) in renamed_old for unit in members):
            continue
        items.append(
            (
                mine[0].start if mine else place_of.get(theirs[0].start, 0),
                SectionItem(
                    SectionChange.CHANGED,
                    path,
                    (theirs[0].start, theirs[-1].end) if theirs else None,
                    (mine[0].start, mine[-1].end) if mine else None,
                    sum(counts[id(unit)][0] for unit in members),
                    sum(counts[id(unit)][1] for unit in members),
                ),
            )
        )
    items += moved
    return tuple(item for _, item in sorted(items, key=lambda pair: pair[0])), told


def _places(alignment: Alignment) -> dict[int, int]:
    """Where in the new text a removed old block would stand, by the start of the old block."""
    stayed = alignment.stayed
    places = {}
    for unit in alignment.removed:
        above = bisect_left(stayed, (unit.index,)) - 1
        if above >= 0:
            _, column, length = stayed[above]
            places[unit.start] = alignment.new.starts[column + length - 1]
        else:
            places[unit.start] = 0
    return places


def _renamed(alignment: Alignment) -> dict[int, tuple[Unit, Unit]]:
    """New headings (by ``id``) that took the place of an old one (new, old): what follows them belongs together."""
    removed = {unit.index: unit for unit in alignment.removed if unit.kind == BlockKind.HEADING}
    added = {unit.index: unit for unit in alignment.added if unit.kind == BlockKind.HEADING}
    found = {}
    for match in alignment.matches:
        first, second = match.old[0], match.new[0]
        if not match.equal and first.kind == second.kind == BlockKind.HEADING:
            found[id(second)] = second, first
    if removed and added:
        beneath = [(run.old, run.new) for run in alignment.runs]
        beneath += [(match.old[0].index, match.new[0].index) for match in alignment.matches if not match.moved]
        for row, column in beneath:
            before, after = removed.get(row - 1), added.get(column - 1)
            if before is not None and after is not None:
                found[id(after)] = after, before
    return found


def _whole_sections(
    units: Units,
    loose: Sequence[Unit],
    renamed: set[int],
    change: SectionChange,
    counts: dict[int, tuple[int, int]],
) -> list[tuple[SectionItem, set[int]]]:
    """Sections of which the heading and most of the words are new (or gone), outermost only."""
    loose_places = {unit.index for unit in loose}
    found: list[tuple[SectionItem, set[int]]] = []
    until = -1
    for unit in loose:
        if unit.kind != BlockKind.HEADING or id(unit) in renamed or unit.index <= until:
            continue
        members = units.section_of(unit)
        mine = [units[place] for place in members if place in loose_places]
        rest = (units[place].words for place in members if place not in loose_places)
        if len(mine) < len(members) and not _are_most(sum(member.words for member in mine), rest):
            continue
        until = members[-1]
        span = (unit.start, mine[-1].end)
        found.append(
            (
                SectionItem(
                    change,
                    unit.section,
                    span if change == SectionChange.REMOVED else None,
                    span if change == SectionChange.ADDED else None,
                    sum(counts.get(id(member), (0, 0))[0] for member in mine),
                    sum(counts.get(id(member), (0, 0))[1] for member in mine),
                ),
                {id(member) for member in mine},
            )
        )
    return found
