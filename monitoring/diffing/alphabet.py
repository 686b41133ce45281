"""Words as single characters, so that rapidfuzz compares sequences of words as strings."""

from __future__ import annotations

from collections.abc import Iterable

from .units import Unit


class Alphabet:
    """One character for each word, the same one for the same word as long as the alphabet lives."""

    def __init__(self) -> None:
        self._characters: dict[str, str] = {}
        self._encoded: dict[int, str] = {}

    def letters(self, keys: Iterable[str]) -> str:
        known = self._characters
        letters = []
        for key in keys:
            letter = known.get(key)
            if letter is None:
                number = len(known) + 1
                letter = known[key] = chr(number if number < 0xD800 else number + 0x800)
            letters.append(letter)
        return "".join(letters)

    def unit(self, unit: Unit) -> str:
        letters = self._encoded.get(id(unit))
        if letters is None:
            letters = self._encoded[id(unit)] = self.letters(unit.keys)
        return letters
