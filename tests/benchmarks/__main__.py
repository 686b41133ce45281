"""Readings per second of processor time, pages, comparing and what starting costs: `make bench`.

Processor time is that of the whole tree: this process and PostgreSQL's, without the site that is read. It says what one core
does, whatever else the machine does meanwhile. Pages are compared within one run, in turns, by their medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

from tests.benchmarks.comparing import SAMPLE, bench_comparing
from tests.benchmarks.site import Mode, Site, site

DOCUMENTS = 30
ROUNDS = 3
PAGE_TURNS = 40
STARTS = 3
EXPECTED = {Mode.NOT_MODIFIED: "unchanged", Mode.SAME_BYTES: "unchanged", Mode.CHANGED: "changed"}
NAMES = {Mode.NOT_MODIFIED: "304", Mode.SAME_BYTES: "same bytes", Mode.CHANGED: "changed"}


class Surprise(Exception):
    """What was measured isn't what should have been measured."""


def say(line: str = "") -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def own_database() -> Iterator[None]:
    """A scratch database, to which Django's connection speaks as the worker's login."""
    from django.db import connection

    from monitoring.management import scratch

    with scratch.scratch_database(os.environ["DATABASE_URL"]) as name:
        connection.close()
        connection.settings_dict.update(NAME=name, USER=scratch.WORKER_LOGIN, PASSWORD="")
        try:
            yield
        finally:
            connection.ensure_connection()
            backend = connection.connection.info.backend_pid
            connection.close()
            with suppress(psutil.NoSuchProcess):  # the owner may not drop a database under another login's session
                psutil.Process(backend).wait(10)


def processor_seconds() -> Callable[[], float]:
    """A clock of the processor time of this process and of all of PostgreSQL's, children that ended included."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = psutil.Process(cursor.fetchone()[0])
    postmaster = backend.parent()
    if postmaster is None or "postgres" not in postmaster.name():
        raise Surprise("PostgreSQL runs on another machine: its processor time can't be counted.")

    def now() -> float:
        total = sum(psutil.Process().cpu_times()[:2]) + sum(postmaster.cpu_times()[:4])
        return total + sum(sum(child.cpu_times()[:2]) for child in postmaster.children())

    return now


def read_all(place: Site, mode: Mode, documents: Sequence[int]) -> None:
    """Read every document once; raises Surprise where the outcome is another one than the mode's."""
    from accounts import tenancy
    from monitoring import pipeline
    from monitoring.archive import scheduling
    from monitoring.archive.models import CheckSchedule

    place.answers(mode)
    with tenancy.system_scope("take a host"):
        lease = scheduling.take_host(CheckSchedule.objects.select_related("host").all()[0].host)
    if lease is None:
        raise Surprise("the host is taken")
    outcomes = [check.outcome for check in pipeline.read_documents(documents, lease)]
    if outcomes != [EXPECTED[mode]] * len(documents) and outcomes != ["first"] * len(documents):
        raise Surprise(f"{NAMES[mode]} gave {sorted(set(outcomes))} in {len(outcomes)} of {len(documents)} checks")


def bench_readings(place: Site) -> None:
    from accounts import tenancy
    from monitoring.archive import scheduling
    from tests import factories

    platform = factories.platform("Bench")
    made = [factories.document(platform, f"Document {number}") for number in range(DOCUMENTS)]
    for document in made:
        url = f"http://127.0.0.1:{place.port}/{document.slug}"
        factories.declaration(document, url=url, reason="where the site is")
    with tenancy.system_scope("schedule"):
        scheduling.sync_schedules()
    documents = [document.pk for document in made]
    read_all(place, Mode.SAME_BYTES, documents)
    now = processor_seconds()
    say(f"Readings of {DOCUMENTS} documents of 5,000 words, {ROUNDS} rounds each")
    spent = dict.fromkeys(Mode, 0.0)
    for _ in range(ROUNDS):  # in turns, so that none has the warm end of the run for itself
        for mode in Mode:
            before = now()
            read_all(place, mode, documents)
            spent[mode] += now() - before
    for mode in Mode:
        rate = DOCUMENTS * ROUNDS / spent[mode]
        say(f"  {NAMES[mode]:<12} {rate:7.1f} checks per CPU second ({spent[mode]:.2f} s)")


def milliseconds(path: str, status: int = 200) -> float:
    from django.test import Client

    client = Client(SERVER_NAME="testserver")
    began = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != status:
        raise Surprise(f"{path} answered {answer.status_code}")
    return took


def bench_pages() -> None:
    from django.test import override_settings

    from accounts import tenancy
    from monitoring import pipeline
    from monitoring.catalogue.models import Document
    from monitoring.changes.models import Change

    while pipeline.release_due():
        continue
    with tenancy.system_scope("choose pages"):
        document = Document.objects.select_related("platform")[0]
        change = Change.objects.filter(document=document).earliest("pk")
    pages = {
        "empty": "/empty/",
        "home": "/",
        "platforms": "/platforms/",
        "platform": f"/platforms/{document.platform.slug}/",
        "document": f"/platforms/{document.platform.slug}/{document.slug}/",
        "change": f"/c/{change.typeid}/",
        "changes": "/changes/",
    }
    with override_settings(ROOT_URLCONF="tests.benchmarks.urls"):
        for path in pages.values():
            milliseconds(path)
        times: dict[str, list[float]] = {name: [] for name in pages}
        for _ in range(PAGE_TURNS):
            for name, path in pages.items():
                times[name].append(milliseconds(path))
    empty = statistics.median(times["empty"])
    say(f"Pages, by the median of {PAGE_TURNS} turns (an empty page took {empty:.2f} ms here)")
    for name in list(pages)[1:]:
        say(f"  {name:<12} {statistics.median(times[name]) / empty:7.1f} times an empty page")


def bench_start() -> None:
    seconds = []
    for _ in range(STARTS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "manage.py", "check"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    say(f"manage.py check: {min(seconds):.2f} CPU seconds (the least of {STARTS})")


def asked_for() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=("site", "comparing"), help="measure this alone")
    parser.add_argument("--every-pair", action="store_true", help=f"compare all real versions, not {SAMPLE} pairs")
    return parser.parse_args()


def main() -> int:
    asked = asked_for()
    if asked.only != "site":
        bench_comparing(say, every_pair=asked.every_pair)
    return bench_product() if asked.only != "comparing" else 0


def bench_product() -> int:
    from tests import environment  # noqa: F401 - what the suite runs in, before Django reads it

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")
    # Changes are released at once, so that their pages can be shown.
    os.environ.update(LOG_LEVEL="ERROR", ALERT_REVIEW_WINDOW="0")
    with site() as place:
        import django

        django.setup()
        try:
            with own_database():
                bench_readings(place)
                bench_pages()
            bench_start()
        except Surprise as surprise:
            sys.stderr.write(f"The benchmark is wrong: {surprise}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
