"""Where the rules find something in a text, without asking each of them about each of its characters.

A rule can match only where one of its words begins. So the words of a text are looked up once, in a table of
beginnings made from the patterns themselves, and a pattern is tried at the few places that are left. What is found is
what ``finditer`` finds with the patterns alone; the tests hold it to that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate, compress
from typing import NamedTuple

from .folding import Remembered
from .rules import WORD_RULES, Rule

# The same patterns for words in small letters, in half the time; not for those that ask for a capital.
_LOWERED = {rule.id: re.compile(rule.pattern.pattern) for rule in WORD_RULES if "(?-i:" not in rule.pattern.pattern}
_DIGITS = ("0",)  # which stands for any figure
_MONTHS = tuple("jan feb mar apr may jun jul aug sep oct nov dec".split())
# Patterns of numbers begin with these words, or with figures.
_NUMBER_BEGINNINGS = {
    "number.duration": _DIGITS,
    "number.percent": _DIGITS,
    "number.age": ("at", "under", "over", "below", "age", "older", "younger"),
    "number.unit": _DIGITS,
    "number.date": (*_DIGITS, *_MONTHS),
}
# Amounts may begin within a word ("AUD5"): their pattern is tried everywhere, where one of these stands in the text.
_MONEY = tuple("$ € £ ¥ ₹ usd eur gbp aud cad sek inr dollar pounds cents".split())
# So is that of parties, whose names may be any words, where one of these stands behind a space.
_COMPANIES = tuple(
    form.replace("\\", "").lower()
    for rule in WORD_RULES
    if rule.id == "law.parties"
    for form in rule.pattern.pattern.rpartition(" (?:")[2].partition(")")[0].split("|")
)
_WORDS_OF = re.compile(r"\(\?<!\[\\w-\]\)\(\?:(.*)\)\(\?!\\w\)", re.DOTALL)  # what ``rules._any`` made
_WORD = re.compile(r"\w+(?:'t\b)?")
_OF_FIGURES = frozenset(rule for rule, words in _NUMBER_BEGINNINGS.items() if words == _DIGITS)
_FIGURES = re.compile(r"\d+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Beginning:
    """A word, or where it isn't ``whole`` the first letters of one; ``tail``: what else must stand in the word."""

    letters: str
    whole: bool = False
    tail: str = ""


def _parted(pattern: str) -> list[str]:
    """The alternatives of a pattern, those within its groups left together."""
    parts, depth, start = [], 0, 0
    for index, sign in enumerate(pattern):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            parts.append(pattern[start:index])
            start = index + 1
    return [*parts, pattern[start:]]


def beginnings_of(alternative: str, letters: str = "") -> list[Beginning]:
    """With which words a match of an alternative can begin."""
    literal = re.match(r"[a-z]*", alternative)
    found = literal[0] if literal else ""
    rest = alternative[len(found) :]
    if found and rest[:1] in ("?", "*", "{"):
        return [Beginning(letters + found[:-1])]
    letters += found
    if rest.startswith("(?:"):
        end = rest.index(")")
        group, after = rest[3:end], rest[end + 1 :]
        optional = after.startswith("?")
        if "(" not in group and len(letters) < 3:
            inner = [each for part in _parted(group) for each in beginnings_of(part, letters)]
            # What follows a group is left open: a word that begins as the group does is tried.
            return [Beginning(each.letters) for each in inner] + (beginnings_of(after[1:], letters) if optional else [])
        return [Beginning(letters)]
    if not letters and rest.startswith(r"\w+"):
        return [Beginning("", tail=rest[3:])]
    return [Beginning(letters, whole=not rest or (rest[0] in " -'" and rest[1:2] not in ("?", "*")))]


def _beginnings(rule: Rule) -> list[Beginning]:
    if rule.is_number:
        return [Beginning(letters) for letters in _NUMBER_BEGINNINGS.get(rule.id, ())]
    words = _WORDS_OF.fullmatch(rule.pattern.pattern)
    return [each for part in _parted(words[1]) for each in beginnings_of(part)] if words else []


_BEGINNINGS = {rule.id: found for rule in WORD_RULES if (found := _beginnings(rule))}
_WHOLE: dict[str, list[str]] = defaultdict(list)
_PARTS: dict[str, list[str]] = defaultdict(list)
_TAILS: list[tuple[str, str]] = []
for _id, _found in _BEGINNINGS.items():
    for _each in _found:
        if _each.tail:
            _TAILS.append((_each.tail, _id))
        else:
            (_WHOLE if _each.whole else _PARTS)[_each.letters].append(_id)
_LONGEST = max(map(len, _PARTS))
# Of which nothing is known but what must stand in a match: their patterns are tried everywhere, where that does.
_EVERYWHERE = frozenset(rule.id for rule in WORD_RULES if rule.id not in _BEGINNINGS)
_ORDER = {rule.id: place for place, rule in enumerate(WORD_RULES)}


