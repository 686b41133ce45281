"""Where the code can be killed: the names in its calls of `failpoint`, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.conftest import ROOT

APPS = ("accounts", "atlas", "billing", "monitoring")


def named_in_the_code() -> set[str]:
    """Every name of a failpoint. A name that isn't written out as a plain string can't be tested, and is an error."""
    return {
        _name(call) for app in APPS for path in sorted((ROOT / app).rglob("*.py")) for call in _calls(path.read_text())
    }


def _calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = node.func
            if getattr(called, "id", "") == "failpoint" or getattr(called, "attr", "") == "failpoint":
                yield node


def _name(call: ast.Call) -> str:
    match call.args:
        case [ast.Constant(value=str(name))]:
            return name
    raise AssertionError(f"the name of a failpoint is written out where it stands: {ast.unparse(call)}")
