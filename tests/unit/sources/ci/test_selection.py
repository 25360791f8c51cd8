"""Which tests a command runs, as its words say."""

from __future__ import annotations

import shlex

import pytest

from gonogo.model.value import OpenList, Unknown
from gonogo.sources.ci.command import Command
from gonogo.sources.ci.selection import Selection, selection
from gonogo.sources.ci.shell.run import Text
from gonogo.sources.types_of_tests import load_types


def chosen(line: str) -> Selection:
    program, *arguments = shlex.split(line)
    return selection(Command(program, tuple(Text(a, "$" not in a) for a in arguments), Text(program)), "", load_types())


@pytest.mark.parametrize(
    ("line", "types"),
    [
        ("pytest tests/integration", ["integration"]),
        ("pytest -m integration", ["integration"]),
        ("pytest -m 'integration and not e2e'", ["integration"]),
        ("pytest tests/unit tests/e2e", ["e2e", "unit"]),
        ("go test -tags=integration ./...", ["integration"]),
        ("go test ./test/e2e/...", ["e2e"]),
        ("npm run test:e2e", ["e2e"]),
        ("npm run test-integration", ["integration"]),
        ("make test-integration", ["integration"]),
        ("./gradlew integrationTest", ["integration"]),
        ("jest --config jest.e2e.config.js", ["e2e"]),
        ("playwright test", ["e2e"]),
        ("cypress run --spec cypress/checkout.cy.ts", ["e2e"]),
    ],
)
def test_words_that_name_a_type(line: str, types: list[str]) -> None:
    assert chosen(line).types == types
    assert chosen(line).whole is False


@pytest.mark.parametrize("line", ["pytest", "pytest tests -q", "pytest --cov=app tests/", "go test ./...", "go test -race ./...", "npm test", "mvn verify", "tox"])
def test_words_that_narrow_nothing(line: str) -> None:
    assert chosen(line) == Selection([], True, [])


@pytest.mark.parametrize(
    ("line", "left_out"),
    [
        ("pytest --ignore=tests/e2e", ["e2e"]),
        ("pytest --ignore tests/integration", ["integration"]),
        ("pytest -m 'not integration'", ["integration"]),
        ("gradle build -x integrationTest", ["integration"]),
    ],
)
def test_words_that_leave_a_type_out(line: str, left_out: list[str]) -> None:
    assert chosen(line) == Selection([], True, left_out)


@pytest.mark.parametrize("line", ["pytest -k smoke", "pytest api/test_a.py", "go test ./internal/shop", "jest checkout", "pytest $WHICH"])
def test_words_that_select_and_name_no_type(line: str) -> None:
    found = chosen(line)
    assert isinstance(found.whole, Unknown)
    assert isinstance(found.types, OpenList)


def test_an_action_is_not_told() -> None:
    assert isinstance(selection(None, "acme/pytest-action", load_types()).whole, Unknown)
    assert selection(None, "cypress-io/github-action", load_types()).types == ["e2e"]
