"""The caught mails: one `.eml` file each, exactly as received but for the envelope written above its headers."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from html import unescape
from pathlib import Path

ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")


@dataclass(frozen=True)
class Caught:
    """One mail, by its number. The envelope says who it was really for."""

    number: int
    content: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def subject(self) -> str:
        return str(self.message.get("Subject", ""))

    @property
    def sender(self) -> str:
        return str(self.message.get("From", ""))

    @property
    def recipients(self) -> list[str]:
        return [str(address) for address in self.message.get_all("Delivered-To", [])]

    @property
    def caught_at(self) -> datetime:
        return datetime.fromisoformat(str(self.message["X-Caught-At"]))

    @cached_property
    def text(self) -> str:
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        return self._body("html")

    @property
    def links(self) -> list[str]:
        """The web addresses of both bodies, each once, in order."""
        return list(dict.fromkeys(ADDRESS.findall(self.text) + ADDRESS.findall(unescape(self.html))))

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part is not None else ""


class Mailbox:
    """A folder of caught mails. Called from several threads; numbers only grow."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._last = max(self._numbers(), default=0)

    def keep(self, *, sender: str, recipients: Sequence[str], content: bytes) -> int:
        """Keep a mail with its envelope, and return its number."""
        lines = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
        lines.append(f"X-Caught-At: {datetime.now(UTC).isoformat(timespec='milliseconds')}")
        with self._lock:
            self._last += 1
            number = self._last
        draft = self._folder / f"{number:06}.new"
        draft.write_bytes("".join(f"{line}\r\n" for line in lines).encode() + content)
        draft.replace(self._path(number))
        return number

    def newest_first(self, *, to: str = "") -> list[Caught]:
        """All mails, or those whose envelope names the address."""
        mails = [mail for number in sorted(self._numbers(), reverse=True) if (mail := self.get(number))]
        return [mail for mail in mails if not to or to.casefold() in map(str.casefold, mail.recipients)]

    def get(self, number: int) -> Caught | None:
        try:
            return Caught(number, self._path(number).read_bytes())
        except FileNotFoundError:
            return None

    def empty(self) -> None:
        for number in self._numbers():
            self._path(number).unlink(missing_ok=True)

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("*.eml")]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:06}.eml"
