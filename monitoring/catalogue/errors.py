"""Why a catalogue can't be loaded."""

from __future__ import annotations


class CatalogueRefused(Exception):
    """A file of the catalogue is not as it must be. Nothing of the catalogue was changed.

    ``file`` is the file's name, ``field`` the path to the value in it ("documents[0].sources[1].url", "line 7" where it
    isn't YAML, "" for the file itself), ``reason`` says what is wrong with it.
    """

    def __init__(self, file: str, field: str, reason: str) -> None:
        self.file, self.field, self.reason = file, field, reason
        super().__init__(f"{file}: {field}: {reason}" if field else f"{file}: {reason}")
