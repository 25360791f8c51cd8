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
        (
            "self.name.matches('(?=a)')",
            "the pattern '(?=a)' is not in the subset of RE2: no look-around, no back-references, no other extended groups",
        ),
        ("size(self.replicas) > 0", "size() takes string or a list of anything or a map here, not int"),
        ("self.replicas + 1.5 > 2.0", "+ does not take int and double"),
        ("self.on + self.on == self.on", "+ does not take bool and bool"),
        ("self.tags < self.tags", "< does not take a list of string and a list of string"),
        ("selects(self.name, self.labels)", "selects() takes a map here, not string"),
        ("self.?name == 'x'", "this is an optional: take its value with orValue(), or ask hasValue()"),
        ("self.free.?name != 'x'", "this is an optional: take its value with orValue(), or ask hasValue()"),
        ("self.free.?spec.on", "this is an optional: take its value with orValue(), or ask hasValue()"),
        ("size(self.?tags) > 0", "this is an optional: take its value with orValue(), or ask hasValue()"),
        ("self.?replicas.orValue('x') == 1", "orValue() takes int here, not string"),
        ("self.name.orValue('x') == 'x'", "orValue() is of an optional, as in self.?field.orValue(…)"),
        ("self.?nam.orValue('x') == 'x'", "self has no field 'nam'; did you mean 'name'?"),
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


@pytest.mark.parametrize(
    "source",
    [
        "self.?name.orValue('x') == 'x'",
        "self.free.?spec.?on.orValue(false)",
        "self.free.?a.or(self.free.?b).orValue(true)",
        "self.free.?tags[?0].hasValue()",
        "self.replicas > 1.5",
        "self.name == null",
        "self.free + 1 > 2",
        "selects(self.free, self.labels)",
    ],
)
def test_what_is_well_typed_passes(source: str) -> None:
    shape = record(name=STRING, replicas=INT, tags=ListOf(STRING), labels=MapOf(STRING), free=ANY, on=BOOL)
    program = Program(source)
    program.check({"self": shape}, BOOL)
    assert program.source == source


@pytest.mark.parametrize(
    "source",
    [
        "self" + ".a" * 6000,
        "self" + "[0]" * 5000,
        "+".join(["1"] * 5000),
        "(" * 150 + "1" + ")" * 150,
        "[" * 150 + "]" * 150,
        "-" * 5000 + "1",
        "true?1:" * 2000 + "1",
        "9" * 6000,
        "0x" + "f" * 6000,
        "1e999",
        "self.in",
        "self.true",
        "r'\\''",
        "٣",
        "'a",
        "has(self)",
        "[1].all(1, true)",
        "[1].nothing()",
    ],
)
def test_what_is_outside_the_language_is_refused(source: str) -> None:
    with pytest.raises(LangError) as error:
        Program(source).evaluate({"self": SELF})
    assert 0 <= error.value.offset <= len(source)


def test_cel_asks_for_32_terms_and_12_nested_calls() -> None:
    assert value(" || ".join(["false"] * 32 + ["true"])) is True
    assert value("[" * 32 + "1" + "]" * 32 + "[0]" * 32) == 1
    assert value("size(string(" * 12 + "1" + "))" * 12) == 1


def test_an_evaluation_that_takes_too_long_is_unknown() -> None:
    many = list(range(200))
    found = Program("l.all(a, l.all(b, l.all(c, true)))").evaluate({"l": many}).value
    assert isinstance(found, Unknown)
    assert found.reasons == ("the expression goes over more than 1000000 members",)


def test_a_text_that_doubles_without_end_is_unknown() -> None:
    found = Program("['0123456789']" + ".map(a, a + a)" * 30).evaluate({}).value
    assert isinstance(found[0], Unknown)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # x.h of the first is hidden: whether "a" or "b" is the first that is kept is not known.
        ("rows.filter(x, x.h)[0].k", U),
        ("rows.filter(x, x.h).map(x, x.k) == ['a', 'b']", U),
        ("rows.filter(x, x.h).map(x, x.k) == ['a']", False),
        ("rows.filter(x, x.h).map(x, x.k) == []", False),
        ("rows.filter(x, x.h).exists(x, x.k == 'b')", True),
        ("rows.filter(x, x.h).exists(x, x.k == 'a')", U),
        ("(open + ['y'])[1]", U),
        ("'y' in (open + ['y'])", True),
        ("open.all(i, x, i == 0)", U),
        ("size([rows[0].h, true].distinct())", U),
        ("true in [rows[0].h, true].distinct()", U),
        ("open == ['x']", U),
        ("open == ['y']", False),
        ("['y'] == open", False),
    ],
)
def test_of_an_open_list_the_members_are_known_but_not_their_places(source: str, expected: Any) -> None:
    data = {"rows": [{"k": "a", "h": U}, {"k": "b", "h": True}], "open": OpenList(["x"], U)}
    assert Program(source).evaluate(data).value == expected


def test_the_reads_of_a_member_far_down_are_kept() -> None:
    data = {"l": [{"ok": True}] * 100 + [{"ok": False}], "flag": False}
    assert Program("l.all(x, x.ok)").evaluate(data).reads == (("l", 100, "ok"),)
    assert Program("l.all(x, x.ok || !x.ok) && flag").evaluate(data).reads == (("flag",),)


def test_members_that_filter_kept_are_still_evidence() -> None:
    data = {"l": [{"a": False}, {"a": True, "b": 1}]}
    assert ("l", 1, "b") in Program("l.filter(x, x.a).exists(y, y.b == 1)").evaluate(data).reads
    assert ("l", 1, "b") in Program("l.filter(x, x.a)[0].b == 1").evaluate(data).reads


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("string(1234567.5)", "1234567.5"),
        ("string(1.0)", "1"),
        ("int('-7')", -7),
        ("int(2.9)", 2),
        ("double('1e3')", 1000.0),
        ("'İI'.lowerAscii()", "İi"),
        ("''.split('')", [""]),
        ("[1, 1, 2].distinct()", [1, 2]),
        ("max([1, 3, 2])", 3),
        ("'a,b'.replace(',', ';').indexOf(';')", 1),
    ],
)
def test_conversions_and_text(source: str, expected: Any) -> None:
    assert Program(source).evaluate({}).value == expected


@pytest.mark.parametrize("source", ["double('1_0')", "double(' 1')", "int('٣')", "int(true)", "int(1.0 / 0.0)", "'abc'.substring(true)", "quantity('1 Gi')"])
def test_what_is_no_number_is_an_error(source: str) -> None:
    assert isinstance(Program(source).evaluate({}).value, EvaluationError)


def test_templates() -> None:
    assert Template("{{ self.n }} of {{ self.hidden }}: {{ self.list.map(x, x.k) }}, {{ self.nothing }}").render({"self": SELF}) == "3 of ?: a, b, not set"
