"""From a stream of headings, paragraphs, items and cells to the blocks of a text."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitoring.extraction.dates import LONGEST_DATE_LINE, is_date_line, stated_dates
from monitoring.extraction.encoding import oddities
from monitoring.extraction.errors import NoText
from monitoring.extraction.folding import fold
from monitoring.extraction.labels import is_bullet, is_enumerated, split_label
from monitoring.extraction.languages import detect_language
from monitoring.extraction.texts import BLOCK_SEPARATOR, Block, BlockKind, ExtractedText

CELL_SEPARATOR = " | "
# A line of bold print without a heading's markup stands below the real ones.
BOLD_LEVEL = 7


@dataclass(slots=True)
class BlockBuilder:
    """Collects blocks in reading order and gives each its label and the headings above it."""

    blocks: list[Block] = field(default_factory=list)
    _headings: list[tuple[int, str]] = field(default_factory=list)
    _path: tuple[str, ...] = ()
    _pending_label: str = ""
    _end: int = 0

    def add(self, kind: BlockKind, text: str, *, label: str = "", level: int = 0) -> None:
        """One block; ``text`` is folded here. ``label`` is what the markup counts, if the words don't say it."""
        words = fold(text)
        if not words:
            return
        heading = kind is BlockKind.HEADING
        own = ""
        if kind is not BlockKind.ROW:
            own, words = split_label(words, heading=heading)
        if own:
            self._give_up_label()
            if not words:
                # A number alone in its element belongs to what follows.
                self._pending_label = own
                return
            label = own
        elif self._pending_label:
            label = self._pending_label
            self._pending_label = ""
        if heading:
            words = words.rstrip("#¶🔗 ") or words
        if label:
            if kind is BlockKind.PARAGRAPH and is_enumerated(label):
                kind = BlockKind.ITEM
            if is_bullet(label):
                label = ""
        if len(words) <= LONGEST_DATE_LINE and is_date_line(words):
            kind, level, heading = BlockKind.DATE, 0, False
        if not heading:
            self._place(kind, words, label, level)
            return
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        self._path = tuple(above for _, above in self._headings)
        self._place(kind, words, label, level)
        self._headings.append((level, words))
        self._path = (*self._path, words)

    def _place(self, kind: BlockKind, words: str, label: str, level: int) -> None:
        start = self._end
        end = start + len(words)
        self.blocks.append(Block(kind, words, start, end, self._path, label, level))
        self._end = end + len(BLOCK_SEPARATOR)

    def add_row(self, cells: list[str]) -> None:
        """One row of a table, its cells parted by a bar; empty cells keep their place."""
        texts = [fold(cell) for cell in cells]
        if any(texts):
            self.add(BlockKind.ROW, CELL_SEPARATOR.join(texts).strip())

    def _give_up_label(self) -> None:
        """A label after which nothing came is a line of its own."""
        if self._pending_label and not is_bullet(self._pending_label):
            self._place(BlockKind.PARAGRAPH, self._pending_label, "", 0)
        self._pending_label = ""

    def finish(
        self, *, extractor: str, language: str | None, title: str, encoding: str = "", warnings: tuple[str, ...] = ()
    ) -> ExtractedText:
        """The canonical text. Raises NoText where no block came."""
        self._give_up_label()
        if not self.blocks:
            raise NoText("There is no text in it.")
        blocks = tuple(self.blocks)
        text = BLOCK_SEPARATOR.join([block.text for block in blocks])
        first_heading = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
        return ExtractedText(
            text=text,
            blocks=blocks,
            extractor=extractor,
            language=primary(language) or detect_language(text),
            title=fold(title) or first_heading,
            dates=stated_dates([(block.text, block.kind is BlockKind.DATE) for block in blocks]),
            warnings=(*warnings, *oddities(text)),
            encoding=encoding,
        )


def primary(language: str | None) -> str | None:
    """The primary subtag in lower case: "en-US" is "en"."""
    return language.replace("_", "-").partition("-")[0].strip().lower() or None if language else None
