"""What can keep a text from being read. Expected: the pipeline makes an outcome of each, by ``reason``."""

from __future__ import annotations

from typing import ClassVar


class ExtractionError(Exception):
    """No text could be had. ``reason`` is the word of the closed list of outcomes ("unreadable")."""

    reason: ClassVar[str] = "no_text"


class SelectorMatchedNothing(ExtractionError):
    """No selector of the declaration matches: the page was probably redesigned. Nothing is known of its text."""

    reason = "selector"

    def __init__(self, selectors: tuple[str, ...]) -> None:
        super().__init__("No selector matches anything: " + ", ".join(selectors))
        self.selectors = selectors


class InvalidSelector(ExtractionError):
    """A selector that can't be parsed: the declaration has to be mended."""

    reason = "selector"

    def __init__(self, selector: str) -> None:
        super().__init__(f"This is not a selector: {selector}")
        self.selector = selector


class NoText(ExtractionError):
    """The content holds no text (an empty page or selection, a scanned PDF, something that is no document)."""

    reason = "no_text"


class Encrypted(ExtractionError):
    """The PDF needs a password."""

    reason = "encrypted"


class TooComplex(ExtractionError):
    """The content is larger or nested deeper than what is read."""

    reason = "too_complex"
