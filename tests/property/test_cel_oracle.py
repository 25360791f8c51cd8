"""Random programs give what Google's cel-cpp gives."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from gonogo.lang import EvaluationError, LangError, Program
from gonogo.lang.operators import Optional
from property.programs import DATA, programs

cel = pytest.importorskip("cel_expr_python.cel", reason="Google's CEL (cel-expr-python) is not installed")
_ERROR = object()


@pytest.fixture(scope="module")
def oracle() -> Any:
    # Optional syntax is an option of cel-cpp that the binding turns on by configuration.
    try:
        config = cel.NewEnvConfigFromYaml("name: t\nextensions:\n- name: optional\n")
        return cel.NewEnv(config=config, variables=dict.fromkeys(DATA, cel.Type.DYN))
    except (RuntimeError, TypeError):
        return cel.NewEnv(variables=dict.fromkeys(DATA, cel.Type.DYN))


def theirs(oracle: Any, source: str) -> Any:
    try:
        expression = oracle.compile(source)
    except RuntimeError:
        # cel-cpp types what it can when it compiles; whether we agree on that is not asked here.
        assume(False)
    result = expression.eval(data=DATA)
    return _ERROR if result.type() == cel.Type.ERROR else result.plain_value()


def ours(source: str) -> Any:
    try:
        value = Program(source).evaluate(DATA).value
    except LangError:
        return _ERROR
    return _ERROR if isinstance(value, EvaluationError) or holds_error(value) else value


def holds_error(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(v, EvaluationError) or holds_error(v) for v in value)


def same(left: Any, right: Any) -> bool:
    if left is _ERROR or right is _ERROR:
        return left is right
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, Optional | dict):
        return True
    return type(left) is type(right) and bool(left == right)


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(source=programs)
def test_random_programs_agree_with_cel_cpp(oracle: Any, source: str) -> None:
    assert same(ours(source), theirs(oracle, source)), source
