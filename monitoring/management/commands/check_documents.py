"""``manage.py check_documents``: read documents in the foreground and say what was seen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.tenancy import system_scope
from atlas.kernel import clock
from monitoring import pipeline
from monitoring.archive import scheduling
from monitoring.archive.models import Check, CheckSchedule
from monitoring.catalogue.models import Platform


class Command(BaseCommand):
    help = "Read the documents of enabled platforms now, one after another, and print a table of what was seen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", metavar="SLUG", help="only this platform's documents")
        parser.add_argument("--due", action="store_true", help="only those that are due")

    def handle(self, *, platform: str | None, due: bool, **options: Any) -> None:
        checks: list[Check] = []
        busy: list[str] = []
        left: list[str] = []
        self.stdout.write(f"{'platform':16} {'document':28} {'outcome':14} {'reason':16} {'ms':>6}  why")
        for lease_or_host, documents in self._claim(platform, due):
            if isinstance(lease_or_host, str):
                busy.append(lease_or_host)
                continue
            before = len(checks)
            for check in pipeline.read_documents(documents, lease_or_host):
                checks.append(check)
                self._print(check)
            if unasked := len(documents) - (len(checks) - before):
                left.append(f"{unasked} of {lease_or_host.host}")
        if left:
            self.stderr.write(f"Not read now, since the host fails or asks us to wait; see the log: {', '.join(left)}.")
        if busy:
            self.stderr.write(f"Being read by a worker right now, left alone: {', '.join(busy)}.")
        if not checks and not busy:
            self.stdout.write("No document is due." if due else "No document is enabled for reading.")

    def _claim(self, platform: str | None, due: bool) -> Iterator[tuple[scheduling.Lease | str, list[int]]]:
        with system_scope("list documents to read"):
            schedules = CheckSchedule.objects.select_related("host").order_by("host_id", "document_id")
            if platform is not None:
                if not Platform.objects.filter(slug=platform).exists():
                    raise CommandError(f"There is no platform {platform!r}.")
                schedules = schedules.filter(document__platform__slug=platform)
            if due:
                schedules = schedules.filter(next_check_at__lte=clock.now(), quarantined_at__isnull=True)
            by_host = [(host, [s.document_id for s in group]) for host, group in groupby(schedules, lambda s: s.host)]
        for host, documents in by_host:
            with system_scope("take a host"):
                lease = scheduling.take_host(host)
            yield lease or host.name, documents

    def _print(self, check: Check) -> None:
        document = check.document
        self.stdout.write(
            f"{document.platform.slug:16} {document.slug:28} {check.outcome:14} {check.reason:16} "
            f"{check.milliseconds:6}  {check.why}".rstrip()
        )
