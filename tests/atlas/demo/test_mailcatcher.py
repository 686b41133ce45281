"""The mail catcher over real SMTP and real HTTP."""

import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from atlas.demo.mailcatcher.mailbox import Mailbox
from atlas.demo.mailcatcher.pages import MailPages
from atlas.demo.mailcatcher.sink import SmtpServer
from tests.atlas.demo.conftest import Client, Start

LINK = "http://localhost:8000/c/chg_1/?org=a&x=1"


def written(subject: str = "Wrenfold changed its terms: 30 → 90 days", to: str = "alice@example.org") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "ConductAtlas <alerts@atlas.example>", to
    mail["List-Unsubscribe"] = "<http://localhost:8000/unsubscribe/abc/>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(f"Read it: {LINK}.\n<b>not markup</b> é\n")
    linked = LINK.replace("&", "&amp;")
    mail.add_alternative(f'<html><head></head><body><a href="{linked}">Read</a></body></html>', subtype="html")
    return mail


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mails"


@pytest.fixture
def mailbox(folder: Path) -> Mailbox:
    return Mailbox(folder)


@pytest.fixture
def smtp(mailbox: Mailbox) -> Iterator[smtplib.SMTP]:
    server = SmtpServer(mailbox, "127.0.0.1", 0)
    server.start()
    with smtplib.SMTP("127.0.0.1", server.port, timeout=10) as client:
        yield client
    server.stop()


@pytest.fixture
def pages(mailbox: Mailbox, start: Start) -> Client:
    return start(MailPages(mailbox).server("127.0.0.1", 0))


def test_mails_sent_by_smtp_are_listed_newest_first(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written("First"))
    smtp.send_message(written("Second"))
    assert [mail["subject"] for mail in pages.get("/messages.json").json()] == ["Second", "First"]
    front = pages.get("/").text
    assert "2 mails" in front
    assert front.index("Second") < front.index("First")


def test_mail_is_told_by_envelope_headers_bodies_and_links(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written(), to_addrs=["hidden@example.org"])
    [mail] = pages.get("/messages.json").json()
    assert mail["to"] == ["hidden@example.org"]
    assert mail["subject"] == "Wrenfold changed its terms: 30 → 90 days"
    assert mail["links"] == [LINK]
    assert ["List-Unsubscribe-Post", "List-Unsubscribe=One-Click"] in mail["headers"]
    assert "<b>not markup</b> é" in mail["text"]


def test_mails_are_filtered_by_their_recipient(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written(to="alice@example.org"))
    smtp.send_message(written(to="bob@example.org"))
    [mail] = pages.get("/messages.json?to=Bob@example.org").json()
    assert mail["to"] == ["bob@example.org"]
    assert "alice@" not in pages.get("/?to=bob@example.org").text


def test_text_is_shown_escaped_with_links_that_can_be_followed(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written())
    page = pages.get("/messages/1").text
    escaped = LINK.replace("&", "&amp;")
    assert f'<a href="{escaped}">{escaped}</a>.' in page
    assert "&lt;b&gt;not markup&lt;/b&gt;" in page


def test_html_is_framed_in_a_sandbox_and_opens_links_in_a_new_tab(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written())
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in pages.get("/messages/1").text
    shown = pages.get("/messages/1/html")
    assert '<head><base target="_blank"></head>' in shown.text
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "sandbox allow-popups" in shown.headers["content-security-policy"]
    assert "allow-scripts" not in shown.headers["content-security-policy"]


def test_one_click_unsubscribing_is_offered_as_mail_programs_do(smtp: smtplib.SMTP, pages: Client) -> None:
    smtp.send_message(written())
    page = pages.get("/messages/1").text
    assert 'action="http://localhost:8000/unsubscribe/abc/"' in page
    assert 'name="List-Unsubscribe" value="One-Click"' in page


def test_source_is_the_mail_as_received_below_its_envelope(smtp: smtplib.SMTP, pages: Client, folder: Path) -> None:
    mail = written()
    smtp.send_message(mail)
    source = pages.get("/messages/1/source")
    assert source.headers["content-type"] == "text/plain; charset=utf-8"
    assert source.body == (folder / "000001.eml").read_bytes()
    assert source.body.startswith(b"Return-Path: <alerts@atlas.example>\r\nDelivered-To: alice@example.org\r\n")


def test_mails_survive_a_restart_and_numbers_go_on(mailbox: Mailbox, folder: Path) -> None:
    mailbox.keep(sender="a@example.org", recipients=["b@example.org"], content=b"Subject: one\r\n\r\n")
    again = Mailbox(folder)
    assert again.keep(sender="", recipients=["b@example.org"], content=b"Subject: two\r\n\r\n") == 2
    assert [mail.subject for mail in again.newest_first()] == ["two", "one"]


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/delete", 303), ("DELETE", "/messages", 200)])
def test_all_mails_can_be_deleted(
    smtp: smtplib.SMTP, pages: Client, folder: Path, method: str, path: str, status: int
) -> None:
    smtp.send_message(written())
    assert pages.ask(method, path).status == status
    assert list(folder.iterdir()) == []
    assert "Nothing yet." in pages.get("/").text


@pytest.mark.parametrize("path", ["/messages/7", "/messages/1/html", "/messages/1/other", "/messages/x", "/other"])
def test_what_is_not_there_is_404(mailbox: Mailbox, pages: Client, path: str) -> None:
    mailbox.keep(sender="", recipients=["b@example.org"], content=b"Subject: text only\r\n\r\nHello\r\n")
    assert pages.get(path).status == 404


@pytest.mark.servers
def test_process_catches_a_mail_and_ends_on_sigterm(folder: Path) -> None:
    ports = ["--smtp-port", "0", "--http-port", "0"]
    command = [sys.executable, "-m", "atlas.demo.mailcatcher", *ports, "--state", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        smtp_port = int(process.stdout.readline().rstrip(")\n").rsplit(" ", 1)[1])
        try:
            with smtplib.SMTP("127.0.0.1", smtp_port, timeout=10) as client:
                client.send_message(written())
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert [path.name for path in folder.iterdir()] == ["000001.eml"]


def test_process_knows_no_django() -> None:
    code = "import sys, atlas.demo.mailcatcher.__main__ as m; print('django' in sys.modules, m.main.__name__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False main"
