"""`make test`: the whole suite in parallel, then the browser tests in a run of their own where there is a Chromium.

They are apart because Playwright's event loop makes Django refuse the database unless DJANGO_ALLOW_ASYNC_UNSAFE is set,
which the rest of the suite must not be. Arguments go to pytest: `make test ARGS="tests/atlas -k orphan"`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BROWSER_TESTS = Path("tests/browser")
NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_TESTS_COLLECTED = 5
WITH_A_VALUE = {"--deselect", "--ignore", "--junitxml", "--rootdir", "-c", "-k", "-m", "-n", "-p"}
"""Options of pytest whose value may look like the name of a test."""


def chromium() -> str | None:
    """The browser to drive: CHROMIUM, or the system's."""
    found = os.environ.get("CHROMIUM") or next((name for name in NAMES_OF_CHROMIUM if shutil.which(name)), None)
    return shutil.which(found) if found else None


def split(arguments: Sequence[str]) -> tuple[list[str] | None, list[str] | None]:
    """pytest's arguments for the tests without and with a browser; None where nothing is asked of that kind."""
    named: list[str] = []
    options: list[str] = []
    for before, argument in zip(["", *arguments], arguments, strict=False):
        is_test = before not in WITH_A_VALUE and Path(argument.split("::")[0]).exists()
        (named if is_test else options).append(argument)
    if not named:
        return [*options, "tests", f"--ignore={BROWSER_TESTS}"], [*options, str(BROWSER_TESTS)]
    paths = {name: Path(name.split("::")[0]) for name in named}
    inside = [name for name, path in paths.items() if path.is_relative_to(BROWSER_TESTS)]
    above = [name for name, path in paths.items() if BROWSER_TESTS.is_relative_to(path) and name not in inside]
    others = [name for name in named if name not in inside]
    plain = [*options, *others, f"--ignore={BROWSER_TESTS}"] if others else None
    browser = [*options, *inside, *([str(BROWSER_TESTS)] if above else [])] if inside or above else None
    return plain, browser


def pytest(arguments: Sequence[str], **variables: str) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, env={**os.environ, **variables}, check=False).returncode


def main(arguments: Sequence[str]) -> int:
    plain, browser = split(arguments)
    codes: list[int] = []
    if plain is not None:
        # A file's tests share its servers, its folder, its history: one worker for all of them.
        codes.append(pytest(["-n", os.environ.get("WORKERS", "2"), "--dist", "loadfile", *plain]))
    if browser is not None and any(BROWSER_TESTS.glob("**/test_*.py")):
        found = chromium()
        if found:
            codes.append(pytest(browser, CHROMIUM=found, DJANGO_ALLOW_ASYNC_UNSAFE="true"))
        elif os.environ.get("ATLAS_REQUIRE_BROWSER"):
            sys.stderr.write("The browser tests are required here, and there is no Chromium.\n")
            codes.append(1)
        else:
            sys.stdout.write("Browser tests skipped: no Chromium found (apt-get install chromium, or set CHROMIUM).\n")
    if all(code == NO_TESTS_COLLECTED for code in codes):
        sys.stderr.write("No test was found.\n")
        return NO_TESTS_COLLECTED
    return max((code for code in codes if code != NO_TESTS_COLLECTED), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
