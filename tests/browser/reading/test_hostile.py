"""Pages that mean harm, in the browser: each is a check with outcome and reason, the next document is read, and nothing is
left running."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from pytest_django import Settings

from accounts import tenancy
from monitoring.archive.models import Incident
from monitoring.fetching.browser import asking
from tests.browser.reading.site import TERMS, document_at, page, read_all, script, shell
from tests.wire.server import Answer, WireServer

pytestmark = pytest.mark.django_db
HTML = {"Content-Type": "text/html; charset=utf-8"}

PROFILE = f"--user-data-dir={tempfile.gettempdir()}/atlas-browser-"
SIGNS = ("atlas-browser-", "monitoring.fetching.browser", "playwright/driver")
EATS_MEMORY = "const kept = []; while (true) try { kept.push(new Uint8Array(2**24).fill(7)) } catch {}"
EATS_HEAP = "const kept = []; while (true) kept.push('x'.repeat(1000) + kept.length, [kept.length])"

CASES: dict[str, tuple[Callable[[], Answer], str, str]] = {
    "a body without end": (lambda: Answer(endless=b"<p>and more" * 50_000, headers=HTML), "unreachable", "too_large"),
    "a body that drips": (lambda: Answer(endless=b"<p>x", headers=HTML), "unreachable", "timeout"),
    "silence": (lambda: Answer(silent=True), "unreachable", "timeout"),
    "not HTTP": (lambda: Answer(raw=b"\x00\x01\x02 hello\r\n\r\n"), "unreachable", "error"),
    "a circle of redirects": (lambda: Answer(status=302, headers={"Location": "/bad"}), "unreachable", "redirect_loop"),
    "a script that sends on for ever": (
        lambda: script("location = '/bad?' + Math.random()"),
        "unreachable",
        "redirect_loop",
    ),
    "a redirect into a private network": (
        lambda: Answer(status=302, headers={"Location": "http://10.0.0.1/terms"}),
        "unreachable",
        "address_refused",
    ),
    "a script that leads to the metadata of a cloud": (
        lambda: script("location = 'http://169.254.169.254/latest/'"),
        "unreachable",
        "address_refused",
    ),
    "alerts without end": (lambda: script("while (true) alert('hello')"), "unreadable", "too_complex"),
    "a script without end": (lambda: script("while (true) {}", before=TERMS), "unreadable", "too_complex"),
    "a page that eats memory": (lambda: script(EATS_MEMORY, before=TERMS), "unreadable", "too_complex"),
    "a page that eats its heap": (lambda: script(EATS_HEAP, before=TERMS), "unreadable", "too_complex"),
    "a huge page": (lambda: Answer(body=b"<p>" + b"words " * 2**20, headers=HTML), "unreachable", "too_large"),
    "a page that loads without end": (
        lambda: script("(async () => { while (true) await (await fetch('/much?' + Math.random())).blob() })()"),
        "unreachable",
        "too_large",
    ),
    "a download": (
        lambda: Answer(body=b"PK\x03\x04", headers={"Content-Type": "application/zip"}),
        "unreachable",
        "error",
    ),
    "a download that a script starts": (
        lambda: script("location = '/download'", before=TERMS),
        "first",
        "",
    ),
    "404 with a page made by script": (
        lambda: script("app.innerHTML = '<h1>Page not found</h1>'", status=404),
        "missing",
        "http_404",
    ),
    "404 without a page": (lambda: Answer(status=404), "missing", "http_404"),
    "500": (lambda: Answer(status=500, body=b"oh", headers=HTML), "unreachable", "http_5xx"),
    "no content": (lambda: Answer(status=204), "unreadable", "blank"),
    "a page that stays empty": (lambda: script("1 + 1"), "unreadable", "blank"),
    "elements nested without end": (
        lambda: script("let e = app; for (let i = 0; i < 5e5; i++) { e = e.appendChild(document.createElement('b')) }"),
        "unreadable",
        "too_complex",
    ),
    "new windows without end": (
        lambda: script("setInterval(() => window.open('/bad'), 100)", before=TERMS),
        "first",
        "",
    ),
    "a page that closes itself": (lambda: script("window.close()", before=TERMS), "first", ""),
    "a page that asks to print": (lambda: script("print(); prompt('?')", before=TERMS), "first", ""),
}


@pytest.fixture(autouse=True)
def short_limits(settings: Settings) -> None:
    settings.BROWSER_SECONDS = 8
    settings.BROWSER_BYTES = 5 * 2**20
    settings.BROWSER_MEMORY = 800 * 2**20


@pytest.fixture(autouse=True)
def pages(site: WireServer) -> None:
    site.answers("/good", shell())
    site.answers("/much", body=b"x" * 2**20)
    site.answers("/download", body=b"PK\x03\x04", headers={"Content-Type": "application/zip"})


@pytest.mark.parametrize("case", CASES)
def test_hostile_page_is_a_check_and_the_next_document_is_read(site: WireServer, case: str) -> None:
    answer, outcome, reason = CASES[case]
    site.answers("/bad", answer())
    bad, good = document_at(site.url("/bad")), document_at(site.url("/good"))

    checks = read_all(bad, good)

    assert [(check.outcome, check.reason) for check in checks] == [(outcome, reason), ("first", "")], checks[0].why
    with tenancy.system_scope("look"):
        assert Incident.objects.filter(document=bad, reason=reason).exists() == (outcome != "first")


def browsers(words: str = "") -> list[psutil.Process]:
    """What runs below us and has to do with a browser, with these words in its command."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            command = " ".join(process.cmdline())
        except psutil.NoSuchProcess:  # it has just ended
            continue
        if words in command and any(sign in command for sign in SIGNS):
            found.append(process)
    return found


