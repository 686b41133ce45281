"""Markdown of imported histories (as Open Terms Archive writes it) to canonical text."""

from __future__ import annotations

import re

from monitoring.extraction.building import BlockBuilder
from monitoring.extraction.errors import TooComplex
from monitoring.extraction.texts import BlockKind, ExtractedText

EXTRACTOR = "markdown-4"
_MOST_CHARACTERS = 20_000_000

_IMAGE = re.compile(r"!\[[^\]\n]*\]\((?:[^()\n]|\([^()\n]*\))*\)")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]\n]*\]){0,2000})\]\((?:[^()\n]|\([^()\n]*\))*\)")
# A link around several paragraphs, as pages that link whole boxes have it.
_LINK_OVER_LINES = re.compile(
    r"(?<!\\)\[((?:[^\[\]]|!\[[^\[\]\n]*\]\([^()\n]*\)){1,2000})\]\((?:[^()\s]|\([^()\s]*\))*\)"
)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^>\s]+)>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,300}>")
_EMPHASIS = re.compile(r"(\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|(?<!`)`(?!`))")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)\s*$")
_ITEM = re.compile(r"^(\s*)([*+-]|\d{1,9}[.)])\s+(.*)$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_ROW_RULE = re.compile(r"^[\s|:-]+$")


def from_markdown(markdown: str, *, language: str | None = None) -> ExtractedText:
    """The text of a Markdown document: markup, link targets and images gone, blocks as in a page.

    Raises NoText where nothing is left, TooComplex where it is too long.
    """
    if len(markdown) > _MOST_CHARACTERS:
        raise TooComplex(f"{len(markdown)} characters are more than {_MOST_CHARACTERS}.")
    builder = BlockBuilder()
    paragraph: list[str] = []
    state: list[tuple[BlockKind, str]] = [(BlockKind.PARAGRAPH, "")]

    def flush() -> None:
        if paragraph:
            kind, label = state[0]
            builder.add(kind, _words("\n".join(paragraph)), label=label)
            paragraph.clear()
        state[0] = (BlockKind.PARAGRAPH, "")

    for line in _LINK_OVER_LINES.sub(_without_link, markdown).splitlines():
        if not line.strip():
            flush()
        elif heading := _HEADING.match(line):
            flush()
            builder.add(BlockKind.HEADING, _words(heading.group(2)), level=len(heading.group(1)))
        elif paragraph and state[0][0] is BlockKind.PARAGRAPH and (under := _SETEXT.match(line)):
            text = _words("\n".join(paragraph))
            paragraph.clear()
            builder.add(BlockKind.HEADING, text, level=1 if under.group(1)[0] == "=" else 2)
        elif _RULE.match(line):
            flush()
        elif _ROW.match(line):
            flush()
            if not _ROW_RULE.match(line):
                builder.add_row([_words(cell) for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])])
        elif item := _ITEM.match(line):
            flush()
            state[0] = (BlockKind.ITEM, item.group(2) if item.group(2)[0].isdigit() else "")
            paragraph.append(item.group(3))
        elif line.startswith(("    ", "\t")) and not paragraph and builder.blocks:
            state[0] = (BlockKind.ITEM, "")
            paragraph.append(line.strip())
        else:
            paragraph.append(line.lstrip("> ") if line.lstrip().startswith(">") else line.strip())
    flush()
    return builder.finish(extractor=EXTRACTOR, language=language, title="")


def _without_link(link: re.Match[str]) -> str:
    """The words of a link where an empty line parts them; any other link as it is, since ``_words`` reads it."""
    return link[1] if _EMPTY_LINE.search(link[1]) else link[0]


def _words(markdown: str) -> str:
    """The words of a run of Markdown without its marks."""
    text = _IMAGE.sub("", markdown)
    for _ in range(3):  # links around images and links in the text of links
        text, changed = _LINK.subn(r"\1", text)
        if not changed:
            break
    text = _AUTOLINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _EMPHASIS.sub("", text.replace(r"\*", "\x02").replace(r"\_", "\x03").replace("\\`", "\x04"))
    text = text.replace("\x02", "*").replace("\x03", "_").replace("\x04", "`")
    return _ESCAPED.sub(r"\1", text)
