"""Names and homepages as they are compared, so that one platform isn't asked for twice. Pure."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


class NoHomepage(ValueError):
    """The address isn't one of a page on the web."""


def key_of(name: str) -> str:
    """`Chat GPT`, `CHAT-GPT` and `chátgpt` are one: letters and digits alone, without case, accents and width. A name without
    any is compared as it is written."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(each for each in unicodedata.normalize("NFKD", folded) if each.isalnum())
    return (plain or folded.strip())[:240]


def place_of(homepage: str) -> str:
    """`https://www.Example.com/chat/?utm=1` and `http://example.com/chat` are one: `example.com/chat`. Raises NoHomepage."""
    try:
        parts = urlsplit(homepage.strip())
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower().removeprefix("www.")
        port = parts.port
    except (ValueError, UnicodeError) as error:
        raise NoHomepage(homepage) from error
    if parts.scheme not in DEFAULT_PORTS or "." not in host or parts.username is not None:
        raise NoHomepage(homepage)
    shown = f":{port}" if port not in (None, DEFAULT_PORTS[parts.scheme]) else ""
    return f"{host}{shown}{parts.path.rstrip('/')}"[:400]
