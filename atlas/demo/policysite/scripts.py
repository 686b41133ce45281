"""What a script promises to the site that plays it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from atlas.demo.plainhttp import BadRequest


class CannotShow(BadRequest):
    """The script has no such document or step; the words say which."""


@dataclass(frozen=True)
class Page:
    """What a path shows now. `modified` is None where the page tells no date; failures carry no validators. `location` is
    where a redirect leads."""

    body: bytes
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    modified: datetime | None = None
    validators: bool = True
    location: str = ""


class Script(Protocol):
    """The pages of a site, and what each path shows now. Called from several threads."""

    def page(self, path: str) -> Page | None:
        """What stands at the path, or None."""

    def front(self) -> str:
        """The site's front page, as HTML."""

    def state(self) -> Mapping[str, object]:
        """Everything there is to show, and what is shown now: JSON-ready."""

    def show(self, document: str, step: object) -> None:
        """Let the document show that step from now on; raises CannotShow."""

    def publish(self, document: str) -> None:
        """Let the document show its next step; raises CannotShow where there is none."""
