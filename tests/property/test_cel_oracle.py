"""Random programs and patterns give what Google's cel-cpp (and with it RE2) gives."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gonogo.lang import EvaluationError, LangError, Program
from gonogo.lang.operators import Optional
from gonogo.lang.regex import Pattern
from property import conditions as typed
from property.conditions import conditions
from property.programs import DATA, programs

cel = pytest.importorskip("cel_expr_python.cel", reason="Google's CEL (cel-expr-python) is not installed")
_ERROR = object()
_LENIENT = settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def oracle() -> Any:
    # Optional syntax and the string functions are extensions of cel-cpp that the binding turns on by configuration.
    config = cel.NewEnvConfigFromYaml("name: t\nextensions:\n- name: optional\n- name: strings\n")
    return cel.NewEnv(config=config, variables=dict.fromkeys([*DATA, *typed.DATA, "pattern", "text", "i", "j", "d", "e"], cel.Type.DYN))


def theirs(oracle: Any, source: str, data: Any) -> Any:
    try:
        expression = oracle.compile(source)
    except RuntimeError:
        # cel-cpp types what it can when it compiles; whether we agree on that is not asked here.
        assume(False)
    result = expression.eval(data=data)
    return _ERROR if result.type() == cel.Type.ERROR else result.plain_value()


def ours(source: str, data: Any) -> Any:
    try:
        value = Program(source).evaluate(data).value
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


@_LENIENT
@given(source=programs)
def test_random_programs_agree_with_cel_cpp(oracle: Any, source: str) -> None:
    assert same(ours(source, DATA), theirs(oracle, source, DATA)), source


@_LENIENT
@given(source=conditions(own=False))
def test_random_conditions_agree_with_cel_cpp(oracle: Any, source: str) -> None:
    assert same(ours(source, typed.DATA), theirs(oracle, source, typed.DATA)), source


_TEXT = st.text(alphabet="abAB,.- \téßİ한", max_size=8)


@pytest.mark.parametrize(
    "source",
    [
        "text.lowerAscii()", "text.upperAscii()", "text.trim()", "text.split(pattern)", "text.replace(pattern, 'x')", "text.indexOf(pattern)",
        "text.substring(i)", "text.substring(i, i + 1)", "text.split(pattern).join('-')", "text.split(',').join()", "size(text)", "text.size() > i",
        "text.contains(pattern)", "text.startsWith(pattern)", "text.endsWith(pattern)", "text + pattern", "text < pattern", "text >= pattern",
    ],
)  # fmt: skip
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=_TEXT, pattern=st.text(alphabet="ab,. é", max_size=2), i=st.integers(-1, 9))
def test_functions_of_text_agree_with_cel_cpp(oracle: Any, source: str, text: str, pattern: str, i: int) -> None:
    # cel-cpp refuses the end of the text for an end, unless it is the start too; cel-go and the documentation take it.
    assume(source != "text.substring(i, i + 1)" or i + 1 != len(text))
    data = {"text": text, "pattern": pattern, "i": i}
    assert same(ours(source, data), theirs(oracle, source, data)), data


_INTEGERS = st.one_of(st.integers(-5, 5), st.sampled_from([2**63 - 1, -(2**63), 2**62, 2**53 + 1, -1]), st.integers(-(2**63), 2**63 - 1))
_DOUBLES = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 2.0**53, 2.0**63, -(2.0**63), 1e300, -1e-300, 0.5]))


@pytest.mark.parametrize(
    "source",
    ["i + j", "i - j", "i * j", "i / j", "i % j", "-i", "d + e", "d - e", "d * e", "d / e", "-d", "i == d", "i < d", "d <= i", "d == e", "d < e", "int(d)", "double(i)", "string(i)"],
)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(i=_INTEGERS, j=_INTEGERS, d=_DOUBLES, e=_DOUBLES)
def test_arithmetic_agrees_with_cel_cpp(oracle: Any, source: str, i: int, j: int, d: float, e: float) -> None:
    # The specification compares "as though on a continuous number line", as we do; cel-cpp rounds the int to a double first.
    assume(not {"i", "d"} <= set(source.split()) or int(float(i)) == i)
    data = {"i": i, "j": j, "d": d, "e": e}
    assert same(ours(source, data), theirs(oracle, source, data)), data


_PIECES = (
    "a", "b", "k", "s", "K", "S", "-", "_", ".", r"\d", r"\w", r"\s", r"\W", r"\D", r"\S", "^", "$", r"\b", r"\A", r"\z", "[ab]", "[^a]", "[a-k]", "[[:alpha:]]",
    r"[^\W_]", r"[\d-]", "[]a]", r"\.", r"\n", "é", "\n", " ", "[[:^upper:]]", "1", "{", "}", "]", r"\x41", "[-a]", "[a-c-e]", "(?i)", "(?s)", "(?m)", "(?-i)",
    "(?i:K)", "(?s-m:.)", r"[^\n]", r"[\w.]", "[[:punct:]]", r"\v", "(?=a)", "(?P=a)", r"\1", r"\Q", "(", ")", "*", "+", "?", "|",
)  # fmt: skip
_PATTERNS = st.recursive(
    st.sampled_from(_PIECES),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: f"({a}|{b})", inner, inner),
        st.builds(lambda a, q: f"({a}){q}", inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{0,}", "*?", "{,2}", "**"])),
        st.builds(lambda o, a: f"({o}{a})", st.sampled_from(["?:", "?P<x>", "?i:", "?<y>"]), inner),
    ),
    max_leaves=8,
)


@settings(max_examples=1000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(pattern=_PATTERNS, texts=st.lists(st.text(alphabet="abkKsS1-_. \né\u212a\u017fA\v", max_size=8), min_size=1, max_size=5))
def test_patterns_agree_with_re2(oracle: Any, pattern: str, texts: list[str]) -> None:
    try:
        compiled = Pattern(pattern)
    except ValueError:
        return  # the subset is smaller
    for text in texts:
        assert compiled.search(text) is theirs(oracle, "text.matches(pattern)", {"text": text, "pattern": pattern}), text
