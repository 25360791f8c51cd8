"""`--update-golden`: write the golden files anew, to be read in the diff before they are committed."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the golden files of reports anew.")
