"""The summary in plain words: one line for a subject, and sentences as a careful person would write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from .judging import shortened
from .rules import RULES, stem
from .summary import DefinitionItem, Renaming, SectionChange, SectionItem, Summary, ValueItem

_RANKS = {rule.id: rule.rank for rule in RULES}
# How a subject line names what a rule of words watches.
_TOPICS = {
    "law.arbitration": "dispute resolution",
    "law.venue": "governing law",
    "law.parties": "parties",
    "data.training": "training on content",
    "data.consent": "consent and opting out",
    "data.sharing": "data sharing",
    "data.retention": "retention",
    "data.kind": "kinds of data",
    "right.licence": "content licence",
    "right.liability": "liability",
    "right.ending": "ending and changes of the agreement",
    "scope": "scope",
}
# A document that speaks of these for the first time says so in its subject line.
_WEIGHTY = frozenset({"law.arbitration", "data.training"})
_ITEMS = 6
_TITLE = 60


def headline(summary: Summary) -> str:
    """The one fact that matters most, for a subject: "retention: 30 days → 90 days", "new section: Arbitration".

    Empty where nothing but form changed.
    """
    if summary.is_rewritten:
        return f"most of the text was rewritten: {_counts(summary.words_added, summary.words_removed)}"
    topics = sorted(summary.topics, key=lambda item: (_RANKS.get(item.rule, 99), item.new))
    introduced = {each.rule for each in summary.introduced}
    first = next((item for item in topics if item.rule in introduced and item.rule in _WEIGHTY and item.after), None)
    if first is not None and not any(
        item.change == SectionChange.ADDED and first.heading_path[: len(item.heading_path)] == item.heading_path
        for item in summary.sections
    ):
        return f"{_TOPICS[first.rule]}: “{first.after}” for the first time{_where(first.heading_path)}"
    numbers = [item for item in summary.quantities if item.before and item.after and item.rule != "number.date"]
    numbers.sort(key=lambda item: (_RANKS.get(item.rule, 99), item.new))
    named = next((item for item in numbers if item.subject), None)
    if first is None and named is not None:
        return _value_line(named)
    added = [item for item in summary.sections if item.change == SectionChange.ADDED and item.title]
    if added:
        return f"new section: {shortened(max(added, key=lambda item: item.words_added).title)}"
    removed = [item for item in summary.sections if item.change == SectionChange.REMOVED and item.title]
    if removed:
        return f"section removed: {shortened(max(removed, key=lambda item: item.words_removed).title)}"
    told = _net(topics)
    if told and _RANKS.get(told[0].rule, 99) <= 7:
        return _topic_line(told[0], told)
    if numbers:
        return _value_line(numbers[0])
    duties = [item for item in summary.duties if item.before and item.after]
    if duties and duties[0].rule == "lead-in":
        return f"{_quoted(duties[0].phrase)} moved to {_quoted(duties[0].after)}"
    if duties:
        return f"“{duties[0].before}” → “{duties[0].after}”{_where(duties[0].heading_path)}"
    if summary.sentences:
        item = next((item for item in summary.sentences if item.after), summary.sentences[0])
        return f"{'new' if item.after else 'gone'}: “{shortened(item.after or item.before, 80)}”"
    if told or topics:
        return _topic_line((told or topics)[0], told or topics)
    if summary.duties:
        return _duty_line(summary.duties[0])
    dates = [item for item in summary.quantities if item.rule == "number.date"]
    if dates:
        return _value_line(dates[0])
    if summary.quantities:
        return _value_line(summary.quantities[0])
    if summary.renamed:
        return f"renamed: {shortened(summary.renamed[0].before)} → {shortened(summary.renamed[0].after)}"
    changed = [item for item in summary.sections if item.change in (SectionChange.CHANGED, SectionChange.RENAMED)]
    if len(summary.wordings) == 1 and len(summary.wordings[0].before + summary.wordings[0].after) <= _TITLE:
        words = _wording_sentence(summary.wordings[0]).rstrip(".")
        return f"{words[0].lower()}{words[1:]}"
    if changed and (summary.words_added or summary.words_removed):
        where = f" in {_quoted(changed[0].title)}" if changed[0].title else ""
        return f"wording{where}: {_counts(summary.words_added, summary.words_removed)}"
    if changed:
        return f"section renamed: {shortened(changed[0].title)}"
    if summary.words_added or summary.words_removed:
        return f"wording: {_counts(summary.words_added, summary.words_removed)}"
    return ""


def summary_as_text(summary: Summary) -> list[str]:
    """Sentences, the weightiest first; none where nothing but form changed."""
    lines: list[str] = []
    if summary.is_rewritten:
        lines.append(f"Most of the text was rewritten: {_counts(summary.words_added, summary.words_removed)}.")
    for change, one, many in (
        (SectionChange.ADDED, "A new section was added", "New sections were added"),
        (SectionChange.REMOVED, "A section was removed", "Sections were removed"),
        (SectionChange.MOVED, "A section stands in another place", "Sections stand in another place"),
    ):
        items = [item for item in summary.sections if item.change == change and item.title]
        if items:
            lines.append(f"{one if len(items) == 1 else many}: {_list(_quoted(item.title) for item in items)}.")
    renamed = [
        item
        for item in summary.sections
        if item.change == SectionChange.RENAMED and not _follows_a_name(item, summary.renamed)
    ]
    lines += [
        f"“{item.before}” is now called “{item.after}” throughout: {_number(item.count, 'place')}."
        for item in summary.renamed[:_ITEMS]
    ]
    lines += [f"The section {_quoted(item.before)} is now called {_quoted(item.title)}." for item in renamed[:_ITEMS]]
    lines += [_quantity_sentence(item) for item in summary.quantities[:_ITEMS]]
    lines += _more(summary.quantities)
    if not summary.is_rewritten:
        lines += [_definition_sentence(item) for item in summary.definitions[:_ITEMS]]
    if not summary.is_rewritten:
        lines += _duty_sentences(summary.duties)
    lines += [
        f"New{_where(item.heading_path)}: “{item.after}”"
        if item.after
        else f"Gone{_where(item.heading_path)}: “{item.before}”"
        for item in summary.sentences[: 0 if summary.is_rewritten else _ITEMS]
    ]
    if not summary.is_rewritten:
        lines += _more(summary.sentences, "more sentence")
    lines += _topic_sentences(summary.topics)
    if not summary.is_rewritten and len(summary.wordings) <= _ITEMS:
        lines += [_wording_sentence(item) for item in summary.wordings]
    changed = [item for item in summary.sections if item.change == SectionChange.CHANGED]
    if changed:
        lines.append(_changed_sentence(changed, summary))
    if summary.blocks_moved:
        lines.append(f"{_number(summary.blocks_moved, 'paragraph')} stand{_s(summary.blocks_moved)} in another place.")
    if summary.numbering:
        told = [f"{item.before} is now {item.after}" for item in summary.numbering]
        lines.append(f"Sections were numbered anew: {_list(told, 4)}.")
    if summary.effective:
        before, after = summary.effective
        was = f", before it was {_day(before)}" if before else ""
        lines.append(f"The stated date of effect is {_day(after)}{was}.")
    return list(dict.fromkeys(lines))


def _follows_a_name(section: SectionItem, renamed: Sequence[Renaming]) -> bool:
    """Whether a section has another heading for no other reason than a name that changed throughout."""
    title = section.before
    for each in renamed:
        title = title.replace(each.before, each.after)
    return title == section.title


def _net(topics: Sequence[ValueItem]) -> list[ValueItem]:
    """Without the words that went in one place and came, in whatever form, in another."""
    gone = {(item.rule, stem(item.before.casefold())) for item in topics if not item.after}
    come = {(item.rule, stem(item.after.casefold())) for item in topics if not item.before}
    both = gone & come
    return [
        item
        for item in topics
        if (item.before and item.after) or (item.rule, stem((item.before or item.after).casefold())) not in both
    ]


def _value_line(item: ValueItem) -> str:
    subject = item.subject or shortened(item.heading_path[-1] if item.heading_path else "", 40)
    if item.before and item.after:
        fact = f"{item.before} → {item.after}"
    else:
        fact = f"{item.after} added" if item.after else f"{item.before} removed"
    return f"{subject}: {fact}" if subject else fact


def _topic_line(item: ValueItem, topics: Sequence[ValueItem]) -> str:
    same = [each for each in topics if each.rule == item.rule]
    name = _TOPICS.get(item.rule, item.rule)
    if all(not each.before for each in same):
        return f"{name}: “{same[0].after}” added{_where(item.heading_path)}"
    if all(not each.after for each in same):
        return f"{name}: “{same[0].before}” removed{_where(item.heading_path)}"
    if item.before and item.after:
        return f"{name}: “{item.before}” → “{item.after}”{_where(item.heading_path)}"
    return f"{name} reworded{_where(item.heading_path)}"


def _duty_line(item: ValueItem) -> str:
    words = f"“{item.after}” added" if item.after else f"“{item.before}” removed"
    return f"{words}{_where(item.heading_path)}"


def _quantity_sentence(item: ValueItem) -> str:
    about = f"{item.subject[0].upper()}{item.subject[1:]}" if item.subject else ""
    where = _where(item.heading_path)
    if item.before and item.after:
        return f"{about or 'Changed'}{where}: {item.before} became {item.after}."
    if item.after:
        return f"{about}{where}: {item.after} is new." if about else f"New{where}: {item.after}."
    return f"{about}{where}: {item.before} is gone." if about else f"Gone{where}: {item.before}."


def _definition_sentence(item: DefinitionItem) -> str:
    what = "changed" if item.before and item.after else "is new" if item.after else "is gone"
    if not item.uses:
        return f"The definition of “{item.term}” {what}{_where(item.heading_path)}."
    places = f", in {_list(map(_quoted, item.used_in))}" if item.used_in else ""
    return f"The definition of “{item.term}” {what}; it is used in {_number(item.uses, 'other place')}{places}."


def _duty_sentences(duties: Sequence[ValueItem]) -> list[str]:
    led = [item for item in duties if item.rule == "lead-in"]
    swapped = [item for item in duties if item.is_swap and item.rule != "lead-in"]
    lines = [
        f"{_quoted(item.phrase, 120)} moved from {_quoted(item.before)} to {_quoted(item.after)}."
        for item in led[:_ITEMS]
    ]
    lines += _more(led, "more item")
    lines += [
        f"Where it said “{item.before}” it now says “{item.after}”{_where(item.heading_path)}."
        for item in swapped[:_ITEMS]
    ]
    lines += _more(swapped)
    single = [item for item in duties if not item.is_swap]
    phrased = list(dict.fromkeys((bool(item.after), item.heading_path, item.phrase) for item in single if item.phrase))
    lines += [
        f"{'New words' if came else 'Words gone'}{_where(path)}: {_ended(phrase)}"
        for came, path, phrase in phrased[:_ITEMS]
    ]
    lines += [f"{_number(len(phrased) - _ITEMS, 'more phrase')} changed."] if len(phrased) > _ITEMS else []
    alone: dict[tuple[tuple[str, ...], str, bool], list[str]] = {}
    for item in single:
        if not item.phrase:
            key = item.heading_path, item.sentence, bool(item.after)
            alone.setdefault(key, []).append(item.after or item.before)
    for (path, sentence, came), found in list(alone.items())[:_ITEMS]:
        words = _list(f"“{word}”" for word in dict.fromkeys(found))
        quoted = f": “{sentence}”" if sentence else "."
        lines.append(f"{'Now' if came else 'No longer'} with {words}{_where(path)}{quoted}")
    return lines


def _topic_sentences(topics: Sequence[ValueItem]) -> list[str]:
    by_rule: dict[str, list[ValueItem]] = {}
    for item in topics:
        by_rule.setdefault(item.rule, []).append(item)
    lines = []
    for rule, items in sorted(by_rule.items(), key=lambda pair: _RANKS.get(pair[0], 99)):
        net = _net(items)
        added = {stem(item.after.casefold()): item.after for item in net if item.after and not item.before}
        removed = {stem(item.before.casefold()): item.before for item in net if item.before and not item.after}
        swapped = list(dict.fromkeys((item.before, item.after) for item in items if item.before and item.after))
        parts = [f"“{before}” became “{after}”" for before, after in swapped[:3]]
        for found, verb in ((added, "added"), (removed, "removed")):
            if found:
                parts.append(f"{_list((f'“{word}”' for word in found.values()), 4)} {verb}")
        name = _TOPICS.get(rule, rule)
        lines.append(f"{name[0].upper()}{name[1:]}: {'; '.join(parts) or 'reworded'}.")
    return lines


def _wording_sentence(item: ValueItem) -> str:
    where = _where(item.heading_path)
    if item.is_swap:
        return f"Reworded{where}: “{item.before}” became {_ended(item.after)}"
    return f"{'Added' if item.after else 'Removed'}{where}: {_ended(item.after or item.before)}"


def _ended(words: str) -> str:
    """The words quoted, with a full stop unless they bring a sign of their own."""
    return f"“{words}”" if words.endswith((".", "…", ":", ";", "?", "!")) else f"“{words}”."


def _changed_sentence(changed: Sequence[SectionItem], summary: Summary) -> str:
    titles = [item.title for item in changed if item.title]
    added = sum(item.words_added for item in changed)
    removed = sum(item.words_removed for item in changed)
    if not titles:
        return f"The wording changed: {_counts(added, removed)}."
    noun = "section" if len(titles) == 1 else "sections"
    return f"The wording changed in the {noun} {_list(map(_quoted, dict.fromkeys(titles)))}: {_counts(added, removed)}."


def _more(items: Sequence[ValueItem], noun: str = "more value") -> list[str]:
    rest = len(items) - _ITEMS
    return [f"{_number(rest, noun)} changed."] if rest > 0 else []


def _counts(added: int, removed: int) -> str:
    parts = [f"{_number(added, 'word')} added"] if added else []
    parts += [f"{removed:,} removed" if added else f"{_number(removed, 'word')} removed"] if removed else []
    return ", ".join(parts) or "no words added or removed"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _s(count: int) -> str:
    return "s" if count == 1 else ""


def _quoted(title: str, limit: int = _TITLE) -> str:
    return f"“{shortened(title, limit)}”"


def _where(path: tuple[str, ...]) -> str:
    return f" in {_quoted(path[-1])}" if path and path[-1] else ""


def _list(items: Iterable[str], limit: int = _ITEMS) -> str:
    found = list(items)
    if len(found) > limit:
        found = [*found[: limit - 1], f"{len(found) - limit + 1} more"]
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day.day} {day:%B} {day.year}"
