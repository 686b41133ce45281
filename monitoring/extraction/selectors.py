"""What a declaration selects and removes: CSS selectors, and ranges between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from monitoring.extraction.errors import InvalidSelector

_KEYS = {
    "startBefore": "start_before",
    "startAfter": "start_after",
    "endBefore": "end_before",
    "endAfter": "end_after",
}


@dataclass(frozen=True, slots=True)
class Range:
    """Everything between two elements, each given by a CSS selector (its first match counts).

    Exactly one of ``start_before`` and ``start_after`` and one of ``end_before`` and ``end_after`` is given.
    """

    start_before: str = ""
    start_after: str = ""
    end_before: str = ""
    end_after: str = ""

    def __post_init__(self) -> None:
        if bool(self.start_before) == bool(self.start_after) or bool(self.end_before) == bool(self.end_after):
            raise InvalidSelector(str(self))

    @property
    def start(self) -> str:
        """The selector of the element at which the range starts, before or after it."""
        return self.start_before or self.start_after

    @property
    def end(self) -> str:
        """The selector of the element at which the range ends, before or after it."""
        return self.end_before or self.end_after

    def __str__(self) -> str:
        start = f"before {self.start_before}" if self.start_before else f"after {self.start_after}"
        end = f"before {self.end_before}" if self.end_before else f"after {self.end_after}"
        return f"from {start} to {end}"

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, str]) -> Range:
        """A range from Open Terms Archive's JSON form (``startBefore`` …) or from our own names."""
        names = {_KEYS.get(key, key): value for key, value in mapping.items()}
        if not set(names) <= set(_KEYS.values()):
            raise InvalidSelector(str(dict(mapping)))
        return cls(**names)


Selector = str | Range
SelectorLike = str | Range | Mapping[str, str]


def parse_selectors(selectors: Sequence[SelectorLike] | SelectorLike) -> tuple[Selector, ...]:
    """The selectors of a declaration, mappings made into ranges."""
    if isinstance(selectors, str | Range | Mapping):
        selectors = (selectors,)
    return tuple(Range.from_mapping(each) if isinstance(each, Mapping) else each for each in selectors)


def find_all(tree: LexborHTMLParser | LexborNode, selector: str) -> list[LexborNode]:
    """All matches in document order, each once. Raises InvalidSelector."""
    try:
        found = tree.css(selector)
    except (SelectolaxError, ValueError) as error:
        raise InvalidSelector(selector) from error
    return list({node.mem_id: node for node in found}.values())


def find_first(tree: LexborHTMLParser | LexborNode, selector: str) -> LexborNode | None:
    """The first match. Raises InvalidSelector."""
    try:
        return tree.css_first(selector)
    except (SelectolaxError, ValueError) as error:
        raise InvalidSelector(selector) from error
