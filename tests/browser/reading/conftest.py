from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from monitoring.fetching.browser import asking
from tests.browser.reading.site import TEXT, Listener, listener
from tests.wire.server import WireServer


@pytest.fixture(autouse=True)
def system_chromium(settings: Settings) -> None:
    settings.BROWSER = os.environ["CHROMIUM"]


@pytest.fixture(autouse=True, scope="module")
def ended_browser() -> Iterator[None]:
    yield
    asking.close()


@pytest.fixture
def site() -> Iterator[WireServer]:
    with WireServer() as server:
        server.answers("/text", TEXT)
        yield server


@pytest.fixture
def inside(site: WireServer, settings: Settings) -> Iterator[Listener]:
    """Another port of this machine, which the settings don't allow, as they don't allow any in production."""
    settings.EGRESS_LOOPBACK_PORTS = [site.port]
    with listener() as made:
        yield made
