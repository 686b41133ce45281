"""Items of lists that came under another lead-in: the same words mean another thing under "We may:" and "You may not:"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from monitoring.extraction.texts import BlockKind

from .aligning import Match
from .judging import Hit, plain, shortened
from .phrases import Passage
from .rules import RULES, Rule
from .units import Unit

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
        if _another(before, after, became, came_from):
            passage = Passage((first.start, first.end), (second.start, second.end), first.key, second.key, second)
            found.append(Hit(LEAD_IN, before.text, after.text, passage))
    return found


def lead_in_words(hits: Sequence[Hit]) -> str:
    """From where to where, of up to three."""
    told = list(dict.fromkeys(f"from “{shortened(hit.before)}” to “{shortened(hit.after)}”" for hit in hits))
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""
    return "; ".join(told[:3]) + more


def turns(hit: Hit) -> bool:
    """Whether the two lead-ins differ in who may, must or must not."""
    return _says(hit.rule, hit.before) != _says(hit.rule, hit.after)


def _says(rule: Rule, text: str) -> frozenset[str]:
    return frozenset(rule.name(found[0].casefold()) for found in rule.pattern.finditer(plain(text)))


def _lead_ins(units: Sequence[Unit]) -> Iterator[tuple[int, Unit]]:
    """For each item (by its index) the block above its list."""
    lead: Unit | None = None
    above: list[Unit] = []  # since the last item; the last of them that counts is the lead-in
    for unit in units:
        if unit.kind != BlockKind.ITEM:
            above.append(unit)
            continue
        if above:
            lead = next((each for each in reversed(above) if each.counts), lead)
            above = []
        if lead is not None:
            yield unit.index, lead


def _another(before: Unit, after: Unit, became: Mapping[int, Match], came_from: Mapping[int, Match]) -> bool:
    then, now = became.get(id(before)), came_from.get(id(after))
    if then is None and now is None:
        return False
    if then is not None and (after in then.new or any(unit.kind == BlockKind.ITEM for unit in then.new)):
        return False
    return now is None or not any(unit.kind == BlockKind.ITEM for unit in now.old)
