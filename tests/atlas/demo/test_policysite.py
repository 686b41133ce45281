"""The policy site over real HTTP: pages and validators, failures, the front page, the controls."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from atlas.demo.policysite.captures import CaptureScript
from atlas.demo.policysite.history import HistoryScript, Kind, written_documents
from atlas.demo.policysite.scripts import Script
from monitoring.fetching import classify
from tests.atlas.demo.conftest import Client
from tests.atlas.demo.running import survivors

TERMS = "wrenfold/terms-of-service"


def test_document_is_served_inside_the_furniture_of_its_site(demo: Client) -> None:
    answer = demo.get(f"/{TERMS}")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    for part in ("<nav", "<footer", "ookies", "<h1 id=", "Wrenfold Labs, Inc."):
        assert part in answer.text


def test_known_etag_is_answered_304_without_a_body(demo: Client) -> None:
    first = demo.get(f"/{TERMS}")
    again = demo.get(f"/{TERMS}", If_None_Match=f'"other", W/{first.headers["etag"]}')
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


def test_last_modified_is_the_day_of_the_step_and_is_answered_304(demo: Client) -> None:
    first = demo.get(f"/{TERMS}")
    assert first.headers["last-modified"] == "Tue, 06 Oct 2026 12:20:00 GMT"
    assert demo.get(f"/{TERMS}", If_Modified_Since=first.headers["last-modified"]).status == 304


def test_unknown_etag_outweighs_a_known_date(demo: Client) -> None:
    date = demo.get(f"/{TERMS}").headers["last-modified"]
    assert demo.get(f"/{TERMS}", If_None_Match='"other"', If_Modified_Since=date).status == 200


def test_document_set_back_to_an_earlier_step_is_not_taken_for_known(demo: Client) -> None:
    known = demo.get(f"/{TERMS}").headers
    demo.post("/_site/show", {"document": TERMS, "step": 0})
    answer = demo.get(f"/{TERMS}", If_Modified_Since=known["last-modified"])
    assert answer.status == 200
    assert answer.headers["etag"] != known["etag"]


def test_many_requests_travel_over_one_connection(demo: Client) -> None:
    demo.get(f"/{TERMS}")
    socket = demo.connection.sock
    for path in ("/robots.txt", "/no/such", f"/{TERMS}"):
        demo.get(path)
    assert demo.connection.sock is socket


def test_head_tells_the_length_and_sends_nothing(demo: Client) -> None:
    head = demo.ask("HEAD", f"/{TERMS}")
    assert head.body == b""
    assert int(head.headers["content-length"]) == len(demo.get(f"/{TERMS}").body)


def test_application_is_a_shell_whose_text_stands_elsewhere(demo: Client) -> None:
    shell, text = demo.get("/hexmoor/acceptable-use"), demo.get("/hexmoor/acceptable-use.fragment")
    told = classify(
        shell.body, status=200, media_type="text/html", url="", final_url="", expected_kind="acceptable-use-policy"
    )
    assert told.outcome == "js_shell"
    assert "You may not use the services" in text.text
    assert "/hexmoor/acceptable-use" in demo.get("/").text


def test_robots_txt_allows_documents_and_forbids_the_controls(demo: Client) -> None:
    assert demo.get("/robots.txt").text == "User-agent: *\nDisallow: /_site/\n"


def test_unknown_path_is_404(demo: Client) -> None:
    assert demo.get("/wrenfold/cookies").status == 404


def test_unknown_method_on_a_document_is_405(demo: Client) -> None:
    assert demo.post(f"/{TERMS}", {}).status == 405


@pytest.mark.parametrize("kind", [Kind.BLANK, Kind.BLOCK, Kind.SOFT_404])
def test_failure_step_is_served_as_written_and_without_validators(demo: Client, kind: Kind) -> None:
    step, document = next((s, d) for d in written_documents() for s in d.steps if s.kind is kind)
    demo.post("/_site/show", {"document": document.key, "step": step.number})
    answer = demo.get(f"/{document.key}")
    assert answer.status == step.status
    assert "etag" not in answer.headers
    visible = re.sub(r"(?s)<head>.*</head>|<[^>]+>|\s", "", answer.text)
    assert bool(visible) == (kind is not Kind.BLANK)


def test_front_page_lists_each_document_and_publishes_the_next_version_by_form(demo: Client) -> None:
    front = demo.get("/").text
    for document in written_documents():
        assert f'<a href="/{document.key}">' in front
    assert "Publish the next version</button>" in front
    before = demo.get(f"/{TERMS}").text
    sent = urlencode({"document": TERMS}).encode()
    answer = demo.ask("POST", "/_site/publish", sent, {"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert demo.get(f"/{TERMS}").text != before


def test_published_version_tells_when_it_was_published(demo: Client) -> None:
    before = demo.get(f"/{TERMS}").headers["last-modified"]
    demo.post("/_site/publish", {"document": TERMS})
    assert demo.get(f"/{TERMS}").headers["last-modified"] not in ("", before)


def test_publishing_past_the_last_version_is_refused(demo: Client) -> None:
    last = len(next(d for d in written_documents() if d.key == TERMS).steps) - 1
    demo.post("/_site/show", {"document": TERMS, "step": last})
    answer = demo.post("/_site/publish", {"document": TERMS})
    assert (answer.status, answer.json()) == (400, {"error": f"{TERMS} has no further version"})
    assert "Every version that was written is published." in demo.get("/").text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"document": "wrenfold/none", "step": 0}, "there is no document wrenfold/none"),
        ({"document": TERMS, "step": 99}, f"{TERMS} has the steps 0 to"),
        ({"document": TERMS, "step": "first"}, "a step is a number"),
        ({"document": TERMS}, "name the step"),
        ({"step": 1}, "name the document"),
        ([], "must be a JSON object"),
    ],
)
def test_control_that_cannot_be_followed_is_refused_in_words(demo: Client, content: object, words: str) -> None:
    answer = demo.post("/_site/show", content)
    assert answer.status == 400
    assert words in answer.json()["error"]


def test_state_names_steps_with_their_dates_and_counts_requests(demo: Client) -> None:
    etag = demo.get(f"/{TERMS}").headers["etag"]
    demo.get(f"/{TERMS}", If_None_Match=etag)
    state = demo.get("/_site/state").json()
    terms = next(document for document in state["documents"] if document["document"] == TERMS)
    assert terms["path"] == f"/{TERMS}"
    assert terms["step"] == terms["last_dated"] == 5
    assert terms["steps"][0]["date"] == "2026-02-12T08:00:00+00:00"
    assert terms["steps"][6]["date"] is None
    assert state["requests"] == {f"/{TERMS}": 2}
    assert state["not_modified"] == {f"/{TERMS}": 1}


def test_restart_goes_on_where_the_site_stood(site: Callable[[Script], Client], kept_in: Path) -> None:
    site(HistoryScript(written_documents(), kept_in)).post("/_site/publish", {"document": TERMS})
    again = site(HistoryScript(written_documents(), kept_in))
    assert json.loads(kept_in.read_text())[TERMS]["step"] == 6
    standing = {d["document"]: d["step"] for d in again.get("/_site/state").json()["documents"]}
    assert standing[TERMS] == 6


def test_captures_are_served_byte_for_byte_at_any_path(site: Callable[[Script], Client], tmp_path: Path) -> None:
    pages = {sha256(page).hexdigest(): page for page in (b"<p>one\xff", b"%PDF-1.7 two")}
    lines = []
    for (name, page), media_type in zip(pages.items(), ("text/html", "application/pdf"), strict=True):
        (tmp_path / name).write_bytes(page)
        lines.append(json.dumps({"sha256": name, "media_type": media_type, "service": "any"}))
    index = tmp_path / "index.jsonl"
    index.write_text("\n".join(lines))
    client = site(CaptureScript(index, tmp_path))
    assert client.get("/a/terms").status == 404
    for name, media_type in zip(pages, ("text/html", "application/pdf"), strict=True):
        client.post("/_site/show", {"document": "/a/terms", "step": name})
        answer = client.get("/a/terms")
        assert (answer.body, answer.headers["content-type"]) == (pages[name], media_type)
    state = client.get("/_site/state").json()
    assert state["shown"] == {"/a/terms": name}
    assert state["requests"] == {"/a/terms": 3}


def test_capture_that_the_index_or_the_folder_lacks_is_refused(
    site: Callable[[Script], Client], tmp_path: Path
) -> None:
    lost = sha256(b"lost").hexdigest()
    index = tmp_path / "index.jsonl"
    index.write_text(json.dumps({"sha256": lost, "media_type": "text/html"}))
    client = site(CaptureScript(index, tmp_path))
    for step, words in (("../index.jsonl", "the index names no"), (lost, "the folder holds no file")):
        answer = client.post("/_site/show", {"document": "/a", "step": step})
        assert (answer.status, words in answer.json()["error"]) == (400, True)


@pytest.mark.servers
def test_process_prints_its_address_serves_and_ends_on_sigterm(kept_in: Path) -> None:
    command = [sys.executable, "-m", "atlas.demo.policysite", "--port", "0", "--state", str(kept_in)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("Policy site: ").strip()
        try:
            read = [sys.executable, "-c", f"import urllib.request as u; print(u.urlopen('{url}/').status)"]
            assert subprocess.run(read, capture_output=True, text=True, check=True).stdout.strip() == "200"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_process_knows_no_django() -> None:
    code = "import sys, atlas.demo.policysite.__main__ as m; print('django' in sys.modules, m.main.__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False main"


def test_a_site_that_belongs_to_its_parent_ends_with_it(tmp_path: Path) -> None:
    start = (
        "import os, subprocess, sys; command = [sys.executable, '-m', 'atlas.demo.policysite', '--port', '0',"
        " '--with-parent', '--state', sys.argv[1]]; site = subprocess.Popen(command, stdout=subprocess.PIPE, text=True);"
        " print(site.pid, site.stdout.readline(), flush=True); os.kill(os.getpid(), 9)"
    )
    parent = subprocess.run(
        [sys.executable, "-c", start, str(tmp_path / "state")], capture_output=True, text=True, check=False
    )
    pid, said = parent.stdout.split(maxsplit=1)
    assert said.startswith("Policy site: ")
    assert not survivors([psutil.Process(int(pid))] if psutil.pid_exists(int(pid)) else [])
