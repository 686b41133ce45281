"""The canonical text of a document (form 1) and its blocks: what every other room reads.

Offsets count Unicode code points of ``ExtractedText.text``, from 0, the end excluded.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum

FORM = 1
BLOCK_SEPARATOR = "\n\n"


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    DATE = "date"


class DateKind(StrEnum):
    PUBLISHED = "published"
    EFFECTIVE = "effective"


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or date line.

    ``text == ExtractedText.text[start:end]``; ``label`` is the numbering in front of the words ("4.2", "(a)"),
    which stands outside of ``text``; ``heading_path`` holds the headings above, outermost first.
    """

    kind: BlockKind
    text: str
    start: int
    end: int
    heading_path: tuple[str, ...] = ()
    label: str = ""
    level: int = 0


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A date that the document states about itself: ISO date and the words that say it."""

    kind: DateKind
    date: str
    words: str


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The canonical text of one reading. ``text`` is never empty; blocks are parted by exactly two line feeds."""

    text: str
    blocks: tuple[Block, ...]
    extractor: str
    form: int = FORM
    language: str | None = None
    title: str = ""
    dates: tuple[StatedDate, ...] = ()
    warnings: tuple[str, ...] = ()
    encoding: str = ""
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.text.encode()).hexdigest())

    @property
    def origin(self) -> str:
        """What stands before the dash of ``extractor``: ``html``, ``pdf`` or ``markdown``."""
        return self.extractor.partition("-")[0]

    @property
    def words(self) -> int:
        return len(self.text.split())

    def dumps(self) -> str:
        """Everything as JSON; ``loads`` gives back an equal object."""
        data = asdict(self)
        del data["sha256"]
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def loads(cls, data: str) -> ExtractedText:
        fields = json.loads(data)
        fields["blocks"] = tuple(
            Block(**{**block, "kind": BlockKind(block["kind"]), "heading_path": tuple(block["heading_path"])})
            for block in fields["blocks"]
        )
        fields["dates"] = tuple(StatedDate(**{**date, "kind": DateKind(date["kind"])}) for date in fields["dates"])
        fields["warnings"] = tuple(fields["warnings"])
        return cls(**fields)


def build_text(blocks: list[Block]) -> tuple[str, tuple[Block, ...]]:
    """Join blocks (their spans are ignored and counted anew) into the canonical text."""
    position, placed = 0, []
    for block in blocks:
        placed.append(
            Block(
                block.kind,
                block.text,
                position,
                position + len(block.text),
                block.heading_path,
                block.label,
                block.level,
            )
        )
        position += len(block.text) + len(BLOCK_SEPARATOR)
    return BLOCK_SEPARATOR.join(block.text for block in blocks), tuple(placed)
