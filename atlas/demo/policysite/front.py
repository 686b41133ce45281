"""The policy site's front page: what is published, and a button for what comes next. It works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from atlas.demo.plainpage import plain_page
from atlas.demo.policysite.applications import APPLICATIONS

if TYPE_CHECKING:
    from atlas.demo.policysite.history import ScriptedDocument, Step


def front_page(standing: Iterable[tuple[ScriptedDocument, int]]) -> str:
    """The page for documents with the number of the step that each shows, grouped by platform in the order given."""
    sections = []
    for name, documents in groupby(standing, key=lambda pair: pair[0].platform_name):
        cards = "\n".join(_card(document, number) for document, number in documents)
        sections.append(f"<section><h2>{escape(name)}</h2>\n{cards}\n</section>")
    return plain_page(
        "The policy site",
        f"""<h1>The policy site</h1>
<p>The terms of fictional platforms. No such company exists; the texts were written for this demonstration.
Publish the next version of one, and see who notices.</p>
{"".join(sections)}{_applications()}""",
    )


def _applications() -> str:
    rows = "".join(f'<li><a href="/{escape(key)}">{escape(title)}</a></li>' for key, title in APPLICATIONS.items())
    return f"<section><h2>Shown by a script of their own</h2>\n<ul>{rows}</ul></section>"


def _card(document: ScriptedDocument, number: int) -> str:
    step = document.steps[number]
    coming = document.steps[number + 1] if number + 1 < len(document.steps) else None
    return f"""<article>
<h3><a href="/{escape(document.key)}">{escape(document.title)}</a></h3>
<p>Step {number + 1} of {len(document.steps)}{_day(step)}: {escape(step.note)}</p>
{_button(document, coming) if coming else '<p class="muted">Every version that was written is published.</p>'}
</article>"""


def _day(step: Step) -> str:
    return f", {step.date:%-d %B %Y}" if step.date else ""


def _button(document: ScriptedDocument, coming: Step) -> str:
    described = f"next-{document.platform}-{document.slug}"
    return f"""<form method="post" action="/_site/publish">
<input type="hidden" name="document" value="{escape(document.key)}">
<p class="muted" id="{described}">Next: {escape(coming.note)}</p>
<button aria-describedby="{described}">Publish the next version</button>
</form>"""
