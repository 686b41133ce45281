"""Items of lists that came under another lead-in: the same words mean another thing under "We may:" and "You may not:"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter

from rapidfuzz import fuzz

from monitoring.extraction.sentences import sentence_spans
from monitoring.extraction.texts import BlockKind

from .aligning import Alignment, Match
from .folding import fold
from .judging import Hit, plain, shortened
from .phrases import Passage
from .rules import RULES, Rule
from .units import Unit, Units

_BAN = "not"  # how the rule names each negation
_SAME = 75  # of 100: as like are two wordings of one lead-in
_LONG = 80  # letters and figures of a lead-in that is more than a few words
LEAD_IN = next(rule for rule in RULES if rule.watches_lead_in)


def under_other_lead_ins(alignment: Alignment) -> list[Hit]:
    """One hit for each item that stood under one block and stands under another, of which at least one is in both texts.

    A lead-in that was reworded, or replaced by another one, is judged by its own words.
    """
    old_leads, new_leads = _LeadIns(alignment.old), _LeadIns(alignment.new)
    led: list[tuple[Unit, Unit, Unit, Unit]] = []
    for row, column, length in _items(alignment):
        before, after = old_leads.of(row), new_leads.of(column)
        if before is None or after is None or before.text == after.text or before.key == after.key:
            continue
        items = zip(alignment.old[row : row + length], alignment.new[column : column + length], strict=True)
        led += [(first, second, before, after) for first, second in items if first.words >= 2]
    if not led:
        return []
    became = {id(unit): match for match in alignment.every_match for unit in match.old}
    came_from = {id(unit): match for match in alignment.every_match for unit in match.new}
    found = []
    for first, second, before, after in led:
        if _another(before, after, became, came_from) and fold(then := _clause(before)) != fold(now := _clause(after)):
            passage = Passage((first.start, first.end), (second.start, second.end), first.key, second.key, second)
            hit = Hit(LEAD_IN, then, now, passage)
            if _bans(hit) or not _are_wordings_of_one(before, after):
                found.append(hit)
    return found


def _items(alignment: Alignment) -> list[tuple[int, int, int]]:
    """Items of lists that are in both texts: the first old and new one, and how many follow each other under one lead-in.

    In a run of equal blocks these are the first ones alone: those behind stand under a block of the run.
    """
    old, new = alignment.old, alignment.new
    found = []
    for run in alignment.runs:
        length = 0
        while length < run.length and new.is_item(run.new + length):
            length += 1
        if length:
            found.append((run.old, run.new, length))
    for match in alignment.matches:
        row, column = match.old[0].index, match.new[0].index
        if old.is_item(row) and new.is_item(column):
            found.append((row, column, 1))
    return sorted(found, key=itemgetter(1))


def _are_wordings_of_one(before: Unit, after: Unit) -> bool:
    """Long ones alone: "You may at home" and "You may at work" are two."""
    return min(len(before.key), len(after.key)) >= _LONG and fuzz.ratio(before.key, after.key) >= _SAME


def _clause(lead: Unit) -> str:
    """The last sentence of a lead-in: what stands before it doesn't lead in."""
    start, end = sentence_spans(lead.text)[-1]
    return lead.text[start:end]


def lead_in_words(hits: Sequence[Hit]) -> str:
    """From where to where, of up to three."""
    told = list(dict.fromkeys(f"from “{shortened(hit.before)}” to “{shortened(hit.after)}”" for hit in hits))
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more


def turns(hit: Hit) -> bool:
    """Whether one lead-in bans and the other doesn't, or they differ in who may, must or will."""
    before, after = _says(hit.rule, hit.before) - {_BAN}, _says(hit.rule, hit.after) - {_BAN}
    return _bans(hit) or bool(before and after and before != after)


def _bans(hit: Hit) -> bool:
    """Whether one of the two lead-ins bans."""
    return (_BAN in _says(hit.rule, hit.before)) != (_BAN in _says(hit.rule, hit.after))


def _says(rule: Rule, text: str) -> set[str]:
    return {rule.name(found[0].casefold()) for found in rule.pattern.finditer(plain(text))}


class _LeadIns:
    """The block above the list of an item, where it leads in: a heading, or words before a colon."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._known: dict[int, Unit | None] = {}

    def of(self, item: int) -> Unit | None:
        place = item - 1
        while place >= 0 and place + 1 not in self._known and self._units.is_item(place):
            place -= 1
        if place + 1 in self._known:
            lead = self._known[place + 1]
        else:
            above = self._units[place] if place >= 0 else None
            leads = above is not None and (above.kind == BlockKind.HEADING or above.text.rstrip().endswith(":"))
            lead = above if leads else None
        self._known |= dict.fromkeys(range(place + 1, item + 1), lead)
        return lead


def _another(before: Unit, after: Unit, became: Mapping[int, Match], came_from: Mapping[int, Match]) -> bool:
    then, now = became.get(id(before)), came_from.get(id(after))
    if then is None and now is None:
        return False
    if then is not None and (after in then.new or any(unit.kind == BlockKind.ITEM for unit in then.new)):
        return False
    return now is None or not any(unit.kind == BlockKind.ITEM for unit in now.old)
