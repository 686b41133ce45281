"""Words as single characters, so that rapidfuzz compares sequences of words as strings."""

from __future__ import annotations

from collections.abc import Iterable

from .units import Unit


class _Characters(dict[str, str]):
    def __missing__(self, key: str) -> str:
        number = len(self) + 1
        letter = self[key] = chr(number if number < 0xD800 else number + 0x800)
        return letter


class Alphabet:
    """One character for each word, the same one for the same word as long as the alphabet lives."""

    def __init__(self) -> None:
        self._characters = _Characters()
        self._encoded: dict[int, str] = {}

    def letters(self, keys: Iterable[str]) -> str:
        return "".join(map(self._characters.__getitem__, keys))

    def unit(self, unit: Unit) -> str:
        letters = self._encoded.get(id(unit))
        if letters is None:
            letters = self._encoded[id(unit)] = self.letters(unit.keys)
        return letters
