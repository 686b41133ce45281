"""What the site's policy forbids in a page, and that every template can be compiled."""

import re
from pathlib import Path

import pytest
from django.template import engines

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SITE = [name for name in PAGES if not name.startswith(("emails/", "account/email/", "admin/", "desk/", "api/"))]
#: Data in a script element (`application/json`) isn't run, and the policy doesn't ask for it.
INLINE = re.compile(
    r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*\s(?:src=|type=\"application/json\"))", re.IGNORECASE
)


@pytest.mark.parametrize("name", PAGES)
def test_template_compiles(name: str) -> None:
    assert engines["django"].get_template(name)


@pytest.mark.parametrize("name", SITE)
def test_page_has_no_inline_script_or_style(name: str) -> None:
    assert not INLINE.search((TEMPLATES / name).read_text(encoding="utf-8"))


def test_the_page_of_a_failure_needs_no_context() -> None:
    page = engines["django"].get_template("500.html").render()

    assert "Something broke on our side" in page
    assert "{%" not in (TEMPLATES / "500.html").read_text(encoding="utf-8")
