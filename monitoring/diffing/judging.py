"""How much a change means: the rules are asked about each passage that differs, and answer with reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, compress

from monitoring.extraction.languages import detect_language

from .folding import Remembered, is_word, keys_of
from .phrases import STOP_WORDS, Passage
from .rules import NUMBER_WORDS, RULES, WORD_RULES, Rule
from .spotting import Spot, spots


class Significance(StrEnum):
    NONE = "none"
    COSMETIC = "cosmetic"
    MINOR = "minor"
    SUBSTANTIVE = "substantive"


@dataclass(frozen=True, slots=True)
class Reason:
    """``rule`` is an id of the table (or ``coarse``, ``language``, ``words``, …); ``words`` say why to a reader."""

    rule: str
    words: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What one rule saw in one passage: ``before`` and ``after`` are its words, one of them may be empty."""

    rule: Rule
    before: str
    after: str
    passage: Passage


_PLAIN = tuple({**dict.fromkeys("‘’‚′´", "'"), **dict.fromkeys("“”„″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}.items())
_SMALL = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
# A number in words counts where a unit or its figures follow: "forty-eight hours", "thirty (30) days".
_SPELLED_NUMBER = re.compile(
    rf"\b(?=a[ -]hundred|{_SMALL})"
    rf"((?:(?:a|{_SMALL})[ -]hundred(?:[ -]and)?[ -]?)?(?:(?:{_SMALL})(?:[ -](?:{_SMALL}))?)?)(?=[ -](?:\(\d|[a-z]))\b",
    re.IGNORECASE,
)
_SMALL_WORDS = frozenset(NUMBER_WORDS) | {"hundred"}
_SMALL_LETTERS = re.compile(r"[a-z]+")
_FIGURES_AGAIN = tuple(f" ({figure}" for figure in "0123456789")
_TWICE = re.compile(r"\b(\d+) \(\1\)")  # "thirty (30) days"
# An internal reference is no quantity; an address of mail or web says nothing about data.
_TELLING_SIGNS = frozenset("$€£¥₹%‰+<>≤≥=±×§&#@")
_END = re.compile(r"[\s.,;:()\[\]|]+$")
_DIGIT = re.compile(r"\d")
_BY_ID = {rule.id: rule for rule in WORD_RULES}
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|www\.\S+")


def plain(text: str) -> str:
    """What the patterns of the rules see."""
    text = text.replace("`", "'")
    if not text.isascii():
        for sign, became in _PLAIN:
            text = text.replace(sign, became)
    if "@" in text or "://" in text or "www." in text:
        text = _ADDRESS.sub(" ", text)
    text = " ".join(text.split())
    words = text.lower().split(" ")
    numbers = [*compress(range(len(words)), map(_HAS_NUMBER.__getitem__, words))]
    if numbers:
        text = _with_figures(text, words, numbers)
    return _TWICE.sub(r"\1", text) if any(figure in text for figure in _FIGURES_AGAIN) else text


def _with_figures(text: str, words: Sequence[str], numbers: Sequence[int]) -> str:
    """Numbers in words become figures; they are looked for where one of their words stands, not everywhere."""
    ends = [*accumulate(map(len, words))]
    if ends[-1] + len(words) - 1 != len(text):  # small letters take another place than capitals
        return _SPELLED_NUMBER.sub(lambda match: in_figures(match[0]), text)
    parts: list[str] = []
    until = 0
    if "hundred" in text.lower():
        numbers = [at for at, word in enumerate(words) if _HAS_NUMBER[word] or "a" in word]
    for at in numbers:
        word = words[at]
        start = ends[at] - len(word) + at
        for letters in _SMALL_LETTERS.finditer(word):
            place = start + letters.start()
            found = _SPELLED_NUMBER.match(text, place) if place >= until else None
            if found:
                parts += (text[until:place], in_figures(found[0]))
                until = found.end()
    return "".join([*parts, text[until:]])


def in_figures(words: str) -> str:
    """A number up to 999 in figures: "forty-eight" is "48", "one hundred and eighty" is "180"."""
    total = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word == "hundred":
            total = max(total, 1) * 100
        else:
            total += 1 if word == "a" else NUMBER_WORDS.get(word, 0)
    return str(total) if total else words


_LETTERS = re.compile(r"[^\W\d_]+")
_SAMPLE = 8_000  # code points looked at to tell English from other languages


def has_rules(language: str | None, text: str) -> bool:
    """Whether the table speaks the text's language, which is English; without a statement the text must look it."""
    if language is not None and language.lower().partition("-")[0].partition("_")[0] != "en":
        return False
    words, common = _small_words(text[:_SAMPLE])
    share = common / words if words else 0.0
    if language is not None:
        return share >= 0.05 or words < 60
    # Lists of cookies are English with few small words; German and Swedish texts share two or three of them.
    return share >= 0.15 or (share >= 0.08 and detect_language(text) in (None, "en"))


def _count_words(words: str) -> int:
    found = _LETTERS.findall(words.lower())
    return len(found) + _MANY * sum(map(STOP_WORDS.__contains__, found))


_MANY = 1 << 20  # more than the sample has words, so that one sum holds both counts
_COUNTS = Remembered(_count_words)
_HAS_NUMBER = Remembered(lambda words: not _SMALL_WORDS.isdisjoint(_SMALL_LETTERS.findall(words)))


@lru_cache(maxsize=16)
def _small_words(sample: str) -> tuple[int, int]:
    """How many words there are, and how many of them are the small ones of English."""
    common, words = divmod(sum(map(_COUNTS.__getitem__, sample.split())), _MANY)
    return words, common


def words_of(text: str) -> list[str]:
    """The words of a passage, and the signs that mean something: of money, of a share, of more and less."""
    return [key for key in keys_of(text) if is_word(key) or key in _TELLING_SIGNS]


def punctuation_only(old: str, new: str, passages: Iterable[Passage]) -> bool:
    """Whether the passages have the same words in the same order."""
    return all(words_of(old[slice(*each.old)]) == words_of(new[slice(*each.new)]) for each in passages)


def ends_only(old: str, new: str, passages: Iterable[Passage]) -> bool:
    """Whether the passages differ in nothing but the signs at their ends (".", ";", ",", ":"), as items of a list do."""
    return all(_END.sub("", old[slice(*each.old)]) == _END.sub("", new[slice(*each.new)]) for each in passages)


def cancel(passages: Iterable[Passage]) -> list[Passage]:
    """The passages that remain when a sentence that went in one place and came in another is taken as moved."""
    passages = list(passages)
    gone = Counter(each.old_key for each in passages if each.old_key and not each.new_key)
    come = Counter(each.new_key for each in passages if each.new_key and not each.old_key)
    both = gone & come
    left_old, left_new = Counter(both), Counter(both)
    kept = []
    for each in passages:
        if each.old_key and not each.new_key and left_old[each.old_key]:
            left_old[each.old_key] -= 1
        elif each.new_key and not each.old_key and left_new[each.new_key]:
            left_new[each.new_key] -= 1
        else:
            kept.append(each)
    return kept


def judge(old: str, new: str, passages: Sequence[Passage]) -> list[Hit]:
    """What the rules find in the passages, in the order of the new text."""
    hits = []
    for passage in passages:
        old_words, new_words = plain(old[slice(*passage.old)]), plain(new[slice(*passage.new)])
        before, after = spots(old_words), spots(new_words)
        whole = not old_words or not new_words
        # Words at the border of an edit may read otherwise than in their sentence: only such a text hides them there.
        hiding = not _has_no_borders(old_words) or not _has_no_borders(new_words)
        edits: list[tuple[dict[str, list[Spot]], dict[str, list[Spot]]]] | None = None
        for rule in WORD_RULES:
            if (whole and not rule.alone) or (
                rule.id not in before and rule.id not in after and not (rule.place_matters and hiding)
            ):
                continue
            pairs = _differences(rule, before.get(rule.id, []), after.get(rule.id, []))
            if not pairs and rule.place_matters and not whole:
                # As many as before, but not at the same place: "do not sell, but share" is not "sell, but do not share".
                if edits is None:
                    edits = [
                        (spots(plain(old[slice(*gone)])), spots(plain(new[slice(*come)])))
                        for gone, come in passage.edits
                    ]
                pairs = [
                    pair
                    for gone, come in edits
                    for pair in _differences(rule, gone.get(rule.id, []), come.get(rule.id, []))
                ]
            hits += [Hit(rule, first, second, passage) for first, second in pairs]
    return hits


def _has_no_borders(text: str) -> bool:
    return text.isascii() and "-" not in text


def _differences(rule: Rule, before: list[Spot], after: list[Spot]) -> list[tuple[str, str]]:
    """Pairs of what stood before and what stands after; one of them empty where there is no telling which became which."""
    if len(before) == len(after) and all(
        first.read == second.read for first, second in zip(before, after, strict=True)
    ):
        return []
    old_found, new_found = _named(rule, before), _named(rule, after)
    old_left, new_left = _surplus(old_found, new_found), _surplus(new_found, old_found)
    if not old_left and not new_left:
        if rule.is_number and len(old_found) == len(new_found):
            pairs = zip(old_found, new_found, strict=True)
            return [(first[1], second[1]) for first, second in pairs if first[0] != second[0]]
        return []
    if len(old_left) == len(new_left) and (rule.is_number or len(old_left) == 1):
        return list(zip(old_left, new_left, strict=True))
    return [(words, "") for words in old_left] + [("", words) for words in new_left]


def _named(rule: Rule, found: Iterable[Spot]) -> list[tuple[str, str]]:
    """The name by which each counts, and the words as written."""
    return [(_name(rule.id, spot.read), spot.written) for spot in found]


@lru_cache(maxsize=20_000)
def _name(rule_id: str, words: str) -> str:
    return _BY_ID[rule_id].name(words)


def _surplus(mine: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, str]]) -> list[str]:
    """The words, as written, of which there are more here than there."""
    left = Counter(name for name, _ in mine) - Counter(name for name, _ in theirs)
    found = []
    for name, words in mine:
        if left[name]:
            left[name] -= 1
            found.append(words)
    return found


def shortened(text: str, limit: int = 60) -> str:
    """The beginning of a text, whole words, with a sign where more follows."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def reasons(hits: Sequence[Hit]) -> tuple[Reason, ...]:
    """One reason a rule, with up to three examples in words."""
    by_rule: dict[str, list[Hit]] = {}
    for hit in hits:
        by_rule.setdefault(hit.rule.id, []).append(hit)
    found = []
    for rule in sorted((each for each in RULES if each.id in by_rule), key=lambda rule: rule.rank):
        told = list({words.casefold(): words for words in map(_in_words, by_rule[rule.id][::-1])}.values())[::-1]
        more = f" and {len(told) - 3} more" if len(told) > 3 else ""
        found.append(Reason(rule.id, f"{rule.says[0].upper()}{rule.says[1:]}: {'; '.join(told[:3])}{more}"))
    return tuple(found)


def _in_words(hit: Hit) -> str:
    if hit.rule.watches_lead_in:
        return f"“{shortened(hit.passage.block.text)}” moved from “{shortened(hit.before)}” to “{shortened(hit.after)}”"
    if hit.before and hit.after:
        return f"“{hit.before}” became “{hit.after}”"
    return f"“{hit.after}” was added" if hit.after else f"“{hit.before}” was removed"
