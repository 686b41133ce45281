"""Each setting that refuses to start, and that it does nothing where it does no harm."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from atlas.checks import refuse_unsafe, settings_are_safe

SAFE = {
    "TESTING": False,
    "DEBUG": False,
    "DEMO": False,
    "EGRESS_ALLOW_LOOPBACK": False,
    "SECRET_KEY": "k" * 50,
    "BASE_URL": "https://atlas.example",
    "ALLOWED_HOSTS": ["atlas.example"],
    "SURFACE": "all",
    "STAFF_MFA": "required",
    "BROWSER": "auto",
    "BROWSER_SANDBOX": True,
    "ALERT_REVIEW_WINDOW": timedelta(hours=4),
}
OUTSIDE = [
    ("atlas.E001", "SECRET_KEY", "k" * 49),
    ("atlas.E002", "DEBUG", True),
    ("atlas.E003", "ALLOWED_HOSTS", ["*"]),
    ("atlas.E003", "ALLOWED_HOSTS", ["other.example"]),
    ("atlas.E004", "BASE_URL", "http://atlas.example"),
    ("atlas.E005", "DEMO", True),
    ("atlas.E006", "EGRESS_ALLOW_LOOPBACK", True),
    ("atlas.E007", "TESTING", True),
    ("atlas.E008", "SURFACE", "desk"),
    ("atlas.E011", "STAFF_MFA", "sometimes"),
    ("atlas.E012", "STAFF_MFA", "off"),
    ("atlas.E010", "ALERT_REVIEW_WINDOW", timedelta()),
    ("atlas.E010", "ALERT_REVIEW_WINDOW", timedelta(hours=20)),
    ("atlas.E011", "CHECK_INTERVAL", timedelta(hours=25)),
    ("atlas.E011", "SHORTEST_CHECK_INTERVAL", timedelta(hours=25)),
    ("atlas.E011", "SHORTEST_CHECK_INTERVAL", timedelta()),
]


@pytest.fixture
def safe(settings: Settings) -> Settings:
    for name, value in SAFE.items():
        setattr(settings, name, value)
    return settings


def ids() -> list[str | None]:
    return [problem.id for problem in settings_are_safe()]


def test_safe_settings_pass(safe: Settings) -> None:
    assert ids() == []


@pytest.mark.parametrize(("expected", "name", "value"), OUTSIDE)
def test_an_unsafe_setting_is_refused(safe: Settings, expected: str, name: str, value: Any) -> None:
    setattr(safe, name, value)
    assert ids() == [expected]


@pytest.mark.parametrize(("name", "value"), [("DEBUG", True), ("DEMO", True), ("EGRESS_ALLOW_LOOPBACK", True)])
def test_on_this_machine_alone_the_demo_may_run(safe: Settings, name: str, value: Any) -> None:
    safe.BASE_URL, safe.ALLOWED_HOSTS = "http://localhost:8000", ["localhost"]
    setattr(safe, name, value)
    assert ids() == []


def test_staff_may_do_without_a_second_step_in_the_demo_alone(safe: Settings) -> None:
    safe.BASE_URL, safe.ALLOWED_HOSTS, safe.STAFF_MFA = "http://localhost:8000", ["localhost"], "off"
    assert ids() == ["atlas.E012"]
    safe.DEMO = True
    assert ids() == []


def test_browser_without_its_sandbox_starts_and_is_said_aloud(
    safe: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(safe.DATABASES["default"], "USER", "atlas_tasks")
    safe.BROWSER, safe.BROWSER_SANDBOX = "auto", False

    refuse_unsafe()

    assert ids() == ["atlas.W001"]
    assert "ATLAS_BROWSER_SANDBOX is off" in capsys.readouterr().err


def test_the_process_ends_with_a_line_for_each_problem(safe: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(safe.DATABASES["default"], "USER", "atlas_site")
    safe.SECRET_KEY, safe.DEBUG = "short", True
    with pytest.raises(SystemExit) as end:
        refuse_unsafe()
    lines = str(end.value).splitlines()
    assert [line[-13:] for line in lines] == [" (atlas.E001)", " (atlas.E002)"]
    assert all(line.startswith("ConductAtlas doesn't start: ") for line in lines)


@pytest.mark.parametrize("user", ["atlas_owner", "postgres"])
def test_nothing_serves_as_an_owner(safe: Settings, monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    monkeypatch.setitem(safe.DATABASES["default"], "USER", user)
    with pytest.raises(SystemExit, match=rf"{user}.*atlas\.E009"):
        refuse_unsafe()


def test_safe_settings_start(safe: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(safe.DATABASES["default"], "USER", "atlas_site")
    refuse_unsafe()
    assert ids() == []
