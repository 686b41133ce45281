"""Documents that the demo's platforms show in an application of their own: a shell, whose script fetches the text.

They stand for over half of what real platforms publish. They have one version each, and no button on the front page.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template

from atlas.demo.policysite.rendering import body_html
from atlas.demo.policysite.scripts import Page
from atlas.demo.policysite.sources import unwrap

#: Path -> title. The text stands at the same path with `.fragment` behind it.
APPLICATIONS = {"hexmoor/acceptable-use": "Acceptable Use Policy"}
FRAGMENT = ".fragment"

_SHELL = Template(
    """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>$title</title></head>
<body><div id="root"></div>
<script>
fetch("$text").then((answer) => answer.text()).then((text) => {
  document.getElementById("root").innerHTML = "<main>" + text + "</main>";
});
</script></body></html>
"""
)


def page(path: str) -> Page | None:
    """The shell, or the text that it asks for; None where neither stands at this path."""
    key = path.strip("/")
    if title := APPLICATIONS.get(key):
        return Page(_SHELL.substitute(title=title, text=f"/{key}{FRAGMENT}").encode())
    if key.endswith(FRAGMENT) and key.removesuffix(FRAGMENT) in APPLICATIONS:
        return Page(_text(key.removesuffix(FRAGMENT)))
    return None


@cache
def _text(key: str) -> bytes:
    source = (files(__package__) / f"{key}.md").read_text(encoding="utf-8")
    return body_html(unwrap(source)).encode()
