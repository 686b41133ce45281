"""Addresses of the policy site at which no written document stands: a list of documents with one that nobody reads yet, a page
that has moved for good, one that is gone and one that is kept from us."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from atlas.demo.plainpage import plain_page
from atlas.demo.policysite.rendering import page_html
from atlas.demo.policysite.scripts import Page
from atlas.demo.policysite.sources import unwrap

LIST = "/wrenfold/legal"
UNREAD = "/wrenfold/community-guidelines"
MOVED, MOVED_TO = "/wrenfold/terms", "/wrenfold/terms-of-service"
GONE = "/wrenfold/beta-terms"
BLOCKED = "/tintavox/partner-terms"


def page(path: str) -> Page | None:
    """What stands at the path, or None."""
    return _pages().get("/" + path.strip("/"))


@cache
def _pages() -> Mapping[str, Page]:
    return {
        LIST: Page(_LIST.encode(), validators=False),
        UNREAD: Page(page_html("wrenfold", "Community Guidelines", unwrap(_GUIDELINES)).encode()),
        MOVED: Page(b"", status=301, location=MOVED_TO, validators=False),
        GONE: Page(_GONE.encode(), status=410, validators=False),
        BLOCKED: Page(_BLOCKED.encode(), status=403, validators=False),
    }


_LIST = plain_page(
    "Legal information | Wrenfold",
    """<h1>Legal information</h1>
<ul>
<li><a href="/wrenfold/terms-of-service">Terms of Service</a></li>
<li><a href="/wrenfold/privacy-policy">Privacy Policy</a></li>
<li><a href="/wrenfold/community-guidelines">Community Guidelines</a></li>
</ul>
<p><a href="/">All documents of this site</a></p>""",
)
_GONE = plain_page("Gone", "<h1>Gone</h1><p>The beta has ended, and its terms with it.</p>")
_BLOCKED = plain_page("Access denied", "<h1>Access denied</h1><p>Your request was blocked.</p>")
_GUIDELINES = """
# Community Guidelines

These guidelines are part of our Terms of Service. They apply to everything that you share in a public notebook.

## What you may share

You may share whatever you have written yourself, or have the right to share. You must name the author of what is not yours.

## What is prohibited

- You may not threaten, harass or expose another person.
- You may not share personal data of others without their consent.
- You may not pass off text that was made by a machine as the words of a living person.
- You may not use a public notebook to send advertising.

## What we do

We read what is reported to us within three days. We may remove a notebook that violates these guidelines, and we may suspend
the account of someone who does it again. You will be told the reason in a notice, and you may appeal within thirty days. We
keep a copy of what we removed for ninety days, in accordance with our Privacy Policy, so that an appeal can be decided.
"""
