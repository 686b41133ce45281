"""The automatic summary as data: each item points at its place in both texts. ``words.py`` says it in sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .operations import Span


class SectionChange(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class SectionItem:
    """A section that came, went, changed, moved or got another heading (``before``: the old one).

    ``heading_path`` is empty for text above the first heading. A span is None in the text where the section isn't.
    """

    change: SectionChange
    heading_path: tuple[str, ...]
    old: Span | None
    new: Span | None
    words_added: int = 0
    words_removed: int = 0
    before: str = ""

    @property
    def title(self) -> str:
        return self.heading_path[-1] if self.heading_path else ""


@dataclass(frozen=True, slots=True)
class ValueItem:
    """A value that changed: ``before`` → ``after``, either may be empty. ``rule`` is an id of the table in ``rules``.

    ``subject`` says in a word or two what it is about ("retention"), or is empty; spans are those of the sentences.
    ``phrase`` holds the reworded words around a duty that came or went within a sentence; ``sentence`` is that sentence
    where nothing but the duty's own words was reworded.
    """

    rule: str
    subject: str
    before: str
    after: str
    heading_path: tuple[str, ...]
    old: Span
    new: Span
    phrase: str = ""
    sentence: str = ""

    @property
    def is_swap(self) -> bool:
        return bool(self.before and self.after)


@dataclass(frozen=True, slots=True)
class Renaming:
    """A name that became another one wherever it stood: in ``count`` places, the first of them at ``old`` and ``new``."""

    before: str
    after: str
    count: int
    old: Span | None = None
    new: Span | None = None


@dataclass(frozen=True, slots=True)
class NumberItem:
    """A section or clause that has another number; ``old`` and ``new`` are the blocks that bear it."""

    before: str
    after: str
    old: Span | None = None
    new: Span | None = None


@dataclass(frozen=True, slots=True)
class Introduced:
    """A rule of which the new text has words, first at ``new``, and the old one had none."""

    rule: str
    new: Span | None = None


@dataclass(frozen=True, slots=True)
class DefinitionItem:
    """A definition (“X” means …) that came (``before`` is False), went (``after`` is False) or was reworded.

    Spans are those of the sentences. ``uses`` counts the places elsewhere in the new text that use the term;
    ``used_in`` names their sections, in order.
    """

    term: str
    before: bool
    after: bool
    heading_path: tuple[str, ...]
    old: Span
    new: Span
    uses: int
    used_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """``quantities``: numbers with units, money, dates; ``duties``: may → will and negations; ``topics``: words of law,
    data and rights that came or went; ``sentences``: whole ones about a duty, a right or a ban that came or went;
    ``definitions``: those that changed, with their uses; ``renamed``: names that became others throughout;
    ``numbering``: numbers of sections and clauses, old and new, where they differ; ``effective``: the stated date of
    effect, which stands at ``effective_at`` of the new text; ``wordings``: words that no rule watches, the first of them;
    ``introduced``: rules whose words stand in the new text and nowhere in the old one; counts in blocks and
    words. ``blocks_moved`` leaves out those of sections that moved as a whole.
    """

    sections: tuple[SectionItem, ...] = ()
    quantities: tuple[ValueItem, ...] = ()
    duties: tuple[ValueItem, ...] = ()
    topics: tuple[ValueItem, ...] = ()
    sentences: tuple[ValueItem, ...] = ()
    definitions: tuple[DefinitionItem, ...] = ()
    renamed: tuple[Renaming, ...] = ()
    numbering: tuple[NumberItem, ...] = ()
    effective: tuple[str, str] | None = None
    effective_at: Span | None = None
    wordings: tuple[ValueItem, ...] = ()
    introduced: tuple[Introduced, ...] = ()
    blocks_added: int = 0
    blocks_removed: int = 0
    blocks_changed: int = 0
    blocks_moved: int = 0
    blocks_renumbered: int = 0
    words_added: int = 0
    words_removed: int = 0
    words_before: int = 0
    words_after: int = 0

    @property
    def is_rewritten(self) -> bool:
        """Whether more than half of a longer text came new or went: then no list of details tells much."""
        changed = self.words_added + self.words_removed
        return changed > 0.5 * (self.words_before + self.words_after) and changed >= 300

    def as_data(self) -> dict[str, Any]:
        """Plain data for JSON, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Summary:
        fields = dict(data)
        fields["sections"] = tuple(
            SectionItem(
                **{
                    **item,
                    "change": SectionChange(item["change"]),
                    "heading_path": tuple(item["heading_path"]),
                    "old": tuple(item["old"]) if item["old"] else None,
                    "new": tuple(item["new"]) if item["new"] else None,
                }
            )
            for item in data.get("sections", ())
        )
        for name in ("quantities", "duties", "topics", "sentences", "wordings"):
            fields[name] = tuple(
                ValueItem(
                    **{
                        **item,
                        "heading_path": tuple(item["heading_path"]),
                        "old": tuple(item["old"]),
                        "new": tuple(item["new"]),
                    }
                )
                for item in data.get(name, ())
            )
        fields["definitions"] = tuple(
            DefinitionItem(
                **{
                    **item,
                    "heading_path": tuple(item["heading_path"]),
                    "old": tuple(item["old"]),
                    "new": tuple(item["new"]),
                    "used_in": tuple(item["used_in"]),
                }
            )
            for item in data.get("definitions", ())
        )
        fields["renamed"] = tuple(Renaming(**_placed(item)) for item in data.get("renamed", ()))
        # Up to diff-3 these were pairs of numbers and names of rules, without their places.
        fields["numbering"] = tuple(
            NumberItem(**_placed(item)) if isinstance(item, dict) else NumberItem(*item)
            for item in data.get("numbering", ())
        )
        fields["introduced"] = tuple(
            Introduced(**_placed(item)) if isinstance(item, dict) else Introduced(item)
            for item in data.get("introduced", ())
        )
        for name in ("effective", "effective_at"):
            if name in data:
                fields[name] = tuple(data[name])
        return cls(**fields)


def _placed(item: dict[str, Any]) -> dict[str, Any]:
    """An item's fields with its spans as they were before they became JSON."""
    return {name: tuple(value) if name in ("old", "new") and value else value for name, value in item.items()}