def _rules_at(word: str) -> tuple[str, ...]:
    """The ids of the rules that may match where this word begins."""
    bare = word.removesuffix("'t")
    if bare[:1].isdecimal():
        bare = f"0{bare[1:]}"
    found = {rule for length in range(_LONGEST + 1) for rule in _PARTS.get(bare[:length], ())}
    found.update(_WHOLE.get(bare, ()))
    found.update(rule for tail, rule in _TAILS if tail in word)
    return tuple(sorted(found, key=_ORDER.__getitem__))


def _places_in(word: str) -> tuple[tuple[str, int], ...]:
    found = [(rule, each.start()) for each in _WORD.finditer(word) for rule in _rules_at(each[0])]
    if any(sign in word for sign in _MONEY):
        found.append(("number.money", 0))
    if word.startswith(_COMPANIES):
        found.append(("law.parties", 0))
    return tuple(found)


# By what stands between white space: the ids of the rules that may match, and where in it.
_PLACES = Remembered(_places_in)


class Spot(NamedTuple):
    """One match of a rule: the words as the rule reads them, by which they get their name, and as they are written."""

    read: str
    written: str


_new_spot = partial(tuple.__new__, Spot)  # the quickest way: spots are made by the thousand


def spots(text: str) -> dict[str, list[Spot]]:
    """What each rule that finds something finds in a text, in order, by the rule's id."""
    if not text:
        return {}
    lowered = text.lower()
    if len(lowered) != len(text):
        return {
            rule.id: [_new_spot((match[0].casefold(), match[0])) for match in rule.pattern.finditer(text)]
            for rule in WORD_RULES
            if rule.pattern.search(text)
        }
    places: dict[str, list[int]] = defaultdict(list)
    chunks = lowered.split(" ")
    inside = [*map(_PLACES.__getitem__, chunks)]
    ends = [*accumulate(map(len, chunks))]
    for number in compress(range(len(chunks)), inside):
        start = ends[number] - len(chunks[number]) + number
        for rule_id, offset in inside[number]:
            places[rule_id].append(start + offset)
    found: dict[str, list[Spot]] = {}
    for rule_id, starts in places.items():
        rule = WORD_RULES[_ORDER[rule_id]]
        if rule_id in _EVERYWHERE:
            spans = [match.span() for match in _pattern(rule).finditer(_read(rule, text, lowered))]
            if spans:
                found[rule_id] = _quoted(rule, spans, text, lowered)
            continue
        match_at = _pattern(rule).match
        read = _read(rule, text, lowered)
        spans, until = [], 0
        for start in starts:
            if start >= until and (match := match_at(read, start)):
                until = match.end()
                spans.append((start, until))
        if spans:
            found[rule_id] = _quoted(rule, spans, text, lowered)
    return found


class Searched:
    """A text in which many rules are looked for; it is put into small letters only if that is needed."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lowered(self) -> str:
        return self.text.lower()


def stands_in(rule: Rule, searched: Searched, near: int = 0) -> bool:
    """Whether a rule finds anything in a text; ``near`` is where it probably does."""
    text = searched.text
    beginnings = _BEGINNINGS.get(rule.id)
    if rule.id in _OF_FIGURES:
        return any(rule.pattern.match(text, figures.start()) for figures in _FIGURES.finditer(text))
    # Where the text is cut, half a word may look like a whole one: there the match is made again.
    if near and (seen := rule.pattern.search(text, near, near + _NEAR)) and rule.pattern.match(text, seen.start()):
        return True
    if beginnings is None or rule.is_number or any(each.tail for each in beginnings):
        if rule.id == "number.money" and not _may_have_money(searched.lowered):
            return False
        if rule.id == "law.parties" and not any(f" {form}" in searched.lowered for form in _COMPANIES):
            return False
        return rule.pattern.search(text) is not None
    letters = tuple(dict.fromkeys(each.letters for each in beginnings))
    if _matches(rule, text, text, letters):
        return True
    if len(searched.lowered) != len(text):
        return rule.pattern.search(text) is not None
    return _matches(rule, text, searched.lowered, letters)


_NEAR = 4_000


def _matches(rule: Rule, text: str, lowered: str, beginnings: Iterable[str]) -> bool:
    match_at = rule.pattern.match
    for letters in beginnings:
        place = lowered.find(letters)
        while place >= 0:
            if match_at(text, place):
                return True
            place = lowered.find(letters, place + 1)
    return False


def _may_have_money(lowered: str) -> bool:
    return any(sign in lowered for sign in _MONEY) and _DIGIT.search(lowered) is not None


def _pattern(rule: Rule) -> re.Pattern[str]:
    return _LOWERED.get(rule.id, rule.pattern)


def _read(rule: Rule, text: str, lowered: str) -> str:
    return lowered if rule.id in _LOWERED else text


def _quoted(rule: Rule, spans: list[tuple[int, int]], text: str, lowered: str) -> list[Spot]:
    if rule.id in _LOWERED:
        return [_new_spot((lowered[start:end], text[start:end])) for start, end in spans]
    return [_new_spot((text[start:end].casefold(), text[start:end])) for start, end in spans]
