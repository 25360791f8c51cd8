"""The default ClusterRoles of a real cluster: `cluster-roles.yaml` of Kubernetes' own tests, which is no part of the project.

`GONOGO_CLUSTER_ROLES` names the file (kubernetes/kubernetes, plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata).
"""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from gonogo.cluster.built_in import built_in_roles
from gonogo.cluster.rbac import Account, Binding, Grants, Request, Role, RoleRef, allows, grants_of

FILE = os.environ.get("GONOGO_CLUSTER_ROLES", "")
OURS = built_in_roles()


def grants(roles: tuple[Role, ...], name: str) -> Grants:
    known = {(r.namespace, r.name): [r] for r in roles}
    binding = Binding("", "b", RoleRef("ClusterRole", name), [{"kind": "ServiceAccount", "name": "a", "namespace": "n"}])
    return grants_of(Account("n", "a"), [binding], lambda ns, wanted: known.get((ns, wanted), ()), roles)


@pytest.mark.skipif(not FILE, reason="GONOGO_CLUSTER_ROLES names no list of the default ClusterRoles")
def test_ours_grant_what_those_of_a_cluster_grant() -> None:
    written: Any = yaml.safe_load(Path(FILE).read_text("utf-8"))["items"]
    theirs = tuple(
        Role("", i["metadata"]["name"], i.get("rules") or [], i["metadata"].get("labels"), (i.get("aggregationRule") or {}).get("clusterRoleSelectors"))
        for i in written
    )
    rules = [rule for role in theirs for rule in role.rules]  # type: ignore[union-attr]
    verbs = sorted({v for rule in rules for v in rule["verbs"]} | {"escalate", "bind", "impersonate"})  # type: ignore[index,call-overload]
    # extensions/v1beta1 is served by no cluster since 1.22, though its rules are still written.
    named = sorted({(g, r) for rule in rules for g in rule.get("apiGroups", ()) for r in rule.get("resources", ()) if g != "extensions"})  # type: ignore[union-attr]
    asked, differ = 0, []
    for role in ("cluster-admin", "admin", "edit", "view", "system:auth-delegator", "system:basic-user"):
        mine, real = grants(OURS, role), grants(theirs, role)
        for verb, (group, resource) in product(verbs, named):
            plain, _, sub = resource.partition("/")
            request = Request(verb, group, plain, "n", sub)
            asked += 1
            if allows(mine, request) is not allows(real, request):
                differ.append((role, request))
    assert differ == []
    assert asked > 5_000
