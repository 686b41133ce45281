"""What a start doesn't load: heavy libraries are imported where they are used."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.conftest import LOGIN, ROOT, database_url

HEAVY = {"boto3", "playwright", "pypdf", "sentry_sdk", "sklearn", "stripe", "trafilatura", "weasyprint"}


def loaded_by(*arguments: str) -> set[str]:
    """The top-level packages that a Python process imports, by its own account (-X importtime)."""
    command = [sys.executable, "-X", "importtime", *arguments]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url("postgres", LOGIN),
    }  # a process that serves refuses the owner's
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


@pytest.mark.parametrize(
    "arguments",
    [("manage.py", "check"), ("-c", "import atlas.wsgi"), ("-m", "celery", "-A", "atlas", "report")],
    ids=["command", "web", "worker"],
)
def test_nothing_heavy_is_imported_at_the_start(arguments: tuple[str, ...]) -> None:
    loaded = loaded_by(*arguments)
    assert {"django", "monitoring"} <= loaded
    assert loaded & HEAVY == set()
