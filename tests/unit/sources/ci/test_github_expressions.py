from __future__ import annotations

import pytest

from gonogo.model.value import Unknown
from gonogo.sources.ci.github_expressions import Scope

SCOPE = Scope({"inputs.push": "true", "inputs.empty": "", "env.name": "shop", "matrix.on": "false"}, frozenset({"push"}))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("env.NAME", "shop"),
        ("'it''s'", "it's"),
        ("format('{0}-{1}', env.name, 'x')", "shop-x"),
        ("inputs.empty || 'fallback'", "fallback"),
        ("inputs.push && 'yes' || 'no'", "yes"),
        ("matrix.on && 'yes' || 'no'", "no"),
        ("github.sha", None),
        ("github.event_name != 'pull_request'", "true"),
        ("inputs.push && !github.event.repository.fork", "true"),
        ("matrix.on && github.ref == 'refs/heads/main'", "false"),
        ("vars.X", None),
        ("github.ref == 'a' && 'x' || 'y'", None),
        ("]broken[", None),
        ("(" * 400, None),
    ],
)
def test_values(expression: str, expected: str | None) -> None:
    assert SCOPE.resolve(expression) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        (False, False),
        ("false", False),
        ("${{ false }}", False),
        ("!true", False),
        ("always() && false", False),
        ("github.event_name == 'push'", True),
        ("github.event_name == 'pull_request'", False),
        ("github.event_name == 'pull_request' || inputs.push == 'true'", True),
        ("needs.a.outputs.b == 'c'", True),
        ("contains(env.name, 'ho')", True),
        ("text ${{ false }}", True),
    ],
)
def test_conditions(condition: object, expected: bool) -> None:
    assert SCOPE.condition(condition) is expected  # type: ignore[arg-type]  # any YAML value


def test_a_setting_outside_of_the_repository_decides() -> None:
    assert isinstance(SCOPE.condition("vars.DEPLOY == 'true'"), Unknown)
    assert SCOPE.condition("vars.DEPLOY == 'true' && false") is False
