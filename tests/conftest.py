"""Options and surroundings of all tests. `--update-golden` writes the golden files anew, to be read in the diff before they are committed."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the golden files of reports anew.")


@pytest.fixture(autouse=True)
def _width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are as wide as where nobody says how wide, whatever the terminal or the runner of the tests exports."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are English where nobody asks for another language, whatever is spoken where the tests run."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