def namespace(process: int) -> str:
    return str(Path(f"/proc/{process}/ns/user").readlink())


def test_nothing_is_left_running_and_no_folder_is_left(site: WireServer) -> None:
    read_all(document_at(site.url("/good")))
    started = browsers()
    folders = {
        Path(word.partition("=")[2]).parent for each in browsers(PROFILE) for word in each.cmdline() if PROFILE in word
    }

    asking.close()

    assert len(started) > 4
    assert [process for process in started if process.is_running()] == []
    assert folders
    assert not any(folder.exists() for folder in folders)


def test_nothing_is_left_running_when_the_worker_is_killed(site: WireServer) -> None:
    code = f"""
import os, signal, django
from django.conf import settings
settings.configure(BROWSER={os.environ["CHROMIUM"]!r}, BROWSER_SANDBOX=True, BROWSER_MEMORY=2**30, BROWSER_SECONDS=20,
    BROWSER_BYTES=2**20, BROWSER_PAGES=9, USER_AGENT="test", EGRESS_ALLOW_LOOPBACK=True, EGRESS_LOOPBACK_PORTS=[])
from monitoring.fetching.browser import asking
print(asking.read({site.url("/good")!r}).status, flush=True)
signal.pause()
"""
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "200\n"
        started = browsers()
        worker.kill()
        _, left = psutil.wait_procs(started, timeout=20)
    finally:
        worker.kill()
        worker.wait()

    assert len(started) > 4
    assert left == []


def test_chromium_has_its_sandbox_and_no_rights_of_root(site: WireServer) -> None:
    read_all(document_at(site.url("/good")))

    started = browsers(PROFILE)
    zygotes = [each for each in browsers("--type=zygote") if "--no-zygote-sandbox" not in each.cmdline()]

    assert started
    assert all(0 not in each.uids() for each in started)
    assert not any("--no-sandbox" in each.cmdline() for each in started)
    # What parses pages is born in a user namespace of its own.
    assert zygotes
    assert all(namespace(each.pid) != namespace(os.getpid()) for each in zygotes)


@pytest.mark.parametrize("victim", ["monitoring.fetching.browser", "playwright/driver", PROFILE])
def test_browser_that_is_killed_in_the_middle_is_a_check_and_the_next_document_is_read(
    site: WireServer, victim: str
) -> None:
    asking.close()
    site.answers("/bad", script("setTimeout(() => app.innerHTML = 'x', 60000)"))
    ended = threading.Event()

    def kill() -> None:
        while not ended.wait(0.05):
            if "/bad" in site.paths_asked() and (found := browsers(victim)):
                found[0].kill()
                return

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        checks = read_all(document_at(site.url("/bad")), document_at(site.url("/good")))
    finally:
        ended.set()
        killer.join()
    asking.close()

    assert [(check.outcome, check.reason) for check in checks] == [("unreadable", "too_complex"), ("first", "")]
    assert browsers() == []


def test_fresh_browser_is_started_after_so_many_pages(site: WireServer, settings: Settings) -> None:
    settings.BROWSER_PAGES = 2
    documents = [document_at(site.url("/good")) for _ in range(3)]

    read_all(*documents[:1])
    first = browsers(PROFILE)
    read_all(*documents[1:])

    assert first
    assert not set(first) & set(browsers(PROFILE))


def test_pages_know_nothing_of_each_other(site: WireServer) -> None:
    words = "app.innerHTML = document.cookie || localStorage.kept ? 'I know you' : " + repr(TERMS)
    site.answers("/terms", script(f"{words}; document.cookie = 'kept=1'; localStorage.kept = 1"))
    site.answers("/other", page("<p>nothing</p>"))

    checks = read_all(document_at(site.url("/terms")), document_at(site.url("/terms")))

    assert [check.outcome for check in checks] == ["first", "first"]
