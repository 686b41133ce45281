"""How a reading is laid out: unified, or side by side with `?view=split`.

The address says it, and the browser remembers it (reading.js): a page asked without a session is the same for everybody at
the same address, and needs no cookie.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

SPLIT = "split"
UNIFIED = "unified"


@dataclass(frozen=True, slots=True)
class View:
    """The layout that was asked for, and the addresses of both."""

    split: bool
    unified_url: str
    split_url: str


def view_of(request: HttpRequest) -> View:
    """Unified unless the address says otherwise; all else in the address stays."""
    urls = {}
    for name in (UNIFIED, SPLIT):
        query = request.GET.copy()
        query["view"] = name
        urls[name] = f"?{query.urlencode()}#reading"
    return View(request.GET.get("view") == SPLIT, urls[UNIFIED], urls[SPLIT])
