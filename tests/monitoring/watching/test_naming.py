"""Names and homepages as they are compared."""

from __future__ import annotations

import pytest

from monitoring.watching.naming import NoHomepage, key_of, place_of


@pytest.mark.parametrize(
    "name", ["Chat GPT", "chatgpt", "\uff23\uff28\uff21\uff34-GPT", "Ch\u00e1t\u00a0GPT", "chat.gpt!"]
)
def test_one_name_in_many_forms_is_one(name: str) -> None:
    assert key_of(name) == "chatgpt"


def test_names_of_other_scripts_and_of_signs_alone_stay_apart() -> None:
    assert len({key_of(name) for name in ("文心一言", "豆包", "?", "!", "C")}) == 5


@pytest.mark.parametrize(
    "homepage",
    [
        "https://example.com/chat",
        "HTTP://www.Example.com:80/chat/?utm=1#top",
        "https://example.com./chat",
        "https://example.com:443/chat",
    ],
)
def test_one_homepage_in_many_forms_is_one(homepage: str) -> None:
    assert place_of(homepage) == "example.com/chat"


def test_a_host_of_another_script_is_compared_as_it_is_looked_up() -> None:
    assert place_of("https://BÜCHER.example/") == place_of("https://xn--bcher-kva.example")


def test_another_path_or_port_is_another_place() -> None:
    assert len({place_of(f"https://example.com{rest}") for rest in ("", "/chat", ":8443/chat")}) == 3


@pytest.mark.parametrize(
    "homepage", ["", "example", "ftp://example.com", "https://me:secret@example.com", "https://[x", "https://a..b/"]
)
def test_what_is_no_homepage_is_refused(homepage: str) -> None:
    with pytest.raises(NoHomepage):
        place_of(homepage)
