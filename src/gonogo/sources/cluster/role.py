"""The ClusterRole that an audit of a cluster needs, and nothing more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gonogo.sources.cluster.lists import Listed, Lists

NAME = "gonogo-auditor"


def granted(table: Lists) -> Iterator[Listed]:
    """What the role lets be listed: all that is judged, and what tells whose a pod is.

    Not Secrets: RBAC knows no permission for metadata alone, and who may list them reads their values. Without them nothing but
    their drift is unknown.
    """
    return (entry for entry in table.lists if entry.judged or entry.also)


def as_cluster_role(table: Lists, member: str = "") -> Iterator[str]:
    """Lines for `kubectl apply -f -`, with the command that binds it to `member` (AUDITOR where it is not known)."""
    groups: dict[str, set[str]] = defaultdict(set)
    for entry in granted(table):
        groups[entry.group].add(entry.resource)
    yield f"# kubectl create clusterrolebinding {NAME} --clusterrole={NAME} --user={member or 'AUDITOR'}"
    yield "# Secrets are not listed: who may list them may read them. With them their drift is told, too."
    yield "apiVersion: rbac.authorization.k8s.io/v1"
    yield "kind: ClusterRole"
    yield "metadata:"
    yield f"  name: {NAME}"
    yield "rules:"
    for group, resources in sorted(groups.items()):
        yield f'  - apiGroups: ["{group}"]'
        yield f"    resources: [{', '.join(sorted(resources))}]"
        yield "    verbs: [list]"
    # Which API groups there are: everybody who is logged in may ask (system:discovery), unless somebody took that away.
    yield '  - nonResourceURLs: ["/apis"]'
    yield "    verbs: [get]"
