"""The one folder in which `make run` keeps everything: data, ports, secret key, logs. `make clean` removes it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit, urlunsplit

from atlas.demo.processes import LOOPBACK, ProcessFailed, free_port, listens
from atlas.demo.servers import OWNER, Postgres, Valkey

DATABASE = "atlas"
SITE_LOGIN = "atlas_site"
TASKS_LOGIN = "atlas_tasks"
INNER_SERVICES = ("postgres", "valkey", "policysite", "mail", "mailbox")
"""Who needs a port besides the web: `mail` takes SMTP, `mailbox` shows the caught mail over HTTP."""


@dataclass(frozen=True)
class State:
    """The state folder, held by one process at a time."""

    folder: Path
    lock: IO[str]

    @classmethod
    def take(cls, folder: Path) -> State:
        """Make the folder and lock it. Raises ProcessFailed where another process holds it."""
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise ProcessFailed(f"ConductAtlas already runs from this folder ({folder}). Stop it first.") from None
        (folder / "logs").mkdir(exist_ok=True)
        return cls(folder, lock)

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def postgres(self, ports: Mapping[str, int]) -> Postgres:
        return Postgres(self.folder / "postgres", ports["postgres"], self.log("postgres"))

    def valkey(self, ports: Mapping[str, int]) -> Valkey:
        return Valkey(self.folder / "valkey", ports["valkey"], self.log("valkey"))

    def ports(self, *, taken: int) -> Mapping[str, int]:
        """The inner ports: chosen once, remembered, and chosen again only where somebody else listens now.

        `taken` is the port of the web, which none of them may get.
        """
        file = self.folder / "ports.json"
        known: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        ports: dict[str, int] = {}
        for name in INNER_SERVICES:
            port = known.get(name, 0)
            while not port or port == taken or port in ports.values() or listens(port):
                port = free_port()
            ports[name] = port
        if ports != known:
            _write(file, json.dumps(ports, indent=2) + "\n")
        return ports

    def secret_key(self) -> str:
        """The key that signs sessions: made once, readable by us alone."""
        file = self.folder / "secret_key"
        if not file.exists():
            _write(file, secrets.token_urlsafe(64))
        return file.read_text()

    def keep_environment(self, told: Mapping[str, str]) -> None:
        """Write what a shell needs to speak to the running servers (`make manage`), as lines that it can read."""
        names = sorted(name for name in told if name not in os.environ or told[name] != os.environ[name])
        lines = [f"export {name}={shlex.quote(told[name])}\n" for name in names]
        _write(self.folder / "environment", "".join(lines))

    def truncate_logs(self) -> None:
        """Begin each run with empty logs, so that what is shown of them belongs to this run."""
        for log in (self.folder / "logs").glob("*.log"):
            log.write_bytes(b"")

    def remove(self) -> None:
        Postgres(self.folder / "postgres", 0, self.log("postgres")).forget()
        shutil.rmtree(self.folder)


def _write(file: Path, text: str) -> None:
    """All or nothing: an interrupted first start leaves no half-written file."""
    unfinished = file.with_name(f"{file.name}.unfinished")
    unfinished.write_text(text)
    unfinished.chmod(0o600)
    unfinished.replace(file)


CALLER_DECIDES = ("DEBUG", "BASE_URL", "ALLOWED_HOSTS", "ALERT_REVIEW_WINDOW")
"""Of what we tell the children, the caller's environment may say these otherwise."""


def environment(state: State, ports: Mapping[str, int], *, port: int) -> dict[str, str]:
    """What every child is told, but for its DATABASE_URL (see `database_url`)."""
    ours = {
        "DEBUG": "0",
        "SECRET_KEY": state.secret_key(),
        "BASE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": f"localhost,{LOOPBACK}",
        "REDIS_URL": os.environ["REDIS_URL"] if named_servers() else f"redis://{LOOPBACK}:{ports['valkey']}/0",
        "EMAIL_URL": f"smtp://{LOOPBACK}:{ports['mail']}",
        "ALERT_REVIEW_WINDOW": "120",
        "ATLAS_DEMO": "1",
        "STAFF_MFA": "off",
        "ATLAS_STATE": str(state.folder),
        "ATLAS_ALLOW_LOOPBACK": "1",
        "ATLAS_POLICY_SITE_URL": f"http://{LOOPBACK}:{ports['policysite']}",
        "ATLAS_MAILCATCHER_URL": f"http://{LOOPBACK}:{ports['mailbox']}",
        "PYTHONUNBUFFERED": "1",
    }
    said = {name: os.environ[name] for name in CALLER_DECIDES if os.environ.get(name)}
    return {**os.environ, **ours, **said}


def named_servers() -> bool:
    """Whether the caller named servers of their own, which are then used instead of ours."""
    return bool(os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"))


def database_url(ports: Mapping[str, int], role: str = OWNER) -> str:
    """Where this role finds the database. On a named server that is the named database, with `role` for the name's user.

    A password is then looked for in ATLAS_SITE_PASSWORD and ATLAS_TASKS_PASSWORD, as in docker-compose.yml.
    """
    if not named_servers():
        return f"postgresql://{role}@{LOOPBACK}:{ports['postgres']}/{DATABASE}"
    named = os.environ["DATABASE_URL"]
    if role == OWNER:
        return named
    parts = urlsplit(named)
    password = os.environ.get(f"{role.upper()}_PASSWORD", "")
    login = f"{role}:{quote(password, safe='')}" if password else role
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))
