"""Reading YAML values strictly: the type that is asked for, or CatalogueRefused naming file and field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn

import yaml

from monitoring.catalogue.errors import CatalogueRefused

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KINDS_OF_VALUES = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    date: "a date",
    dict: "a mapping",
    list: "a list",
}


class _Loader(yaml.SafeLoader):
    """Refuses a key that is given twice, of which YAML would keep the last one silently."""


def _unique_mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for position, key in enumerate(keys):
        if key in keys[:position]:
            mark = node.value[position][0].start_mark
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", mark)
    return dict(zip(keys, (loader.construct_object(value, deep=True) for _, value in node.value), strict=True))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def parse_yaml(content: str, *, file: str) -> Field:
    """The whole file as one field."""
    try:
        value = yaml.load(content, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}" if mark else ""
        raise CatalogueRefused(file, line, error.problem or "is not YAML") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise CatalogueRefused(file, "", f"is not YAML: {error}") from error
    return Field(file, "", value)


@dataclass(frozen=True, slots=True)
class Field:
    """A value with the way to it. ``value`` is None where the field is absent or empty."""

    file: str
    path: str
    value: Any

    def refuse(self, reason: str) -> NoReturn:
        raise CatalogueRefused(self.file, self.path, reason)

    def __getitem__(self, key: str) -> Field:
        return Field(self.file, f"{self.path}.{key}" if self.path else key, self.value.get(key))

    def mapping(self, *, required: frozenset[str], optional: frozenset[str] = frozenset()) -> Field:
        """This field, being a mapping that holds all required keys and no unknown one."""
        if not isinstance(self.value, dict):
            self._refuse_kind("a mapping")
        for key in self.value:
            if key not in required | optional:
                Field(self.file, f"{self.path}.{key}".removeprefix("."), None).refuse("is not a field that we know")
        for key in sorted(required):
            if self.value.get(key) is None:
                self[key].refuse("is missing")
        return self

    def items(self, *, at_least: int = 0) -> Iterator[Field]:
        """The items of a list; an absent list is an empty one."""
        values = [] if self.value is None else self.value
        if not isinstance(values, list):
            self._refuse_kind("a list")
        if len(values) < at_least:
            self.refuse(f"holds {len(values)} entries, at least {at_least} are needed")
        for position, value in enumerate(values):
            yield Field(self.file, f"{self.path}[{position}]", value)

    def words(self, *, most: int, default: str | None = None) -> str:
        """Text of one line, trimmed, at most so many characters. Without a default it may not be absent or empty."""
        if self.value is None and default is not None:
            return default
        if not isinstance(self.value, str):
            self._refuse_kind("words")
        text = " ".join(self.value.split())
        if not text:
            self.refuse("is empty")
        if len(text) > most:
            self.refuse(f"has {len(text)} characters, at most {most} are kept")
        return text

    def slug(self, *, most: int = 80) -> str:
        text = self.words(most=most)
        if not _SLUG.fullmatch(text):
            self.refuse(f"{text!r} is not a slug (lower case letters, digits, single hyphens)")
        return text

    def matching(self, pattern: str, *, called: str, most: int, default: str | None = None) -> str:
        text = self.words(most=most, default=default)
        if text != default and not re.fullmatch(pattern, text):
            self.refuse(f"{text!r} is not {called}")
        return text

    def one_of(self, allowed: frozenset[str], *, default: str | None = None) -> str:
        text = self.words(most=200, default=default)
        if text != default and text not in allowed:
            self.refuse(f"{text!r} is not one of {', '.join(sorted(allowed))}")
        return text

    def day(self) -> date:
        if isinstance(self.value, datetime) or not isinstance(self.value, date):
            self._refuse_kind("a date (2026-03-01, without quotation marks)")
        return self.value

    def truth(self, *, default: bool) -> bool:
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            self._refuse_kind("true or false")
        return self.value

    def _refuse_kind(self, expected: str) -> NoReturn:
        if self.value is None:
            self.refuse("is missing")
        found = _KINDS_OF_VALUES.get(type(self.value), "something else" if not isinstance(self.value, str) else "words")
        self.refuse(f"is {found}, expected {expected}")
