"""HTML from a document's source, inside the furniture of its platform's site."""

import re
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

_INLINE = (
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[(.+?)\]\((\S+?)\)"), r'<a href="\2">\1</a>'),
)


def body_html(source: str) -> str:
    """The blocks of an unwrapped source: headings, paragraphs, lists and tables (the first row is the head)."""
    parts: list[str] = []
    for kind, lines in groupby(source.splitlines(), key=_kind):
        if kind == "item":
            parts.append("<ul>" + "".join(f"<li>{_inline(line[2:])}</li>\n" for line in lines) + "</ul>")
        elif kind == "row":
            parts.append(_table(list(lines)))
        elif kind == "heading":
            parts.extend(_heading(line) for line in lines)
        elif kind == "paragraph":
            parts.extend(f"<p>{_inline(line)}</p>" for line in lines)
    return "\n".join(parts)


def plain_text(source: str) -> str:
    """The words of an unwrapped source without its markup, one block a line."""
    lines = (re.sub(r"^(#+ |- )", "", line).strip("| ").replace(" | ", "\n") for line in source.splitlines())
    text = "\n".join(line for line in lines if line)
    return re.sub(r"\[(.+?)\]\(\S+?\)", r"\1", text.replace("**", ""))


def page_html(platform: str, title: str, source: str) -> str:
    """A whole page: the platform's skin with the document in it."""
    return _skin(platform).substitute(title=escape(title), body=body_html(source))


@cache
def _skin(platform: str) -> Template:
    return Template((files(__package__) / "skins" / f"{platform}.html").read_text(encoding="utf-8"))


def _kind(line: str) -> str:
    if line.startswith("#"):
        return "heading"
    if line.startswith("- "):
        return "item"
    if line.startswith("|"):
        return "row"
    return "paragraph" if line else "gap"


def _inline(text: str) -> str:
    marked = escape(text, quote=False)
    for pattern, replacement in _INLINE:
        marked = pattern.sub(replacement, marked)
    return marked


def _heading(line: str) -> str:
    words = line.lstrip("#")
    level = len(line) - len(words)
    anchor = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return f'<h{level} id="{anchor}">{_inline(words.strip())}</h{level}>'


def _table(lines: list[str]) -> str:
    rows = [[_inline(cell.strip()) for cell in line.strip("| ").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in rows[0])
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
