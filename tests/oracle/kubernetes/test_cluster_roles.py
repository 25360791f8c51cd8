"""The default ClusterRoles of a real cluster: `cluster-roles.yaml` of Kubernetes' own tests, which is no part of the project.

`GONOGO_CLUSTER_ROLES` names the file (kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata).
Every request of verbs × resources is also asked of an evaluation of its own, by sets, with what a controller aggregates filled in.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.cluster.built_in import built_in_roles
from gonogo.cluster.rbac import Account, Binding, Grants, Request, Role, RoleRef, allows, grants_of

FILE = os.environ.get("GONOGO_CLUSTER_ROLES", "")
OURS = built_in_roles()
AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-"
COMPARED = ("cluster-admin", "admin", "edit", "view", "system:auth-delegator", "system:basic-user")
WIDGETS = {"apiGroups": ["example.com"], "resources": ["widgets"], "verbs": ["get", "delete"]}

needs_file = pytest.mark.skipif(not FILE, reason="GONOGO_CLUSTER_ROLES names no list of the default ClusterRoles")
Objects = list[dict[str, Any]]


def written() -> Objects:
    found: Objects = yaml.safe_load(Path(FILE).read_text("utf-8"))["items"]
    return found


def as_role(item: Mapping[str, Any]) -> Role:
    metadata = item["metadata"]
    return Role("", metadata["name"], item.get("rules") or [], metadata.get("labels"), (item.get("aggregationRule") or {}).get("clusterRoleSelectors"))


def grants(roles: Iterable[Role], name: str) -> Grants:
    roles = list(roles)
    known = {(r.namespace, r.name): [r] for r in roles}
    binding = Binding("", "b", RoleRef("ClusterRole", name), [{"kind": "ServiceAccount", "name": "a", "namespace": "n"}])
    return grants_of(Account("n", "a"), [binding], lambda ns, wanted: known.get((ns, wanted), ()), roles)


def filled(items: Objects) -> dict[str, list[dict[str, Any]]]:
    """The rules of each role once the controller has aggregated until nothing changes (clusterroleaggregation_controller.go)."""
    rules = {i["metadata"]["name"]: list(i.get("rules") or []) for i in items}
    for _ in items:
        for item in items:
            if "aggregationRule" not in item:
                continue
            chosen: list[dict[str, Any]] = []
            for selector, other in product(item["aggregationRule"]["clusterRoleSelectors"], items):
                if other is not item and selector["matchLabels"].items() <= (other["metadata"].get("labels") or {}).items():
                    chosen += [rule for rule in rules[other["metadata"]["name"]] if rule not in chosen]
            rules[item["metadata"]["name"]] = chosen
    return rules


def may(rules: Iterable[Mapping[str, Any]], verb: str, group: str, resource: str, name: str) -> bool:
    """Whether some rule covers a request, by sets."""
    sub = resource.partition("/")[2]
    names = {"*", resource} | ({f"*/{sub}"} if sub else set())
    return any(
        {"*", verb} & set(rule["verbs"])
        and {"*", group} & set(rule.get("apiGroups", ()))
        and names & set(rule.get("resources", ()))
        and (not rule.get("resourceNames") or name in rule["resourceNames"])
        for rule in rules
    )


def asked(items: Objects) -> list[tuple[str, str, str, str]]:
    rules = [rule for item in items for rule in item.get("rules") or []]
    verbs = sorted({v for rule in rules for v in rule["verbs"]} | {"escalate", "bind", "impersonate", "approve"})
    named = {(g, r) for rule in rules for g in rule.get("apiGroups", ()) for r in rule.get("resources", ())} | {("example.com", "widgets"), ("", "nodes/proxy")}
    return [(verb, group, resource, name) for verb, (group, resource), name in product(verbs, sorted(named), ("", "kubernetes.io/legacy-unknown"))]


def request(verb: str, group: str, resource: str, name: str) -> Request:
    plain, _, sub = resource.partition("/")
    return Request(verb, group, plain, "n", sub, name)


@needs_file
def test_ours_grant_what_those_of_a_cluster_grant() -> None:
    items = written()
    theirs = [as_role(item) for item in items]
    count, differ = 0, []
    for role in COMPARED:
        mine, real = grants(OURS, role), grants(theirs, role)
        for question in asked(items):
            # extensions/v1beta1 is served by no cluster since 1.22, though its rules are still written.
            if question[1] == "extensions":
                continue
            count += 1
            if allows(mine, request(*question)) is not allows(real, request(*question)):
                differ.append((role, question))
    assert differ == []
    assert count > 10_000
    print(f"{count} requests of {len(COMPARED)} roles")


@needs_file
def test_each_role_of_a_cluster_grants_what_its_rules_say() -> None:
    items = written()
    theirs, rules = [as_role(item) for item in items], filled(items)
    count, wrong = 0, []
    for item in items:
        name = item["metadata"]["name"]
        real = grants(theirs, name)
        for question in asked(items):
            count += 1
            if allows(real, request(*question)) is not may(rules[name], *question):
                wrong.append((name, question))
    assert wrong == []
    assert count > 50_000
    print(f"{count} requests of {len(items)} roles")


# https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles: who adds to view adds to edit, and so to admin.
@pytest.mark.parametrize(
    ("labels", "holders"),
    [
        (["admin"], {"admin"}),
        (["edit"], {"edit", "admin"}),
        (["view"], {"view", "edit", "admin"}),
        (["admin", "view"], {"view", "edit", "admin"}),
        ([], set()),
        (["cluster-admin"], set()),
    ],
)
@pytest.mark.parametrize("whose", ["ours", pytest.param("theirs", marks=needs_file)])
def test_a_labelled_role_adds_to_what_aggregates_it(whose: str, labels: list[str], holders: set[str]) -> None:
    own = {"metadata": {"name": "widgets", "labels": {AGGREGATE + label: "true" for label in labels}}, "rules": [WIDGETS]}
    roles = [*(OURS if whose == "ours" else (as_role(item) for item in written())), as_role(own)]
    held = {name for name in COMPARED if allows(grants(roles, name), Request("delete", "example.com", "widgets", "n")) is True}
    assert held == holders | {"cluster-admin"}
    if whose == "theirs":
        rules = filled([*written(), own])
        assert held == {name for name in COMPARED if may(rules[name], "delete", "example.com", "widgets", "")}


@pytest.mark.parametrize("value", ["false", "True", ""])
def test_a_label_with_another_value_adds_nothing(value: str) -> None:
    own = Role("", "widgets", [WIDGETS], {AGGREGATE + "admin": value})
    assert allows(grants([*OURS, own], "admin"), Request("delete", "example.com", "widgets", "n")) is False
