"""The automatic summary of a change as a table of facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.diffing import DefinitionItem, SectionChange, SectionItem, Summary, ValueItem

CALLED = {
    SectionChange.ADDED: "Sections added",
    SectionChange.REMOVED: "Sections removed",
    SectionChange.CHANGED: "Sections changed",
    SectionChange.RENAMED: "Sections renamed",
    SectionChange.MOVED: "Sections moved",
}
UNTITLED = "before the first heading"
MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, and what there is of it, in the order of the text."""

    name: str
    values: list[str]


def facts_of(summary: Summary) -> list[Fact]:
    """What changed, in the order in which a reader asks: numbers, duties, subjects, sections. Empty ones are left out."""
    facts = [
        Fact("Takes effect", [_arrow(*map(_day, summary.effective))] if summary.effective else []),
        Fact("Numbers and durations", [_value(item) for item in summary.quantities]),
        Fact("Duties", [_value(item) for item in summary.duties]),
        Fact("Reworded", [_arrow(_quoted(item.before), _quoted(item.after)) for item in summary.wordings[:MOST_WORDS]]),
        Fact("Words that came", _listed([item.after for item in summary.topics if not item.before])),
        Fact("Words that went", _listed([item.before for item in summary.topics if not item.after])),
        Fact("Names changed", [f"{each.before} → {each.after} in {each.count} places" for each in summary.renamed]),
        Fact("Definitions", [_definition(item) for item in summary.definitions]),
        *(
            Fact(name, [_section(item) for item in summary.sections if item.change == change])
            for change, name in CALLED.items()
        ),
        Fact("Numbered anew", _arrows([(item.before, item.after) for item in summary.numbering])),
    ]
    return [Fact(fact.name, list(dict.fromkeys(fact.values))) for fact in facts if fact.values]


def _listed(words: list[str]) -> list[str]:
    """One line of at most so many words, and how many more there are."""
    words = list(dict.fromkeys(words))
    more = f" and {len(words) - MOST_WORDS} more" if len(words) > MOST_WORDS else ""
    return [", ".join(f"“{word}”" for word in words[:MOST_WORDS]) + more] if words else []


def _quoted(words: str) -> str:
    return f"“{words}”" if words else ""


def _definition(item: DefinitionItem) -> str:
    what = "changed" if item.before and item.after else "new" if item.after else "gone"
    uses = f"used {item.uses} more {'time' if item.uses == 1 else 'times'}" if item.uses else "used nowhere else"
    return f"“{item.term}” ({what}, {uses})"


def _arrows(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """One line of old and new numbers, as many as a reader takes in."""
    more = f" and {len(pairs) - MOST_WORDS} more" if len(pairs) > MOST_WORDS else ""
    return [", ".join(f"{before} → {after}" for before, after in pairs[:MOST_WORDS]) + more] if pairs else []


def _value(item: ValueItem) -> str:
    words = _arrow(item.before, item.after)
    return f"{item.subject}: {words}" if item.subject else words


def _arrow(before: str, after: str) -> str:
    if before and after:
        return f"{before} → {after}"
    return f"{after} (new)" if after else f"{before} (gone)"


def _day(iso: str) -> str:
    """`19 November 2026` for `2026-11-19`; empty where the text names no day."""
    return f"{date.fromisoformat(iso):%-d %B %Y}" if iso else ""


def _section(item: SectionItem) -> str:
    title = item.title or UNTITLED
    return f"{item.before} → {title}" if item.change == SectionChange.RENAMED and item.before else title
