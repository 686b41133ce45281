"""Items of lists that came under another lead-in: the same words mean another thing under "We may:" and "You may not:"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from monitoring.extraction.sentences import sentence_spans
from monitoring.extraction.texts import BlockKind

from .aligning import Match
from .folding import fold
from .judging import Hit, plain, shortened
from .phrases import Passage
from .rules import RULES, Rule
from .units import Unit

_BAN = "not"  # how the rule names each negation
_SAME = 75  # of 100: as like are two wordings of one lead-in
_LONG = 80  # letters and figures of a lead-in that is more than a few words
LEAD_IN = next(rule for rule in RULES if rule.watches_lead_in)


def under_other_lead_ins(matches: Sequence[Match], old: Sequence[Unit], new: Sequence[Unit]) -> list[Hit]:
    """One hit for each item that stood under one block and stands under another, of which at least one is in both texts.

    A lead-in that was reworded, or replaced by another one, is judged by its own words.
    """
    old_leads, new_leads = dict(_lead_ins(old)), dict(_lead_ins(new))
    led: list[tuple[Match, Unit, Unit]] = []
    for match in matches:
        first, second = match.old[0], match.new[0]
        if not first.kind == second.kind == BlockKind.ITEM:
            continue
        before, after = old_leads.get(first.index), new_leads.get(second.index)
        if before is None or after is None or before.text == after.text:
            continue
        if before.key != after.key and first.words >= 2:
            led.append((match, before, after))
    if not led:
        return []
    became = {id(unit): match for match in matches for unit in match.old}
    came_from = {id(unit): match for match in matches for unit in match.new}
    found = []
    for match, before, after in led:
        first, second = match.old[0], match.new[0]
        if _another(before, after, became, came_from) and fold(then := _clause(before)) != fold(now := _clause(after)):
            passage = Passage((first.start, first.end), (second.start, second.end), first.key, second.key, second)
            hit = Hit(LEAD_IN, then, now, passage)
            if _bans(hit) or not _are_wordings_of_one(before, after):
                found.append(hit)
    return found


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


def _lead_ins(units: Sequence[Unit]) -> Iterator[tuple[int, Unit]]:
    """For each item (by its index) the block above its list, where it leads in: a heading, or words before a colon."""
    lead: Unit | None = None
    for unit in units:
        if unit.kind != BlockKind.ITEM:
            lead = unit if unit.kind == BlockKind.HEADING or unit.text.rstrip().endswith(":") else None
        elif lead is not None:
            yield unit.index, lead


def _another(before: Unit, after: Unit, became: Mapping[int, Match], came_from: Mapping[int, Match]) -> bool:
    then, now = became.get(id(before)), came_from.get(id(after))
    if then is None and now is None:
        return False
    if then is not None and (after in then.new or any(unit.kind == BlockKind.ITEM for unit in then.new)):
        return False
    return now is None or not any(unit.kind == BlockKind.ITEM for unit in now.old)
