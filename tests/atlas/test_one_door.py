"""Nothing but egress opens a connection to another host; what speaks to servers of our own is listed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = frozenset(
    """http.client httpx httpx2 httpcore httpcore2 urllib.request urllib3 requests aiohttp pycurl smtplib ftplib
    telnetlib socket stripe websockets playwright""".split()
)
#: asyncio is for more than connections: these of its functions make one.
CONNECTING = frozenset({"open_connection", "open_unix_connection", "create_connection", "sock_connect"})
#: Each with what it may use, and why.
LISTED = {
    "accounts/social.py": {"requests"},  # allauth speaks through it; its one transport is the door
    "atlas/kernel/egress.py": {"pycurl"},  # the door
    "atlas/kernel/connecting.py": {"socket", "create_connection"},  # its lock
    "atlas/kernel/mail.py": {"smtplib"},  # the mail server of the settings
    "monitoring/fetching/browser/proxy.py": {"open_connection"},  # the browser's only way out, by the same judge
    "monitoring/fetching/browser/__main__.py": {
        "playwright"
    },  # starts the browser, whose switches leave it no other way
    "monitoring/fetching/browser/chromium.py": {"playwright"},
    "monitoring/fetching/browser/visiting.py": {"playwright"},
    "monitoring/management/capturesite.py": {"http.client"},  # asks its own server, on this machine
}
#: The demo starts and asks servers of its own on this machine; the product never imports it (see the import contracts).
OWN_SERVERS = "atlas/demo/"


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def clients_of(path: Path) -> set[str]:
    names = list(imported(path))
    clients = {client for name in names for client in CLIENTS if name == client or name.startswith(f"{client}.")}
    return clients | {each for each in named(path) | {name.rpartition(".")[2] for name in names} if each in CONNECTING}


def named(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def product_files() -> list[Path]:
    rooms = ("accounts", "atlas", "billing", "monitoring")
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_only_egress_can_open_a_connection_to_another_host() -> None:
    files = product_files()
    found = {
        str(path.relative_to(ROOT)): clients
        for path in files
        if not str(path.relative_to(ROOT)).startswith(OWN_SERVERS) and (clients := clients_of(path))
    }

    assert len(files) > 100
    assert found == LISTED


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "from urllib import request",
        "from http.client import HTTPConnection",
        "from asyncio import open_connection",
        "await_this = asyncio.open_connection('host', 80)",
    ],
)
def test_each_way_of_importing_a_client_is_seen(line: str, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(line)

    assert clients_of(module)
