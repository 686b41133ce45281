"""A document's source: light markup in one file, and the ordered edits that made its later versions."""

from collections.abc import Mapping, Sequence


class CannotEdit(ValueError):
    """An edit's old words don't stand in the text as often as the edit says."""


def unwrap(source: str) -> str:
    """The source with one block a line: lines that were broken for reading are joined by a space.

    A block begins with a heading (`#`), an item (`- `), a row (`|`) or after an empty line.
    """
    lines: list[str] = []
    for line in (raw.strip() for raw in source.strip().splitlines()):
        starts = not line or line.startswith(("#", "- ", "|")) or not lines or not lines[-1]
        if starts or lines[-1].startswith("#"):
            lines.append(line)
        else:
            lines[-1] += f" {line}"
    return "\n".join(lines)


def edited(source: str, edits: Sequence[Mapping[str, str]], *, where: str) -> str:
    """The source (unwrapped) after the edits, each applied to what the one before it left.

    `{old, new}` replaces words that must stand there exactly once; `{everywhere, new}` replaces all that stand there.
    Raises CannotEdit, naming `where`.
    """
    for edit in edits:
        if set(edit) == {"everywhere", "new"}:
            old, new = edit["everywhere"], edit["new"]
            if old not in source:
                raise CannotEdit(f"{where}: nowhere in the text: {old!r}")
        elif set(edit) == {"old", "new"}:
            old, new = unwrap(edit["old"]), unwrap(edit["new"])
            if (found := source.count(old)) != 1:
                raise CannotEdit(f"{where}: found {found} times instead of once: {old!r}")
        else:
            raise CannotEdit(f"{where}: an edit has old and new, or everywhere and new, not {sorted(edit)}")
        if old == new:
            raise CannotEdit(f"{where}: an edit that changes nothing: {old!r}")
        source = source.replace(old, new)
    return source
