from datetime import timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from atlas.kernel import clock
from monitoring.templatetags.pages import ago, share_of, short_hash


def test_a_hash_is_shortened_to_eight_digits() -> None:
    assert short_hash("9f2c41e07ab3d5c8") == "9f2c41e0"


def test_no_hash_is_no_word() -> None:
    assert short_hash(None) == ""


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(hours=-3, minutes=-20), "3\xa0hours ago"),
        (timedelta(days=-40), "1\xa0month ago"),
        (timedelta(days=2, minutes=1), "in 2\xa0days"),
    ],
)
def test_a_moment_is_told_in_its_largest_unit(distance: timedelta, words: str) -> None:
    assert ago(clock.now() + distance) == words


@pytest.mark.parametrize(
    ("part", "whole", "width"), [(0, 10, 0), (5, 10, 50), (1, 1000, 2), (20, 10, 100), (3, 0, 0), (None, 3, 0)]
)
def test_a_bar_is_as_wide_as_its_share(part: int | None, whole: int, width: int) -> None:
    assert share_of(part, whole) == width


def render(path: str) -> str:
    template = Template(
        "{% load pages %}{% nav_link 'account_login' 'Sign in' %}{% nav_link 'no-such-page' 'Nothing' %}"
    )
    return template.render(Context({"request": RequestFactory().get(path)}))


def test_a_link_leads_to_its_page() -> None:
    assert render("/") == '<li><a href="/accounts/login/">Sign in</a></li>'


def test_a_link_is_marked_below_its_address() -> None:
    assert 'aria-current="page"' in render("/accounts/login/")


def test_a_page_that_this_surface_has_not_is_not_linked() -> None:
    assert "Nothing" not in render("/")
