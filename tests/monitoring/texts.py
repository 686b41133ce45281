"""Small texts made by hand, as the pure rooms take them."""

from __future__ import annotations

from monitoring.extraction.texts import Block, BlockKind, ExtractedText, build_text


def text_of(*blocks: str, extractor: str = "html-1", language: str | None = "en") -> ExtractedText:
    """A text of blocks: "# Title" and "## Title" are headings, "- words" an item, "@ words" a date line, "| a | b" a row."""
    made: list[Block] = []
    path: list[str] = []
    for block in blocks:
        marks, _, words = block.partition(" ")
        if marks and set(marks) == {"#"}:
            del path[len(marks) - 1 :]
            made.append(Block(BlockKind.HEADING, words, 0, 0, tuple(path), "", len(marks)))
            path.append(words)
            continue
        kind = {"-": BlockKind.ITEM, "@": BlockKind.DATE, "|": BlockKind.ROW}.get(marks, BlockKind.PARAGRAPH)
        made.append(Block(kind, block if kind == BlockKind.PARAGRAPH else words, 0, 0, tuple(path)))
    text, placed = build_text(made)
    return ExtractedText(text, placed, extractor, language=language)
