"""What a page looks like to someone who hasn't been told what to select: its words, headings, links and forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from monitoring.extraction import markup
from monitoring.extraction.building import BlockBuilder
from monitoring.extraction.encoding import decode
from monitoring.extraction.folding import fold
from monitoring.extraction.html import StreamReader
from monitoring.extraction.markup import Token
from monitoring.extraction.texts import Block, BlockKind

_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_PER_WORD = 2
_LONGEST_BESIDE = 4_000
_FEW = 300


@dataclass(frozen=True, slots=True)
class Outline:
    """The visible page without its navigation, header and footer, and facts that tell kinds of pages apart.

    ``beside`` is all that stands in the markup with what was left out, where the page itself has hardly a word.
    """

    title: str = ""
    blocks: tuple[Block, ...] = ()
    linked_characters: int = 0
    passwords: int = 0
    scripts: int = 0
    refresh: str = ""
    language: str = ""
    dialogs: tuple[str, ...] = ()
    without_scripts: str = ""
    marks: frozenset[str] = field(default_factory=frozenset)
    beside: str = ""

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)

    @property
    def words(self) -> int:
        return count_words(self.text)

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks if block.kind is BlockKind.HEADING)


def count_words(text: str) -> int:
    """Words; in scripts that don't part them two characters count as one."""
    if text.isascii():
        return len(text.split())
    characters, rest = len(_CJK.findall(text)), _CJK.sub(" ", text)
    return len(rest.split()) + characters // _CJK_PER_WORD


def outline(content: bytes, *, charset: str | None = None) -> Outline:
    """The outline of an HTML page. Raises TooComplex, and nothing else."""
    tree = markup.parse(decode(content, charset=charset).text)
    if tree.body is None:
        return Outline()
    title = tree.css_first("head > title")
    html = tree.css_first("html")
    refresh = tree.css_first("meta[http-equiv=refresh i]")
    noscript = " ".join(node.text(separator=" ") for node in tree.css("noscript"))
    dialogs = tuple(
        fold(node.text(separator=" "))[:2_000] for node in tree.css("[role=dialog],[role=alertdialog],dialog[open]")
    )
    passwords = len(tree.css("input[type=password]"))
    scripts = len(tree.css("script"))
    names = " ".join(
        str(node.attributes.get(name) or "")
        for node in tree.css("form,iframe,script[src],input[type=hidden],body,body > div")
        for name in ("id", "class", "action", "src", "name")
    )
    for node in tree.css("script,style,noscript,template,svg"):
        if node.tag != "body":
            node.remove()
    everything = tree.body.text(separator=" ")[:_LONGEST_BESIDE]
    markup.clean(tree, surroundings=True)
    stream = markup.tokens_of(tree.body)
    builder = BlockBuilder()
    StreamReader(builder).read(stream)
    return Outline(
        title=fold(title.text()) if title is not None else "",
        blocks=tuple(builder.blocks),
        linked_characters=_linked(stream),
        passwords=passwords,
        scripts=scripts,
        refresh=str(refresh.attributes.get("content") or "") if refresh is not None else "",
        language=str(html.attributes.get("lang") or "") if html is not None else "",
        dialogs=dialogs,
        without_scripts=fold(re.sub(r"<[^>]*>", " ", noscript))[:2_000],
        beside=fold(everything) if sum(len(block.text) for block in builder.blocks) < _FEW else "",
        marks=frozenset(re.findall(r"[a-z0-9]+(?:[-_][a-z0-9]+)*", names.lower())),
    )


def _linked(stream: list[Token]) -> int:
    inside = linked = 0
    for closing, tag, _, text in stream:
        if tag == "a":
            inside = max(0, inside + (-1 if closing else 1))
        elif text and inside:
            linked += len(text.strip())
    return linked
