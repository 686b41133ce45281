"""The quickest other checker, in an environment of its own: what it takes for the same pages of the same site."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.pages import RealPage
from tests.benchmarks.site import Site

VERSION = "2.29"
NEEDED = (f"urlwatch=={VERSION}", "html2text==2025.4.15", "cssselect==1.6.0", "lxml==6.1.3", "requests==2.34.2")
HOME = Path(__file__).resolve().parents[2] / ".atlas" / "bench"
TEXT = {
    "html2text": {"method": "pyhtml2text"}
}  # its own default only strips tags, and tells neither lists nor headings
# What it would say about each page isn't wanted: nobody reads it.
CONFIGURATION = (
    "display: {new: true, error: true, unchanged: false, empty-diff: true}\nreport: {stdout: {enabled: false}}\n"
)


class NotAtHand(Exception):
    """It can't be measured here; the words say why."""


@dataclass(frozen=True)
class Urlwatch:
    """Installed, and told what to watch."""

    program: Path
    folder: Path

    def round(self) -> float:
        """Check every page once. Seconds of processor time, the start of its process included."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                self.program,
                *("--urls", self.folder / "urls.yaml"),
                *("--config", self.folder / "urlwatch.yaml"),
                *("--cache", self.folder / "cache.db"),
                *("--hooks", self.folder / "hooks.py"),
            ],
            check=True,
            capture_output=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder)},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def installed() -> Path:
    """Its program, installed on the first call. Raises NotAtHand."""
    home = HOME / f"urlwatch-{VERSION}"
    program = home / "bin" / "urlwatch"
    if program.exists():
        return program
    try:
        subprocess.run([sys.executable, "-m", "venv", home], check=True, capture_output=True)
        subprocess.run(
            [home / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", *NEEDED],
            check=True,
            capture_output=True,
        )
    except (subprocess.CalledProcessError, OSError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        program.unlink(missing_ok=True)
        raise NotAtHand(f"urlwatch {VERSION} can't be installed: {said.decode().strip().splitlines()[-1]}") from error
    return program


def watching(program: Path, folder: Path, place: Site, pages: Sequence[RealPage]) -> Urlwatch:
    """One that watches these pages, and has seen none of them yet."""
    jobs = [
        {"name": page.title, "url": place.url(page.path), "filter": [{"css": page.selector}, TEXT]} for page in pages
    ]
    (folder / "urls.yaml").write_text("".join(f"---\n{json.dumps(job)}\n" for job in jobs))
    (folder / "urlwatch.yaml").write_text(CONFIGURATION)
    (folder / "hooks.py").write_text("")
    return Urlwatch(program, folder)
