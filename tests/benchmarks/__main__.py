"""Checks per second of processor time, pages, comparing and what starting costs: `make bench`.

Processor time says what one core does, whatever else the machine does meanwhile. Pages are compared within one run, in turns,
by their medians.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.benchmarks.browser import SCRIPT, bench_browser
from tests.benchmarks.checks import PHASES, bench_checks
from tests.benchmarks.comparing import SAMPLE, bench_comparing
from tests.benchmarks.measuring import Surprise, own_database, say
from tests.benchmarks.pages import WANTED, RealPage, are_at_hand, real_pages
from tests.benchmarks.site import Mode, Site, made_up_page, site

DOCUMENTS = 30
CHANGES = 3
PAGE_TURNS = 40
STARTS = 3
MADE_UP, SHELL = "/made-up", "/shell"


def read_documents(place: Site) -> None:
    """Documents and changes for the pages to show."""
    from accounts import tenancy
    from monitoring import pipeline
    from monitoring.archive import scheduling
    from monitoring.archive.models import CheckSchedule
    from tests import factories

    platform = factories.platform("Example")
    made = [factories.document(platform, f"Document {number}") for number in range(DOCUMENTS)]
    for document in made:
        factories.declaration(document, url=place.url(MADE_UP), reason="where the site is")
    place.answers(Mode.CHANGED)
    for number in range(1 + CHANGES):
        with tenancy.system_scope("take the host"):
            scheduling.sync_schedules()
            lease = scheduling.take_host(CheckSchedule.objects.select_related("host").all()[0].host)
        if lease is None:
            raise Surprise("the host is taken")
        outcomes = {check.outcome for check in pipeline.read_documents([document.pk for document in made], lease)}
        if outcomes != {"changed" if number else "first"}:
            raise Surprise(f"reading {number} gave {sorted(outcomes)}")


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
    parser.add_argument("--only", choices=("checks", "site", "comparing", "browser"), help="measure this alone")
    parser.add_argument("--every-pair", action="store_true", help=f"compare all real versions, not {SAMPLE} pairs")
    parser.add_argument("--alone", action="store_true", help="check them without a peer beside it")
    parser.add_argument("--pages", type=int, default=WANTED, help="check so many real pages")
    parser.add_argument(
        "--profile", choices=[phase.name for phase in PHASES], help="show what such checks spend time on"
    )
    return parser.parse_args()


def main() -> int:
    asked = asked_for()
    if asked.only in (None, "comparing"):
        bench_comparing(say, every_pair=asked.every_pair)
    pages: list[RealPage] = []
    if asked.only in (None, "checks"):
        if are_at_hand():
            pages = real_pages(asked.pages)
        else:
            say("Checking real pages is left out: they aren't here (ATLAS_SHARED_DATA names the folder that has them).")
    return bench_product(asked, pages) if asked.only != "comparing" else 0


def bench_product(asked: argparse.Namespace, pages: Sequence[RealPage]) -> int:
    from tests import environment  # noqa: F401 - what the suite runs in, before Django reads it

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "atlas.settings")
    # Changes are released at once, so that their pages can be shown.
    os.environ.update(LOG_LEVEL="ERROR", ALERT_REVIEW_WINDOW="0")
    made_up = {MADE_UP: made_up_page(), SHELL: SCRIPT.replace(b"MADE_UP", MADE_UP.encode())}
    with site({**made_up, **{page.path: page.html for page in pages}}) as place:
        import django

        django.setup()
        try:
            if pages:
                with own_database():
                    bench_checks(place, pages, alone=asked.alone, profiled=asked.profile or "")
            if asked.only in (None, "browser"):
                bench_browser(place, SHELL)
            if asked.only in (None, "site"):
                with own_database():
                    read_documents(place)
                    bench_pages()
                bench_start()
        except Surprise as surprise:
            sys.stderr.write(f"The benchmark is wrong: {surprise}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
