"""What the summary quotes: phrases and sentences of the two texts, each with its place."""

from __future__ import annotations

from collections.abc import Sequence

from monitoring.extraction.sentences import sentences

from .judging import Hit, plain, shortened
from .operations import Span
from .phrases import Passage
from .renaming import bare
from .summary import Renaming, ValueItem

_PHRASE = 200  # code points of a phrase that the summary quotes
_SENTENCE = 240  # code points of a sentence that the summary quotes
_WORDING = 120  # code points of a wording that no rule watches
_WORDINGS = 12


def led(hit: Hit) -> ValueItem:
    """An item that came under another lead-in: ``before`` and ``after`` are the lead-ins, ``phrase`` is the item."""
    item = hit.passage
    words = shortened(item.block.text, _PHRASE)
    return ValueItem(hit.rule.id, "", hit.before, hit.after, item.block.section, item.old, item.new, words)


def phrase_of(hit: Hit, old: str, new: str) -> str:
    """The words of the passage that were reworded together with the word that the rule saw, if they are few."""
    word = (hit.after or hit.before).casefold()
    for gone, come in hit.passage.edits:
        text = new[slice(*come)] if hit.after else old[slice(*gone)]
        if word in plain(text).casefold():
            phrase = " ".join(text.split()).strip(" ,;:.")
            return phrase if len(phrase) <= _PHRASE and phrase.casefold() != word else ""
    return ""


def _sentence(hit: Hit, old: str, new: str, *, came: bool) -> tuple[str, Span]:
    """The first sentence of the passage with the word that the rule saw, and its place."""
    words = hit.after or hit.before
    text, where = (new, hit.passage.new) if came else (old, hit.passage.old)
    passage = text[slice(*where)]
    folded = words.casefold()
    first: Span | None = None
    for start, end in sentences(passage):
        first = first or (start, end)
        if folded in passage[start:end].casefold():
            break
    else:
        start, end = first or (0, len(passage))
    return shortened(" ".join(passage[start:end].split()), _SENTENCE), (where[0] + start, where[0] + end)


def sentence_of(hit: Hit, old: str, new: str) -> str:
    """The sentence of a reworded passage around the word that the rule saw."""
    return _sentence(hit, old, new, came=bool(hit.after))[0]


def quoted_sentence(hit: Hit, old: str, new: str) -> ValueItem:
    """A sentence that came or went whole, for the word that the rule saw in it."""
    passage = hit.passage
    came = bool(passage.new_key)
    quoted, span = _sentence(hit, old, new, came=came)
    if came:
        return ValueItem("sentence", "", "", quoted, passage.block.section, passage.old, span)
    return ValueItem("sentence", "", quoted, "", passage.block.section, span, passage.new)


def wordings(old: str, new: str, passages: Sequence[Passage], renamed: Sequence[Renaming]) -> tuple[ValueItem, ...]:
    """Words that changed and that no rule watches, as they read before and after."""
    names = {(each.before, each.after) for each in renamed}
    found: dict[ValueItem, None] = {}
    for passage in passages:
        for gone, come in passage.edits or ((passage.old, passage.new),):
            before, after = (" ".join(text.split()) for text in (old[slice(*gone)], new[slice(*come)]))
            if (bare(before), bare(after)) in names or not any(map(str.isalnum, before + after)):
                continue
            words = shortened(before, _WORDING), shortened(after, _WORDING)
            found[ValueItem("words", "", *words, passage.block.section, passage.old, passage.new)] = None
            if len(found) == _WORDINGS:
                return tuple(found)
    return tuple(found)
