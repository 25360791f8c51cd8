"""RBAC by its documentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gonogo.cluster.powers import powers_of, wildcards
from gonogo.cluster.rbac import Account, Binding, Grants, Request, Role, RoleRef, allows, covers, covers_path, grants_of
from gonogo.model.value import OpenList, Unknown

HIDDEN = Unknown.because("a template fills it in")
WEB = Account("shop", "web")
READ: dict[str, Any] = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


def sa(name: Any = "web", namespace: Any = "shop") -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": name, "namespace": namespace}


def grants(bindings: Sequence[Binding], *roles: Role) -> Grants:
    known = {(role.namespace, role.name): [role] for role in roles}
    return grants_of(WEB, bindings, lambda namespace, name: known.get((namespace, name), ()), [r for r in roles if not r.namespace])


def bound(role: Role, *subjects: Any, namespace: str = "shop", kind: str = "") -> Grants:
    reference = RoleRef(kind or ("Role" if role.namespace else "ClusterRole"), role.name)
    return grants([Binding(namespace, "b", reference, list(subjects or [sa()]))], role)


@pytest.mark.parametrize(
    ("rule", "request_", "expected"),
    [
        (READ, Request("get", "", "pods", "shop"), True),
        (READ, Request("delete", "", "pods", "shop"), False),
        (READ, Request("get", "apps", "pods", "shop"), False),
        (READ, Request("get", "", "secrets", "shop"), False),
        ({**READ, "verbs": ["*"]}, Request("delete", "", "pods"), True),
        ({**READ, "apiGroups": ["*"]}, Request("get", "apps", "pods"), True),
        ({**READ, "resources": ["*"]}, Request("get", "", "secrets"), True),
        ({**READ, "resources": ["*"]}, Request("get", "", "pods", subresource="log"), True),
        # A resource is not its subresources.
        (READ, Request("get", "", "pods", subresource="log"), False),
        ({**READ, "resources": ["pods/log"]}, Request("get", "", "pods", subresource="log"), True),
        ({**READ, "resources": ["pods/log"]}, Request("get", "", "pods"), False),
        ({**READ, "resources": ["*/log"]}, Request("get", "", "pods", subresource="log"), True),
        ({**READ, "resources": ["*/log"]}, Request("get", "", "pods"), False),
        ({**READ, "resources": ["pods/*"]}, Request("get", "", "pods", subresource="log"), False),
        # Names restrict, and a request without a name is about all.
        ({**READ, "resourceNames": ["a"]}, Request("get", "", "pods", name="a"), True),
        ({**READ, "resourceNames": ["a"]}, Request("get", "", "pods", name="b"), False),
        ({**READ, "resourceNames": ["a"]}, Request("list", "", "pods"), False),
        ({**READ, "resourceNames": []}, Request("list", "", "pods"), True),
        # A group has to be written: the core one is empty.
        ({"resources": ["pods"], "verbs": ["get"]}, Request("get", "", "pods"), False),
        ({**READ, "verbs": [HIDDEN]}, Request("get", "", "pods"), HIDDEN),
        ({**READ, "verbs": ["get", HIDDEN]}, Request("get", "", "pods"), True),
        ({**READ, "verbs": OpenList(["watch"], HIDDEN)}, Request("get", "", "pods"), HIDDEN),
        ({**READ, "verbs": [HIDDEN], "resources": ["nodes"]}, Request("get", "", "pods"), False),
        ({**READ, "resourceNames": HIDDEN}, Request("get", "", "pods"), HIDDEN),
        (HIDDEN, Request("get", "", "pods"), HIDDEN),
    ],
)
def test_what_a_rule_covers(rule: Any, request_: Request, expected: Any) -> None:
    assert covers(rule, request_) == expected


@pytest.mark.parametrize(("url", "path", "expected"), [("/metrics", "/metrics", True), ("/api/*", "/api/v1", True), ("*", "/x", True), ("/metrics", "/metrics/x", False)])
def test_paths_that_are_no_resources(url: str, path: str, expected: bool) -> None:
    assert covers_path({"nonResourceURLs": [url], "verbs": ["get"]}, "get", path) is expected
    assert covers_path({"nonResourceURLs": [url], "verbs": ["get"]}, "post", path) is False


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (sa(), True),
        (sa("other"), False),
        (sa(namespace="ops"), False),
        ({"kind": "ServiceAccount", "name": "web"}, True),
        ({"kind": "Group", "name": "system:serviceaccounts"}, True),
        ({"kind": "Group", "name": "system:serviceaccounts:shop"}, True),
        ({"kind": "Group", "name": "system:serviceaccounts:ops"}, False),
        ({"kind": "Group", "name": "system:authenticated"}, True),
        ({"kind": "Group", "name": "system:unauthenticated"}, False),
        ({"kind": "User", "name": "system:serviceaccount:shop:web"}, True),
        ({"kind": "User", "name": "web"}, False),
        (sa(HIDDEN), HIDDEN),
        (HIDDEN, HIDDEN),
    ],
)
def test_who_is_a_subject(subject: Any, expected: Any) -> None:
    assert allows(bound(Role("shop", "reader", [READ]), subject), Request("get", "", "pods", "shop")) == expected


def test_a_role_binding_grants_in_its_namespace_whatever_it_names() -> None:
    reader = Role("", "reader", [READ])
    local = bound(reader)
    assert allows(local, Request("get", "", "pods", "shop")) is True
    assert allows(local, Request("get", "", "pods", "ops")) is False
    everywhere = bound(reader, namespace="")
    assert allows(everywhere, Request("get", "", "pods", "ops")) is True


def test_a_role_that_nobody_declared_is_unknown() -> None:
    found = grants([Binding("shop", "b", RoleRef("Role", "gone"), [sa()])])
    assert allows(found, Request("get", "", "pods", "shop")) == Unknown.because("the Role gone of b is not declared")
    assert allows(grants([Binding("shop", "b", RoleRef("Role", "gone"), [sa("other")])]), Request("get", "", "pods", "shop")) is False


def test_aggregation_takes_the_rules_of_what_it_selects_and_none_of_its_own() -> None:
    selector = [{"matchLabels": {"aggregate": "monitoring"}}]
    top = Role("", "monitoring", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}], None, selector)
    part = Role("", "endpoints", [READ], {"aggregate": "monitoring"})
    other = Role("", "other", [{**READ, "resources": ["secrets"]}], {"aggregate": "no"})
    binding = Binding("", "b", RoleRef("ClusterRole", "monitoring"), [sa()])
    found = grants([binding], top, part, other)
    assert allows(found, Request("get", "", "pods", "shop")) is True
    assert allows(found, Request("get", "", "secrets", "shop")) is False
    assert allows(found, Request("delete", "", "pods", "shop")) is False


def test_aggregation_of_aggregation_ends() -> None:
    one = Role("", "one", [], {"x": "1"}, [{"matchLabels": {"x": "2"}}])
    two = Role("", "two", [], {"x": "2"}, [{"matchLabels": {"x": "1"}}, {"matchLabels": {"y": "1"}}])
    leaf = Role("", "leaf", [READ], {"y": "1"})
    found = grants([Binding("", "b", RoleRef("ClusterRole", "one"), [sa()])], one, two, leaf)
    assert allows(found, Request("get", "", "pods", "shop")) is True
    assert len(found.grants) == 1


@pytest.mark.parametrize(
    ("rule", "namespace", "expected"),
    [
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, "", {"cluster-admin", "read-secrets", "exec-into-pods", "escalate-roles", "impersonate"}),
        ({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}, "shop", {"read-secrets", "exec-into-pods", "run-workloads"}),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}, "shop", {"read-secrets"}),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["tls"]}, "shop", set()),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["tls"]}, "", {"read-secrets"}),
        ({"apiGroups": [""], "resources": ["pods"], "verbs": ["create"], "resourceNames": ["web"]}, "shop", set()),
        ({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"], "resourceNames": ["web"]}, "shop", {"exec-into-pods"}),
        ({"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["patch"], "resourceNames": ["web"]}, "shop", {"run-workloads"}),
        ({"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["create"]}, "shop", {"run-workloads"}),
        ({"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["patch"]}, "shop", {"exec-into-pods"}),
        ({"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]}, "", {"create-volumes"}),
        ({"apiGroups": [""], "resources": ["persistentvolumes", "nodes/proxy"], "verbs": ["create"]}, "shop", set()),
        ({"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}, "shop", set()),
        ({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"]}, "shop", {"bind-roles"}),
        ({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]}, "shop", {"exec-into-pods"}),
        ({"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}, "shop", {"run-workloads"}),
        ({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"]}, "", {"bind-roles"}),
        ({"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["impersonate"]}, "", {"impersonate"}),
        ({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["get"]}, "", {"reach-kubelets"}),
        (READ, "", set()),
        ({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}, "", set()),
    ],
)
def test_powers(rule: Any, namespace: str, expected: set[str]) -> None:
    held = {h.power for h in powers_of(bound(Role("", "r", [rule]), namespace=namespace)) if h.certain is True}
    assert expected <= held
    assert expected or not held
    assert ("cluster-admin" in held) is ("cluster-admin" in expected)


def test_the_path_to_a_power_is_kept() -> None:
    [held] = powers_of(bound(Role("shop", "keys", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}])))
    assert (held.power, held.namespace, held.grant.binding.name, held.grant.role.name) == ("read-secrets", "shop", "b", "keys")


def test_wildcards() -> None:
    [grant] = bound(Role("shop", "r", [{"apiGroups": [""], "resources": ["*"], "verbs": ["get", "*"]}])).grants
    assert list(wildcards(grant)) == ["verbs", "resources"]


def test_an_account_of_no_written_namespace_may_be_that_of_any() -> None:
    role = Role("", "r", [READ])
    for subject in (sa("app", "elsewhere"), {"kind": "Group", "name": "system:serviceaccounts:elsewhere"}):
        binding = Binding("", "b", RoleRef("ClusterRole", "r"), [subject])

        def asked(settled: bool, binding: Binding = binding) -> Any:
            account = Account("default", "app", settled)
            return allows(grants_of(account, [binding], lambda _, name: [role] if name == "r" else [], [role]), Request("get", "", "pods"))

        assert asked(settled=True) is False
        assert isinstance(asked(settled=False), Unknown)
