from __future__ import annotations

from typing import Any

import pytest

from gonogo.lang import EvaluationError, LangError, Program, Template
from gonogo.model.shape import ANY, BOOL, INT, STRING, ListOf, MapOf, record
from gonogo.model.value import OpenList, OpenMap, Unknown

U = Unknown.because("hidden")
SELF: dict[str, Any] = {
    "on": True, "off": False, "n": 3, "text": "abc", "hidden": U, "nothing": None,
    "list": [{"k": "a", "v": True}, {"k": "b", "v": False}],
    "open": OpenList(["x"], U),
    "labels": OpenMap({"app": "web"}, U),
}  # fmt: skip


def value(source: str) -> Any:
    return Program(source).evaluate({"self": SELF}).value


def reads(source: str) -> list[str]:
    return [".".join(map(str, path)) for path in Program(source).evaluate({"self": SELF}).reads]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("self.off && self.hidden", False),
        ("self.hidden && self.off", False),
        ("self.on || self.hidden", True),
        ("self.on && self.hidden", U),
        ("!self.hidden", U),
        ("self.hidden == 1", U),
        ("has(self.hidden)", U),
        ("has(self.nope)", False),
        ("self.hidden ? 1 : 1", 1),
        ("self.hidden ? 1 : 2", U),
        ("'x' in self.open", True),
        ("'y' in self.open", U),
        ("size(self.open)", U),
        ("self.open.exists(x, x == 'x')", True),
        ("self.open.all(x, x == 'x')", U),
        ("self.open.all(x, x == 'y')", False),
        ("self.labels.app", "web"),
        ("self.labels.tier", U),
        ("has(self.labels.tier)", U),
        ("self.?nope.?deeper.orValue('d')", "d"),
        ("self.?nothing.?deeper.orValue('d')", "d"),
        ("self.?hidden.orValue(1)", U),
        ("self.list.map(x, x.k).join(',')", "a,b"),
        ("self.list.filter(x, x.v).size()", 1),
        ("self.list.exists_one(x, x.v)", True),
        ("'a.b'.split('.')[1]", "b"),
        ("quantity('500m') < quantity('1')", True),
        ("quantity('1Gi') == 1073741824.0", True),
        ("image('localhost:5000/a/b:1').registry", "localhost:5000"),
        ("image('nginx').tag", None),
        ("selects({}, {'app': 'web'})", True),
        ("selects(null, {'app': 'web'})", False),
        ("selects({'matchLabels': {'app': 'web'}}, self.labels)", True),
        ("selects({'matchLabels': {'tier': 'x'}}, self.labels)", U),
        ("selects({'matchExpressions': [{'key': 'app', 'operator': 'In', 'values': ['api']}]}, {'app': 'web'})", False),
    ],
)
def test_value(source: str, expected: Any) -> None:
    assert value(source) == expected


@pytest.mark.parametrize("source", ["self.nope", "1 / 0", "9223372036854775807 + 1", "1 + 1.0", "self.list[9]", "'1' < 1", "self.nothing.x", "1 && true"])
def test_errors_are_values(source: str) -> None:
    assert isinstance(value(source), EvaluationError)
    assert value(f"true || {source} == 1") is True


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("self.on && self.n == 3", ["self.on", "self.n"]),
        ("self.on && self.off", ["self.off"]),
        ("self.off || self.on", ["self.on"]),
        ("self.list.exists(x, x.v)", ["self.list.0.v"]),
        ("self.list.all(x, x.v)", ["self.list.1.v"]),
        ("self.list.exists(x, true)", ["self.list.0"]),
        ("self.list.exists(x, x.v && self.on)", ["self.list.0.v", "self.on"]),
        ("self.list[self.n - 3].k == 'a'", ["self.n", "self.list.0.k"]),
        ("self.?nope.orValue(1) == 1", ["self.nope"]),
        ("has(self.nope)", ["self.nope"]),
        ("self.on && self.hidden == 1", ["self.hidden"]),
    ],
)
def test_reads_are_those_that_decided(source: str, expected: list[str]) -> None:
    assert reads(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("self.spec", "self has no field 'spec'"),
        ("self.replica > 1", "self has no field 'replica'; did you mean 'replicas'?"),
        ("self.replicas > 'x'", "> does not take int and string"),
        ("self.replicas", "must be bool, is int"),
        ("self.name.startWith('x')", "no function is called 'startWith'; did you mean 'startsWith'?"),
        ("slef.name == ''", "no variable is called 'slef'; did you mean 'self'?"),
        ("self.tags.exists(t, t == 1)", "string is never int"),
        ("self.name.matches('(?=a)')", "the pattern '(?=a)' is not RE2: no look-around, no back-references"),
        ("self.name.matches('(a+)+b')", "the pattern '(a+)+b' repeats a repeat, which can take exponential time"),
        ("size(self.tags, 1) == 1", "size() takes 1 argument"),
        ("self.name ==", "unexpected 'end of expression'"),
        ("self.labels.x == 1", "string is never int"),
    ],
)
def test_programs_are_checked_against_the_kind(source: str, message: str) -> None:
    shape = record(name=STRING, replicas=INT, tags=ListOf(STRING), labels=MapOf(STRING), free=ANY, on=BOOL)
    with pytest.raises(LangError) as error:
        Program(source).check({"self": shape}, BOOL)
    assert error.value.message == message


def test_templates() -> None:
    assert Template("{{ self.n }} of {{ self.hidden }}: {{ self.list.map(x, x.k) }}, {{ self.nothing }}").render({"self": SELF}) == "3 of ?: a, b, not set"
