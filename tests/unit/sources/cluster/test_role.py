"""The ClusterRole of an auditor."""

from __future__ import annotations

from typing import Any

import yaml

from gonogo.sources.cluster.lists import load_lists
from gonogo.sources.cluster.role import as_cluster_role

TABLE = load_lists()


def role() -> Any:
    return yaml.safe_load("\n".join(as_cluster_role(TABLE)))


def pairs() -> set[tuple[str, str]]:
    return {(group, resource) for rule in role()["rules"] for group in rule.get("apiGroups", ()) for resource in rule["resources"]}


def test_it_lets_everything_be_listed_that_is_judged_and_nothing_else() -> None:
    assert pairs() == {(entry.group, entry.resource) for entry in TABLE.lists if entry.kind != "core/Secret"}


def test_it_lets_nothing_but_lists() -> None:
    assert {verb for rule in role()["rules"] if "apiGroups" in rule for verb in rule["verbs"]} == {"list"}
    assert [rule for rule in role()["rules"] if "apiGroups" not in rule] == [{"nonResourceURLs": ["/apis"], "verbs": ["get"]}]
    assert "*" not in "\n".join(as_cluster_role(TABLE))


def test_it_is_bound_to_who_audits() -> None:
    assert next(iter(as_cluster_role(TABLE, "auditor@shop.iam.gserviceaccount.com"))).endswith("--user=auditor@shop.iam.gserviceaccount.com")
