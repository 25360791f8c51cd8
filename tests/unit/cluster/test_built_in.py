"""The default ClusterRoles grant what Kubernetes documents of them."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from gonogo.cluster.built_in import FILE, built_in_roles
from gonogo.cluster.powers import powers_of
from gonogo.cluster.rbac import Account, Binding, Grants, Request, RoleRef, allows, grants_of
from gonogo.data import data_directory
from gonogo.formats.yaml_reader import read_yaml

ROLES = built_in_roles()


def of(role: str, namespace: str = "shop") -> Grants:
    known = {(r.namespace, r.name): [r] for r in ROLES}
    binding = Binding(namespace, "b", RoleRef("ClusterRole", role), [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}])
    return grants_of(Account("shop", "web"), [binding], lambda ns, name: known.get((ns, name), ()), ROLES)


def test_the_table_is_as_its_schema_says() -> None:
    schema = json.loads((data_directory("schemas") / "cluster-roles.v1.json").read_text("utf-8"))
    table = read_yaml(FILE, (data_directory("rules") / "kubernetes" / FILE).read_text("utf-8")).documents[0].value
    assert [e.message for e in Draft202012Validator(schema).iter_errors(table)] == []


@pytest.mark.parametrize(
    ("request_", "granted"),
    [
        (Request("get", "", "pods", "shop"), "view edit admin cluster-admin"),
        (Request("list", "apps", "deployments", "shop"), "view edit admin cluster-admin"),
        # "This role does not allow viewing Secrets", nor roles or role bindings.
        (Request("get", "", "secrets", "shop"), "edit admin cluster-admin"),
        (Request("get", "rbac.authorization.k8s.io", "roles", "shop"), "admin cluster-admin"),
        # "It does not allow viewing or modifying roles", but running pods as any ServiceAccount of the namespace.
        (Request("create", "", "pods", "shop"), "edit admin cluster-admin"),
        (Request("create", "", "pods", "shop", "exec"), "edit admin cluster-admin"),
        (Request("create", "rbac.authorization.k8s.io", "rolebindings", "shop"), "admin cluster-admin"),
        # "This role does not allow write access to resource quota or to the namespace itself."
        (Request("update", "", "resourcequotas", "shop"), "cluster-admin"),
        (Request("delete", "", "namespaces", "shop"), "cluster-admin"),
        (Request("update", "", "endpoints", "shop"), "cluster-admin"),
        (Request("get", "", "nodes", "shop"), "cluster-admin"),
    ],
)
def test_user_facing_roles(request_: Request, granted: str) -> None:
    assert [r for r in ("view", "edit", "admin", "cluster-admin") if allows(of(r), request_) is True] == granted.split()


def test_they_hold_where_they_are_bound() -> None:
    assert allows(of("admin"), Request("get", "", "secrets", "ops")) is False
    assert allows(of("admin", ""), Request("get", "", "secrets", "ops")) is True


def test_what_of_them_is_dangerous() -> None:
    assert {h.power for h in powers_of(of("view"))} == set()
    assert {h.power for h in powers_of(of("edit"))} == {"read-secrets", "exec-into-pods", "impersonate", "create-tokens", "run-workloads"}
    assert "cluster-admin" in {h.power for h in powers_of(of("cluster-admin", ""))}
    assert {h.power for h in powers_of(of("system:auth-delegator", ""))} == set()
