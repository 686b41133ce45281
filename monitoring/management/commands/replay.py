"""``manage.py replay PATH``: play real captures through the whole pipeline, and say what it made of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from argparse import SUPPRESS
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from accounts.tenancy import system_scope
from monitoring.catalogue import replayed
from monitoring.management import captures, scratch
from monitoring.management.captures import Recording, Unusable
from monitoring.management.capturesite import SiteFailed, capture_site
from monitoring.management.replaying import ATTRIBUTION, Replay, Tally

FAILURES = ("suspicious", "blocked", "missing", "unreachable", "unreadable", "disallowed", "needs_browser")
CHANGES = ("none", "cosmetic", "minor", "substantive")


class Command(BaseCommand):
    help = (
        "Play the captures of a folder (index.jsonl, replay.jsonl, pages.tar.zst) through a policy site and the whole "
        "pipeline, at their dates, into a scratch database that is dropped afterwards; print what came of them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="the folder with the captures")
        parser.add_argument("--keep", action="store_true", help="play into the running database, and keep it there")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write what each capture came to")
        parser.add_argument("--only", default="", metavar="NAME", help="only the sequence of this name")
        parser.add_argument("--here", action="store_true", help=SUPPRESS)  # how the command starts itself

    def handle(self, *, path: Path, keep: bool, json: Path | None, only: str, here: bool, **options: Any) -> None:
        try:
            recordings = captures.read(path, only=only)
            if here:
                self._play(path, recordings, json)
            elif keep:
                self._refuse_played(recordings)
                self._in_a_process(scratch.url_of(connection.settings_dict), path, json, only)
            else:
                self._in_scratch(path, json, only)
        except (Unusable, SiteFailed, scratch.NoScratchDatabase) as error:
            raise CommandError(str(error)) from error

    def _in_scratch(self, path: Path, result: Path | None, only: str) -> None:
        ours = scratch.url_of(connection.settings_dict)
        owner = settings.OWNER_DATABASE_URL or ours
        worker = ours if settings.OWNER_DATABASE_URL else scratch.with_login(ours, scratch.WORKER_LOGIN)
        with scratch.scratch_database(owner) as name, tempfile.TemporaryDirectory() as state:
            self._in_a_process(scratch.with_database(worker, name), path, result, only, ATLAS_STATE=state)

    def _in_a_process(self, database: str, path: Path, result: Path | None, only: str, **variables: str) -> None:
        """In a process of its own, whose environment lets the reader ask a site on this machine, without delay."""
        command = [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "replay",
            str(path),
            "--here",
            "--skip-checks",
            "--only",
            only,
        ]
        command += ["--json", str(result)] if result else []
        reading = {"ATLAS_ALLOW_LOOPBACK": "1", "ATLAS_HOST_DELAY": "0", "ATLAS_CHECK_INTERVAL": "86400"}
        environment = {**os.environ, "DATABASE_URL": database, "ATLAS_POOL": "0", **reading, **variables}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None, "it was asked for"  # noqa: S101
            for line in process.stdout:
                self.stdout.write(line.rstrip("\n"))
        if process.returncode:
            raise CommandError("The replay failed; what is said above is why.", returncode=process.returncode)

    def _refuse_played(self, recordings: list[Recording]) -> None:
        try:
            with system_scope("see whether it was replayed before"):
                there = [r for r in recordings if replayed.is_there(service=r.service, name=r.document)]
        except DatabaseError as error:  # not reached, not migrated, or a login that may not act for the worker
            raise CommandError(f"The running database can't be used: {str(error).splitlines()[0]}") from error
        if there:
            raise CommandError(f"{there[0].name} was replayed into this database before.")

    def _play(self, path: Path, recordings: list[Recording], result: Path | None) -> None:
        with tempfile.TemporaryDirectory(prefix="conductatlas-replay-") as pages:
            captures.unpack(path, recordings, Path(pages))
            with capture_site(path / captures.INDEX, Path(pages)) as site:
                replay = Replay(recordings, site)
                try:
                    replay.play(self._progress(sum(len(recording.steps) for recording in recordings)))
                finally:
                    replay.clean_up()
                tallies = replay.tallies()
        total = self._print(tallies)
        if result is not None:
            result.write_text(json.dumps([played.as_json() for played in replay.played()], indent=1) + "\n")
        if total.crashes:
            raise CommandError(f"{total.crashes} readings ended in an error of ours; the log says which.")

    def _progress(self, captures: int) -> Any:
        def tell(done: int) -> None:
            if self.stderr.isatty():
                self.stderr.write(f"\r{done} of {captures} captures", ending="\n" if done == captures else "")
                self.stderr.flush()

        return tell

    def _print(self, tallies: list[Tally]) -> Tally:
        total = Tally("all")
        for tally in tallies:
            total.plus(tally)
        rows = [*tallies, total]
        failures = [outcome for outcome in FAILURES if total.failures[outcome]]
        width = max(len(tally.name) for tally in rows)
        head = ["captures", "served", "checks", "versions", "technical", *CHANGES, *failures, "    holds"]
        self.stdout.write(f"{'sequence':{width}}  {'  '.join(head)}")
        for tally in rows:
            cells: list[object] = [tally.captures, tally.served, tally.checks, tally.versions, tally.technical]
            cells += [tally.changes[significance] for significance in CHANGES]
            cells += [tally.failures[outcome] for outcome in failures]
            cells.append(f"{tally.held.total()}/{tally.expected.total()}")
            columns = "  ".join(f"{cell!s:>{len(name)}}" for name, cell in zip(head, cells, strict=True))
            self.stdout.write(f"{tally.name:{width}}  {columns}")
        self.stdout.write("")
        self.stdout.write(
            f"{total.captures} captures and {total.checks - total.captures} re-reads made {total.checks} checks;"
            f" the site served {total.served} requests."
        )
        kinds = ", ".join(f"{total.held[kind]} of {count} {kind}" for kind, count in sorted(total.expected.items()))
        self.stdout.write(f"{total.held.total()} of {total.expected.total()} expectations hold ({kinds}).")
        self.stdout.write(ATTRIBUTION)
        return total
