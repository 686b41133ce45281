"""``manage.py load_catalogue``: the facts of monitoring/data into the database."""

from __future__ import annotations

from argparse import BooleanOptionalAction
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.tenancy import system_scope
from monitoring.archive import scheduling
from monitoring.catalogue import services
from monitoring.catalogue.errors import CatalogueRefused
from monitoring.catalogue.reading import read_catalogue

DATA = Path(__file__).resolve().parents[2] / "data"


class Command(BaseCommand):
    help = "Load the catalogue's files. Can be run again at any time; a file that is wrong refuses the whole load."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=DATA,
            help="holds platforms/*.yaml and, if there is one, topics.yaml (default: monitoring/data)",
        )
        parser.add_argument(
            "--demo",
            action=BooleanOptionalAction,
            default=settings.DEMO,
            help="load the platforms of the demo as well, and enable them (default: where ATLAS_DEMO is set)",
        )

    def handle(self, *, folder: Path, demo: bool, verbosity: int, **options: Any) -> None:
        try:
            report = self._load(folder, demo=demo)
        except CatalogueRefused as error:
            raise CommandError(f"The catalogue was refused and nothing was changed: {error}") from error
        self._print(report, verbosity)

    def _load(self, folder: Path, *, demo: bool) -> services.LoadReport:
        topics = folder / "topics.yaml"
        files = list((folder / "platforms").glob("*.yaml"))
        if not files:
            raise CommandError(f"There is no platforms/*.yaml in {folder}.")
        if demo:
            files += (settings.BASE_DIR / "atlas" / "demo" / "catalogue").glob("*.yaml")
        catalogue = read_catalogue(
            files, topics if topics.exists() else None, policy_site=settings.POLICY_SITE_URL if demo else ""
        )
        with system_scope("load the catalogue"):
            report = services.load(catalogue=catalogue, demo=demo, read_all=settings.READ_ALL)
            scheduling.sync_schedules()
            return report

    def _print(self, report: services.LoadReport, verbosity: int) -> None:
        parts: dict[str, Iterable[str]] = {
            "added": report.added,
            "changed": report.changed,
            "retired": report.retired,
        }
        # The first load adds hundreds of things; what changes afterwards is worth a line each.
        for word, names in parts.items():
            if verbosity > 1 or (verbosity == 1 and (word != "added" or report.unchanged)):
                for name in names:
                    self.stdout.write(f"{word:8} {name}")
        if verbosity:
            counts = ", ".join(f"{len(list(names))} {word}" for word, names in parts.items())
            self.stdout.write(f"Catalogue: {counts}, {report.unchanged} unchanged.")
