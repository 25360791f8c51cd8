"""The table of what is listed of a cluster, and the guard of what is sent."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from gonogo.cluster.effective import EGRESS_POLICIES, OTHER_POLICIES, TEMPLATES
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml
from gonogo.kinds.kubernetes import FILES, KINDS
from gonogo.rules import load_rules
from gonogo.sources.cluster.lists import FILE, Listed, load_lists
from gonogo.sources.cluster.readonly import permitted

TABLE = load_lists()


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads((data_directory("schemas") / "kubernetes-lists.v1.json").read_text("utf-8"))
    table = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8")).documents[0].value
    assert [e.message for e in Draft202012Validator(schema).iter_errors(table)] == []


def test_every_kind_of_an_object_that_a_rule_asks_about_is_listed() -> None:
    """What is not listed would be judged as if the cluster had none."""
    listed = {entry.kind for entry in TABLE.lists}
    of_clusters = {kind.name for kind in KINDS} - {kind.name for kind in FILES}
    asked = {kind for rule in load_rules(()).rules for kind in rule.subjects} & of_clusters
    assert asked - listed == set()
    assert of_clusters - listed == set()
    assert (OTHER_POLICIES | EGRESS_POLICIES) - listed == set(), "a policy of a plugin leaves isolation unknown"
    assert TEMPLATES.keys() - listed == set()


def test_what_others_are_left_to_is_listed_before_them() -> None:
    order = [entry.kind for entry in TABLE.lists]
    assert order.index("apps/ReplicaSet") < order.index("core/ReplicationController") < order.index("batch/Job") < order.index("core/Pod")


def test_nothing_that_may_hold_a_value_of_a_secret_is_listed_whole() -> None:
    assert {entry.kind for entry in TABLE.lists if entry.metadata} >= {"core/Secret", "core/ConfigMap"}


@pytest.mark.parametrize("entry", TABLE.lists, ids=lambda entry: str(entry.kind))
def test_every_list_may_be_asked_for(entry: Listed) -> None:
    assert all(permitted("GET", entry.path(version), {"limit": "500", "continue": "x"}) for version in entry.versions)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("POST", "/api/v1/pods", {}),
        ("DELETE", "/api/v1/pods", {}),
        ("PATCH", "/apis/apps/v1/deployments", {}),
        ("GET", "/api/v1/pods", {"watch": "true"}),
        ("GET", "/api/v1/namespaces/shop/secrets/db", {}),
        ("GET", "/api/v1/namespaces/shop/pods/web/exec", {}),
        ("GET", "/api/v1/nodes/n/proxy", {}),
        ("GET", "/apis/apps/v1/deployments/", {}),
        ("GET", "/api/v1/../v1/secrets", {}),
        ("GET", "/logs", {}),
        ("GET", "/metrics", {}),
    ],
)
def test_nothing_else_leaves(method: str, path: str, query: dict[str, str]) -> None:
    assert not permitted(method, path, query)
