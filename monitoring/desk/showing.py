"""Answering with a page in the frame of the admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from monitoring.desk.access import DeskRequest


def page(request: DeskRequest, template: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Rendered here, inside of the desk's scope."""
    frame = admin.site.each_context(request)
    request.current_app = admin.site.name
    return render(request, template, {**frame, "title": title, "is_fullwidth": "1", **context}, status=status)


def public_address(name: str, *args: Any) -> str:
    """Where the public sees it; empty on a surface that serves the staff alone."""
    try:
        return reverse(f"pages:{name}", args=args)
    except NoReverseMatch:
        return ""


def query(**asked: str) -> str:
    """What a link to another page of a list carries along, ending in `&`; empty where nothing was asked for."""
    given = {name: value for name, value in asked.items() if value}
    return f"{urlencode(given)}&" if given else ""


def time_left(deadline: datetime, now: datetime) -> str:
    """`3 h 20 min`, `45 s`; `overdue` once it has passed."""
    left = deadline - now
    if left <= timedelta(0):
        return "overdue"
    if left < timedelta(minutes=2):
        return f"{int(left.total_seconds())} s"
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
