"""What keeps a finding from being written or published. The words are for the analyst."""

from __future__ import annotations


class FindingRefused(ValueError):
    """Nothing was changed; the message says what to do."""


class ExcerptMissing(FindingRefused):
    """A finding needs words of the document that it stands on."""


class ExcerptDiffers(FindingRefused):
    """The quoted words are not, character for character, those of the version."""


class ExcerptAmbiguous(FindingRefused):
    """The words stand in the version more than once: more of their surroundings are needed."""


class SecondPersonNeeded(FindingRefused):
    """Whoever wrote a finding can't publish it."""


class NotReleased(FindingRefused):
    """The cited version isn't public yet."""


class WrongState(FindingRefused):
    """A finding in this state can't be moved that way."""


class WordsMissing(FindingRefused):
    """A part that every finding has is empty."""


class RevisedMeanwhile(FindingRefused):
    """Somebody wrote a later revision than the one that was read."""
