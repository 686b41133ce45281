"""``manage.py verify_catalogue``: ask for every address of the catalogue and say where it leads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper

from accounts.tenancy import system_scope
from monitoring import verifying
from monitoring.archive import scheduling
from monitoring.catalogue.models import Platform
from monitoring.verifying import Seen

#: So many hosts in a row of which none can be reached mean that there is no network here.
HOSTS_WITHOUT_NETWORK = 5
WIDTH = 24  # of the progress bar


class Command(BaseCommand):
    help = (
        "Ask for every address of the catalogue once, with the manners of any reading, and print what each gave. "
        "Nothing is written but, with --propose, proposals for the operators' desk."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--platform", metavar="SLUG", default="", help="only this platform's addresses")
        parser.add_argument(
            "--propose", action="store_true", help="propose new addresses and new documents at the desk"
        )
        parser.add_argument(
            "--patience",
            metavar="SECONDS",
            type=float,
            default=verifying.PATIENCE,
            help="how long a host that is being read is waited for (%(default)s)",
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object a line, not the table")

    def handle(self, *, platform: str, propose: bool, patience: float, as_json: bool, **options: Any) -> None:
        with system_scope("list the catalogue's addresses"):
            if platform and not Platform.objects.listed().filter(slug=platform).exists():
                raise CommandError(f"There is no platform {platform!r}.")
            asked = verifying.addresses(platform)
        if not asked:
            raise CommandError("The catalogue is empty: load it first (load_catalogue).")
        if not as_json:
            self.stdout.write(_row("platform", "document", "outcome", "status", "words", "address"))
        seen = []
        bar = _Bar(self.stderr, len(asked))
        try:
            for each in _while_there_is_a_network(verifying.verify(asked, propose=propose, patience=patience)):
                bar.clear()
                seen.append(each)
                self._print(each, as_json=as_json)
                bar.show(len(seen))
        except scheduling.LeaseLost as error:
            raise CommandError("Another process has taken the host over; the rest wasn't asked for.") from error
        finally:
            bar.clear()
        if not as_json:
            self.stdout.write(_summary(seen))
        if all(each.unreached for each in seen):
            raise CommandError("None of these addresses could be reached: is there a network here?")

    def _print(self, seen: Seen, *, as_json: bool) -> None:
        address = seen.address
        if as_json:
            self.stdout.write(json.dumps(_as_json(seen), ensure_ascii=False))
            return
        outcome = f"{seen.outcome}/{seen.reason}" if seen.reason else seen.outcome
        amount = f"{seen.links} links" if address.source is None else str(seen.words or "")
        self.stdout.write(
            _row(address.platform.slug, address.name, outcome, str(seen.status or ""), amount, address.url)
        )
        if seen.moved:
            self.stdout.write(f"{'':17}moved to {seen.moved}")
        elif seen.final_url and seen.final_url.rstrip("/") != address.url.rstrip("/"):
            self.stdout.write(f"{'':17}led to {seen.final_url}")
        if seen.why:
            self.stdout.write(f"{'':17}{seen.why}")


class _Bar:
    """How far we are: on a terminal alone, and on standard error, so that the table can be kept."""

    def __init__(self, stream: OutputWrapper, whole: int) -> None:
        self._stream, self._whole, self._shown = stream, whole, bool(stream.isatty())

    def show(self, done: int) -> None:
        full = WIDTH * done // self._whole
        self._write(f"\r[{'#' * full}{'.' * (WIDTH - full)}] {done} of {self._whole}")

    def clear(self) -> None:
        self._write(f"\r{'':{WIDTH + 24}}\r")

    def _write(self, words: str) -> None:
        if self._shown:
            self._stream.write(words, style_func=str, ending="")
            self._stream.flush()


def _while_there_is_a_network(seen: Iterator[Seen]) -> Iterator[Seen]:
    """All of them; raises CommandError where the first hosts can't be reached, this machine's own policy site aside."""
    own = scheduling.host_of(settings.POLICY_SITE_URL) if settings.POLICY_SITE_URL else ""
    hosts: set[str] = set()
    reached = False
    for each in seen:
        if each.address.host != own:
            hosts.add(each.address.host)
            reached = reached or not each.unreached
        yield each
        if not reached and len(hosts) >= HOSTS_WITHOUT_NETWORK:
            raise CommandError(
                f"None of the first {len(hosts)} hosts could be reached ({each.why}): there seems to be no network here. "
                "The others weren't asked for, and nothing was written."
            )


def _row(platform: str, document: str, outcome: str, status: str, words: str, address: str) -> str:
    return f"{platform:16.16} {document:28.28} {outcome:24.24} {status:>6} {words:>9}  {address}"


def _summary(seen: Sequence[Seen]) -> str:
    good, moved = sum(each.good for each in seen), sum(bool(each.moved) for each in seen)
    return f"{len(seen)} addresses: {good} good, {moved} moved for good, {len(seen) - good} not read."


def _as_json(seen: Seen) -> dict[str, Any]:
    address = seen.address
    return {
        "platform": address.platform.slug,
        "document": address.name if address.source is not None else None,
        "url": address.url,
        "reading": address.source.reading if address.source is not None else None,
        "outcome": seen.outcome,
        "reason": seen.reason,
        "why": seen.why,
        "status": seen.status or None,
        "final_url": seen.final_url,
        "moved": seen.moved,
        "words": seen.words,
        "links": seen.links,
    }
