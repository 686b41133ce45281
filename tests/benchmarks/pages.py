"""Two hundred real pages, each with places for noise and for a sentence that changes.

Chosen as for the figures of other checkers: the newest capture of each page, then older ones; HTML that was seen to be the
document, of at least 500 characters and with a paragraph. Read by the plain CSS selector of its day, else by what holds the
text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.benchmarks.site import NOISE, SENTENCE
from tests.measures.pack import DATA, Pages, captures

WANTED = 200
LEAST_CHARACTERS, LEAST_PARAGRAPH = 500, 80


@dataclass(frozen=True)
class RealPage:
    terms: str
    number: int
    selector: str
    html: bytes

    @property
    def title(self) -> str:
        return f"{self.terms} {self.number}"

    @property
    def kind(self) -> str:
        return self.terms.lower().replace(" ", "-")

    @property
    def path(self) -> str:
        return f"/{self.kind}-{self.number}"


def are_at_hand() -> bool:
    return (DATA / "pages" / "index.jsonl").is_file()


def real_pages(wanted: int = WANTED) -> list[RealPage]:
    candidates = list(_candidates())
    packed = Pages(line["sha256"] for line in candidates)
    found: list[RealPage] = []
    for line in candidates:
        marked = _marked(packed[line["sha256"]], line["select"])
        if marked is not None:
            found.append(RealPage(line["terms"], len(found), *marked))
            if len(found) == wanted:
                break
    return found


def _candidates() -> Iterator[dict[str, Any]]:
    """The newest capture of each page, then those before it, each bytes once."""
    lines = [
        line
        for line in captures()
        if line["media_type"] == "text/html" and line["kind"] == "document" and not line["uncertain"]
    ]
    lines.sort(key=lambda line: line["captured_at"], reverse=True)
    again: list[dict[str, Any]] = []
    texts, bytes_seen = set(), set()
    for line in lines:
        text = line["service"], line["terms"], line["source_index"]
        if line["sha256"] in bytes_seen:
            continue
        bytes_seen.add(line["sha256"])
        if text in texts:
            again.append(line)
            continue
        texts.add(text)
        yield line
    yield from again[: 2 * WANTED]


def _marked(content: bytes, select: list[Any]) -> tuple[str, bytes] | None:
    """Selector and page with its marks; None where there is nothing to mark."""
    tree = LexborHTMLParser(content.decode("utf-8", "replace"))
    selector, node = _selected(tree, select)
    if tree.body is None or node is None or len(node.text()) < LEAST_CHARACTERS:
        return None
    paragraphs = [each for each in node.css("p") if len(each.text().strip()) >= LEAST_PARAGRAPH]
    if not paragraphs:
        return None
    noise = NOISE.decode()
    node.attrs["data-of-this-reading"] = noise
    tree.body.attrs["data-of-this-visit"] = noise
    paragraphs[len(paragraphs) // 2].insert_child(f" This was written for reading number {SENTENCE.decode()}.")
    html = tree.html or ""
    for mark in (f'data-of-this-reading="{noise}"', f'data-of-this-visit="{noise}"'):
        after = html.index(">", html.index(mark)) + 1
        html = f"{html[:after]}<!-- {noise} --><script>visit('{noise}')</script>{html[after:]}"
    after = html.index(">", html.index("<head")) + 1
    html = f'{html[:after]}<meta name="csrf-token" content="{noise}">{html[after:]}'
    return selector, f"<!DOCTYPE html>{html}".encode()


def _selected(tree: LexborHTMLParser, select: list[Any]) -> tuple[str, LexborNode | None]:
    if all(isinstance(each, str) for each in select):
        for selector in select:
            if (node := tree.css_first(selector)) is not None:
                return selector, node
    return next(
        ((name, node) for name in ("main", "article", "body") if (node := tree.css_first(name)) is not None), ("", None)
    )
