"""The policy site's front page: what is published, and a button for what comes next. It works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlas.demo.policysite.history import ScriptedDocument, Step

STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1b1e23; --muted: #5a616b; --line: #dedbd3;
  --accent: #1f4e8c; --on-accent: #fff; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1b1f25; --ink: #e8e6e1; --muted: #a0a7b1;
  --line: #2c323a; --accent: #8fb8f0; --on-accent: #14171b; } }
body { margin: 0 auto; padding: 32px 16px 64px; max-width: 46rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 8px; } h2 { font-size: 20px; margin: 32px 0 8px; } h3 { font-size: 17px; margin: 0; }
p { margin: 4px 0 12px; } .muted { color: var(--muted); } a { color: var(--accent); }
article { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 16px; margin: 12px 0; }
button { min-height: 44px; padding: 0 16px; border: 0; border-radius: 6px; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer; }
button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""


def front_page(standing: Iterable[tuple[ScriptedDocument, int]]) -> str:
    """The page for documents with the number of the step that each shows, grouped by platform in the order given."""
    sections = []
    for name, documents in groupby(standing, key=lambda pair: pair[0].platform_name):
        cards = "\n".join(_card(document, number) for document, number in documents)
        sections.append(f"<section><h2>{escape(name)}</h2>\n{cards}\n</section>")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The policy site</title><style>{STYLE}</style></head>
<body><main>
<h1>The policy site</h1>
<p>The terms of fictional platforms. No such company exists; the texts were written for this demonstration.
Publish the next version of one, and see who notices.</p>
{"".join(sections)}
</main></body></html>
"""


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
