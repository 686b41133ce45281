"""How `make test` divides what it is asked for into a run without and a run with a browser."""

from pathlib import Path

import pytest

from tests.run import chromium, split

PLAIN_FILE = "tests/test_run.py"
BROWSER = "tests/browser"


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A project with a test of each kind, in the current folder."""
    (tmp_path / BROWSER).mkdir(parents=True)
    (tmp_path / PLAIN_FILE).touch()
    (tmp_path / BROWSER / "test_chain.py").touch()
    monkeypatch.chdir(tmp_path)


def test_without_arguments_everything_runs_once() -> None:
    assert split([]) == (["tests", f"--ignore={BROWSER}"], [BROWSER])


def test_a_named_file_runs_without_the_browser_tests() -> None:
    assert split([PLAIN_FILE, "-x"]) == (["-x", PLAIN_FILE, f"--ignore={BROWSER}"], None)


def test_a_named_browser_test_runs_alone() -> None:
    name = f"{BROWSER}/test_chain.py::test_chain"
    assert split([name]) == (None, [name])


def test_a_folder_above_the_browser_tests_has_both() -> None:
    assert split(["tests"]) == (["tests", f"--ignore={BROWSER}"], [BROWSER])


def test_options_go_to_both_runs() -> None:
    plain, browser = split(["-k", "follow"])
    assert plain is not None
    assert browser is not None
    assert plain[:2] == browser[:2] == ["-k", "follow"]


def test_the_value_of_an_option_is_no_test() -> None:
    assert split(["--deselect", PLAIN_FILE]) == (
        ["--deselect", PLAIN_FILE, "tests", f"--ignore={BROWSER}"],
        ["--deselect", PLAIN_FILE, BROWSER],
    )


def test_a_named_browser_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "my-chromium"
    program.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(program))
    assert chromium() == str(program)


def test_there_is_no_browser_where_none_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium() is None
