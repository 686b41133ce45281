"""`make clean`: forget what `make run` keeps. It needs nothing but Python, so that it works without `.venv` too."""

from __future__ import annotations

import sys

from atlas.demo.processes import ProcessFailed
from atlas.demo.state import State
from atlas.demo.supervisor import STATE


def main() -> int:
    if not STATE.exists():
        return 0
    try:
        State.take(STATE).remove()
    except ProcessFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
