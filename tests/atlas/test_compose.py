"""docker-compose.yml: parsed as Compose does it; each command is started with its environment on embedded servers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from atlas.demo.processes import free_port, spawn, stop
from atlas.demo.servers import Postgres, Valkey, postgres_installation
from atlas.demo.with_servers import throw_away_servers

PROJECT = Path(__file__).resolve().parents[2]
SECRETS = {
    "SECRET_KEY": "rfc6962-is-a-log-and-this-is-a-key-of-more-than-fifty-characters",
    "BASE_URL": "https://atlas.example",
    "ALLOWED_HOSTS": "atlas.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "DEFAULT_FROM_EMAIL": "notices@atlas.example",
    "POSTGRES_PASSWORD": "superuser",
    "ATLAS_OWNER_PASSWORD": "owner",
    "ATLAS_SITE_PASSWORD": "site",
    "ATLAS_TASKS_PASSWORD": "tasks",
}
VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>\w+)(?::(?P<kind>[?-])(?P<rest>[^}]*))?\})")
OURS = ("migrate", "catalogue", "web", "staff", "worker", "beat")
START_SECONDS = 60
# What the Dockerfile does, without the API's interactive page: compressing that takes half a minute.
COLLECT = ["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
COLLECT += ["--ignore", "drf_spectacular_sidecar", "--ignore", "rest_framework"]


class NotSet(Exception):
    """A variable without which Compose refuses to start."""


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """Fill in variables as Compose does: `$$`, `${A}`, `${A:-default}`, `${A:?message}`."""

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match["name"], match["kind"], match["rest"]
        if name is None:
            return "$"
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise NotSet(name)
        return rest or ""

    return VARIABLE.sub(value, text)


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    text = (PROJECT / "docker-compose.yml").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    parsed: dict[str, Any] = yaml.safe_load(interpolate("\n".join(lines), variables))
    return parsed


@dataclass
class Stack:
    """The services of the file, at home on this machine: its hosts and ports replaced by the embedded servers'."""

    services: dict[str, Any]
    postgres: Postgres
    valkey: Valkey
    folder: Path
    port: int

    def at_home(self, text: str) -> str:
        places = {
            "postgres:5432": f"127.0.0.1:{self.postgres.port}",
            "redis:6379": f"127.0.0.1:{self.valkey.port}",
            "0.0.0.0:8000": f"127.0.0.1:{self.port}",
            "127.0.0.1:8000": f"127.0.0.1:{self.port}",
            "/tmp/beat": str(self.folder / "beat"),
        }
        for there, here in places.items():
            text = text.replace(there, here)
        return text

    def environment(self, service: str, **changed: str) -> dict[str, str]:
        """Nothing but what the image and the file say, so that a forgotten variable is noticed."""
        said = {name: self.at_home(str(value)) for name, value in self.services[service]["environment"].items()}
        image = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.folder)}
        kept = {"ATLAS_STATE": str(self.folder / "state"), "ATLAS_STATIC_ROOT": str(self.folder / "static")}
        return {**image, **kept, **said, **changed}

    def command(self, service: str) -> list[str]:
        return [self.at_home(part) for part in self.services[service]["command"]]

    def run(self, service: str, command: list[str] | None = None, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command or self.command(service),
            cwd=PROJECT,
            env=self.environment(service, **changed),
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS * 1.5,
        )

    @contextmanager
    def started(self, service: str) -> Iterator[subprocess.Popen[bytes]]:
        environment, log = self.environment(service), self.folder / f"{service}.log"
        # spawn() looks for the program in our own PATH
        program, *rest = self.command(service)
        process = spawn(
            [Path(sys.executable).parent / program, *rest], log=log, environment=environment, folder=PROJECT
        )
        try:
            yield process
        finally:
            stop(process)

    def healthy(self, service: str) -> bool:
        """Ask as Compose does, until it says yes; the test fails when the process is gone or time is up."""
        test = self.services[service]["healthcheck"]["test"]
        command = ["sh", "-c", test[1]] if test[0] == "CMD-SHELL" else test[1:]
        asked = f"""
            deadline=$(( $(date +%s) + {START_SECONDS} ))
            until "$@"; do [ "$(date +%s)" -lt "$deadline" ] || exit 1; done
        """
        done = self.run(service, ["sh", "-c", asked, "sh", *[self.at_home(part) for part in command]])
        return done.returncode == 0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Servers with the roles and the database that the file's own script makes, migrated by its own command."""
    parsed = compose(SECRETS)
    with throw_away_servers() as (postgres, valkey):
        postgres.ask("DROP ROLE atlas_owner")
        environment = {
            **parsed["services"]["postgres"]["environment"],
            "PATH": f"{postgres_installation() / 'bin'}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres.port),
        }
        script = parsed["configs"]["roles"]["content"]
        subprocess.run(["bash", "-ec", script], env=environment, check=True)
        made = Stack(parsed["services"], postgres, valkey, tmp_path_factory.mktemp("compose"), free_port())
        for command in (None, COLLECT):
            done = made.run("migrate", command)
            assert done.returncode == 0, done.stderr
        yield made


