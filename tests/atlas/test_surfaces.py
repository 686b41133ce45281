"""What each surface serves: `ATLAS_SURFACE` is read once, when a process starts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASK = """
import django
django.setup()
from django.test import Client
print(*(Client().get(path).status_code for path in ("/admin/", "/accounts/login/", "/pricing/")))
"""


@pytest.mark.parametrize(
    ("surface", "statuses"), [("all", "302 200 200"), ("site", "404 200 200"), ("staff", "302 200 404")]
)
def test_each_surface_serves_its_part_and_sign_in(surface: str, statuses: str) -> None:
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "atlas.settings", "ATLAS_SURFACE": surface}
    asked = subprocess.run([sys.executable, "-c", ASK], env=variables, capture_output=True, text=True, check=True)

    assert asked.stdout.strip() == statuses
