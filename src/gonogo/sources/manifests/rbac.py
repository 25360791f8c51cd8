"""Who may do what: roles, bindings and ServiceAccounts under one identity each."""

from __future__ import annotations

from gonogo.model.value import Unknown
from gonogo.sources.located import Node
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.placeholders import boolean, is_placeholder

# ClusterRoles that every cluster has and that may write nearly everything (user-facing roles, RBAC documentation).
_ADMIN = frozenset({"cluster-admin", "admin", "edit"})


def service_account(found: KubernetesObject) -> dict[str, Node]:
    """`identity` and `mountsToken` of a ServiceAccount."""
    token = found.node.get("automountServiceAccountToken")
    return {
        "identity": Node(f"{found.namespace or 'default'}/{found.name}", found.node.location),
        "mountsToken": Node(boolean(token), (token or found.node).location),
    }


def role(found: KubernetesObject) -> dict[str, Node]:
    """`identity` and the `wildcards` of a Role or ClusterRole: each grant of all verbs or all resources."""
    rules = found.node.get("rules")
    kind = found.kind.rpartition("/")[2]
    namespace = "" if found.cluster_scoped else found.namespace or "default"
    grants: list[Node] = []
    for rule in rules.items if rules is not None else []:
        for member in ("verbs", "resources"):
            at = rule.get(member) or rule
            texts = rule.texts(member)
            if "*" in texts:
                grants.append(Node(f"{member}: *", at.location))
            elif any(is_placeholder(text) for text in texts) or not isinstance(rule.content, dict):
                grants.append(_filled_in(at))
    if rules is not None and rules.content is not None and not isinstance(rules.content, list):
        grants.append(_filled_in(rules))
    certain = [grant for grant in grants if not isinstance(grant.content, Unknown)]
    unknown = next((grant.content for grant in grants if isinstance(grant.content, Unknown)), None)
    return {
        "identity": Node(f"{kind}/{namespace}/{found.name}", found.node.location),
        "rules": rules if rules is not None else Node([], found.node.location),
        "wildcards": Node(unknown if unknown is not None and not certain else list(certain), (rules or found.node).location),
    }


def _filled_in(at: Node) -> Node:
    return Node(Unknown.because(f"{at.location}: what it grants is filled in at deployment"), at.location)


def binding(found: KubernetesObject) -> dict[str, Node]:
    """The role that a binding grants and the ServiceAccounts it grants it to."""
    node = found.node
    reference = node.get("roleRef") or Node({}, node.location)
    kind, name = reference.text("kind"), reference.text("name")
    namespace = found.namespace or "default"
    subjects = node.get("subjects")
    accounts = [
        Node(f"{s.text('namespace') or namespace}/{s.text('name')}", (s.get("name") or s).location)
        for s in (subjects.items if subjects is not None else [])
        if s.text("kind") == "ServiceAccount"
    ]
    at = reference.get("name") or reference
    return {
        "role": Node(f"{kind}/{namespace if kind == 'Role' else ''}/{name}", at.location),
        "roleName": Node(name, at.location),
        "grantsAdmin": Node(kind == "ClusterRole" and name in _ADMIN, at.location),
        "serviceAccounts": Node(list(accounts), (subjects or node).location),
        "undeclaredRole": Node(Unknown.because(f"{at.location}: the {kind} {name} is not declared in the repository"), at.location),
    }