def ask(stack: Stack, path: str) -> int:
    """The status of a page, asked for as the proxy in front does."""
    headers = {"Host": "atlas.example", "X-Forwarded-Proto": "https"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{stack.port}{path}", headers=headers)
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("name", SECRETS)
def test_without_a_secret_compose_refuses_and_names_it(name: str) -> None:
    with pytest.raises(NotSet, match=f"^{name}$"):
        compose({key: value for key, value in SECRETS.items() if key != name})


def test_only_settings_that_are_no_secrets_have_a_default() -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    with_default = {match["name"] for match in VARIABLE.finditer(text) if match["name"] and match["kind"] != "?"}
    plain = {"TRUST_PROXY", "ATLAS_READ", "LOG_LEVEL", "ATLAS_SURFACE", "WEB_PORT", "STAFF_PORT"}
    assert with_default == plain


def test_every_service_that_stays_has_a_health_check() -> None:
    services = compose(SECRETS)["services"]
    assert {name for name, service in services.items() if "healthcheck" not in service} == {"migrate", "catalogue"}


def test_only_the_proxy_on_the_same_machine_reaches_a_port() -> None:
    published = [port for service in compose(SECRETS)["services"].values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_image_runs_as_somebody_else_than_root() -> None:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")][-1] == "USER atlas"


def test_the_image_is_made_of_every_folder_that_python_imports() -> None:
    copied = set(re.findall(r"^COPY (\S+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE))
    assert {"manage.py", "atlas", "accounts", "billing", "monitoring", "templates"} <= copied


@pytest.mark.servers
class TestCommands:
    """Each command, as the file has it."""

    def test_the_owner_is_no_superuser_and_the_logins_own_nothing(self, stack: Stack) -> None:
        rights = "SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE rolname LIKE 'atlas_%' AND {}"
        assert stack.postgres.ask(rights.format("rolsuper")) == ""
        assert stack.postgres.ask(rights.format("rolcreaterole")) == "atlas_owner"
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert stack.postgres.ask(owners, database="atlas") == "atlas_owner"

    def test_migrating_again_changes_nothing(self, stack: Stack) -> None:
        done = stack.run("migrate")
        assert done.returncode == 0, done.stderr
        assert "No migrations to apply" in done.stdout

    def test_catalogue_is_loaded(self, stack: Stack) -> None:
        done = stack.run("catalogue")
        assert done.returncode == 0, done.stderr

    def test_web_is_ready_and_shows_the_home_page(self, stack: Stack) -> None:
        with stack.started("web"):
            assert stack.healthy("web"), (stack.folder / "web.log").read_text()
            assert ask(stack, "/") == 200

    def test_staff_serves_the_admin_alone(self, stack: Stack) -> None:
        with stack.started("staff"):
            assert stack.healthy("staff"), (stack.folder / "staff.log").read_text()
            assert ask(stack, "/admin/login/") == 200
            assert ask(stack, "/platforms/") == 404

    def test_worker_answers(self, stack: Stack) -> None:
        with stack.started("worker"):
            os.environ.setdefault("HOSTNAME", os.uname().nodename)
            ping = ["celery", "-A", "atlas", "inspect", "ping", "--timeout", "30"]
            done = stack.run("worker", ["sh", "-c", f"until {' '.join(ping)}; do :; done"])
            assert "pong" in done.stdout

    def test_beat_writes_down_what_it_rings(self, stack: Stack) -> None:
        with stack.started("beat"):
            assert stack.healthy("beat"), (stack.folder / "beat.log").read_text()

    @pytest.mark.parametrize("service", ["web", "worker", "beat", "migrate"])
    def test_unsafe_settings_refuse_to_start(self, stack: Stack, service: str) -> None:
        done = stack.run(service, SECRET_KEY="short")
        assert done.returncode != 0
        assert "SECRET_KEY" in done.stderr
        assert "Traceback" not in done.stderr
