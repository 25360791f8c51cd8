from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.history.compare.fields import Patterns, load_field_rules
from gonogo.history.compare.normal import differing, leaves, normal
from gonogo.kinds.gcp import KINDS
from gonogo.model.value import OpenList, OpenMap, Unknown, Value

RULES = load_field_rules()
RUN = RULES.of("run.googleapis.com/Service")
WHY = Unknown.because("a variable")


def equal(one: Value, other: Value, kind: str = "run.googleapis.com/Service") -> bool:
    fields = RULES.of(kind)
    return not list(differing(normal(one, fields), normal(other, fields)))


def test_the_table_is_that_of_its_schema_and_knows_real_kinds() -> None:
    path = data_directory("rules") / "drift" / "fields.yaml"
    table = read_yaml(path.name, path.read_text()).documents[0].value
    Draft202012Validator(json.loads((data_directory("schemas") / "drift-fields.v1.json").read_text())).validate(table)
    known = {kind.name for kind in KINDS} | {"repo/Repository"}
    assert {*RULES.kinds, *RULES.unmatched, *RULES.singletons} <= known


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"limits": {"cpu": "1000m"}}, {"limits": {"cpu": "1"}}),
        ({"limits": {"cpu": "500m"}}, {"limits": {"cpu": 0.5}}),
        ({"limits": {"memory": "1Gi"}}, {"limits": {"memory": "1024Mi"}}),
        ({"timeout": "300s"}, {"timeout": 300}),
        ({"timeout": "5m"}, {"timeout": "300.0s"}),
        ({"n": "7"}, {"n": 7}),
        ({"n": 7.0}, {"n": 7}),
        ({"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n"}, {"network": "projects/p/global/networks/n"}),
        ({"network": "//compute.googleapis.com/projects/p/global/networks/n"}, {"network": "projects/p/global/networks/n"}),
        ({"x": {"members": ["b", "a"]}, "members": ["b", "a"]}, {"x": {"members": ["b", "a"]}, "members": ["a", "b"]}),
        ({"env": [{"name": "A", "value": "1"}, {"name": "B"}]}, {"env": [{"name": "B"}, {"name": "A", "value": 1}]}),
        ({"labels": {"goog-terraform-provisioned": "true", "a": "b"}}, {"labels": {"a": "b"}}),
        ({"annotations": {"run.googleapis.com/client-name": "gcloud"}}, {}),
        ({"customResponseHeaders": ["X-Frame-Options:DENY"]}, {"customResponseHeaders": ["x-frame-options: DENY"]}),
        ({"a": None, "b": [], "c": {}}, {}),
        ({"etag": "1", "uid": "2", "conditions": [{"type": "Ready"}]}, {"etag": "3"}),
    ],
)  # fmt: skip
def test_one_thing_in_two_spellings(one: Value, other: Value) -> None:
    assert equal(one, other)
    assert equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "1m"}}),
        ({"enabled": True}, {"enabled": 1}),
        ({"enabled": False}, {}),
        ({"version": "007"}, {"version": 7}),
        ({"template": {"containers": [{"image": "a"}, {"image": "b"}]}}, {"template": {"containers": [{"image": "b"}, {"image": "a"}]}}),
        ({"members": ["a", "a"]}, {"members": ["a"]}),
        ({"url": "https://example.com/projects/p"}, {"url": "projects/p"}),
        ({"securityPolicy": "a"}, {}),
        ({"labels": {"team": "a"}}, {"labels": {"team": "b"}}),
    ],
)
def test_what_differs_differs(one: Value, other: Value) -> None:
    assert not equal(one, other)


def test_what_is_not_known_is_told_once_where_it_is() -> None:
    one: Value = {"a": WHY, "env": OpenList([{"name": "A", "value": "1"}], WHY), "m": OpenMap({"k": "1"}, WHY)}
    other: Value = {"a": {"b": 1, "c": 2}, "env": [{"name": "A", "value": "2"}, {"name": "B", "value": "2"}], "m": {"k": "1", "l": "2"}}
    found = {path: (a, b) for path, a, b in differing(normal(one, RUN), normal(other, RUN))}
    assert found[("a",)][0] == WHY
    assert found[("env", "A", "value")] == (1, 2), "what is known of an open list is compared"
    assert found[("env",)][0] == WHY
    assert found[("m",)][0] == WHY
    assert set(found) == {("a",), ("env", "A", "value"), ("env",), ("m",)}


def test_a_member_that_cannot_be_named_leaves_the_list_open() -> None:
    value = normal({"env": [{"name": WHY, "value": "1"}], "members": [WHY, "a"]}, RUN)
    assert dict(leaves(value)) == {("env",): WHY, ("members",): WHY, ("members", "a"): "a"}


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.d.c", False),
        ("**.c", "c", True),
        ("**.c", "a.b.c", True),
        ("**.c", "a.cc", False),
        ("a.**", "a.b.c", True),
        ("a.**", "a", False),
        ("a.b", "a.b", True),
        ("a(", "a(", True),
    ],
)
def test_patterns(pattern: str, path: str, expected: bool) -> None:
    assert Patterns.of([pattern]).match(tuple(path.split("."))) is expected
