"""What makes a permission dangerous: the ways from it to the rest of the cluster that Kubernetes itself warns of.

https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.cluster.rbac import EVERYWHERE, Grant, Grants, Request, covers
from gonogo.cluster.truth import Truth, all_of, any_of
from gonogo.model.value import Unknown, Value, lookup

_RBAC = "rbac.authorization.k8s.io"
_CLUSTER_SCOPED = frozenset({
    "certificatesigningrequests", "groups", "mutatingadmissionpolicies", "mutatingwebhookconfigurations", "nodes", "persistentvolumes", "users",
    "validatingwebhookconfigurations",
})  # fmt: skip
"""What a RoleBinding grants nothing over, as it is in no namespace. (`bind` on ClusterRoles is asked for in that of the RoleBinding.)"""


@dataclass(frozen=True, slots=True)
class Power:
    """A dangerous permission by its name, and any of the requests that shows it. `unless_named`: over named things of a namespace it is none."""

    name: str
    requests: tuple[Request, ...]
    unless_named: bool = False


def _each(verbs: str, group: str, resource: str, subresource: str = "") -> tuple[Request, ...]:
    return tuple(Request(verb, group, resource, subresource=subresource) for verb in verbs.split())


POWERS = (
    Power("cluster-admin", (Request("*", "*", "*"),)),
    Power("escalate-roles", (*_each("escalate", _RBAC, "roles"), *_each("escalate", _RBAC, "clusterroles"))),
    Power("bind-roles", (*_each("bind", _RBAC, "roles"), *_each("bind", _RBAC, "clusterroles"))),
    Power("impersonate", (*_each("impersonate", "", "users"), *_each("impersonate", "", "groups"), *_each("impersonate", "", "serviceaccounts"))),
    # Reading its own Secret by name is what a workload is meant to do.
    Power("read-secrets", _each("get list watch", "", "secrets"), unless_named=True),
    Power(
        "exec-into-pods",
        (*_each("create get", "", "pods", "exec"), *_each("create get", "", "pods", "attach"), *_each("update patch", "", "pods", "ephemeralcontainers")),
    ),
    Power("create-volumes", _each("create", "", "persistentvolumes")),
    Power("create-tokens", _each("create", "", "serviceaccounts", "token")),
    Power("reach-kubelets", (*_each("get create", "", "nodes", "proxy"),)),
    Power("approve-certificates", (*_each("update patch", "certificates.k8s.io", "certificatesigningrequests", "approval"),)),
    Power(
        "change-admission",
        (
            *_each("create update patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
            *_each("create update patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
            *_each("create update patch", "admissionregistration.k8s.io", "mutatingadmissionpolicies"),
        ),
    ),
    Power(
        "run-workloads",
        (
            *_each("create update patch", "", "pods"), *_each("create update patch", "apps", "deployments"),
            *_each("create update patch", "apps", "daemonsets"), *_each("create update patch", "apps", "statefulsets"),
            *_each("create update patch", "apps", "replicasets"), *_each("create update patch", "", "replicationcontrollers"),
            *_each("create update patch", "batch", "jobs"), *_each("create update patch", "batch", "cronjobs"),
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A power that an account has, or may have, by a grant; where, `` for every namespace."""

    power: str
    namespace: str
    grant: Grant
    certain: Truth


Memory: TypeAlias = dict[tuple[int, bool, str], tuple[Value, Truth]]
"""What rules give, by their identity; the rule is kept, so that nothing else takes its identity."""


def powers_of(grants: Grants, known: Memory | None = None) -> Iterator[Held]:
    """The powers of an account, each with the grants that give it. `known` are those of rules, by their identity: roles are bound many times."""
    memory: Memory = {} if known is None else known
    for power in POWERS:
        for grant in grants.grants:
            key = (id(grant.rule), grant.namespace == EVERYWHERE, power.name)
            if key not in memory:
                memory[key] = (grant.rule, any_of(_gives(grant, request, power.unless_named) for request in power.requests))
            certain = all_of([grant.certain, memory[key][1]])
            if certain is not False:
                yield Held(power.name, grant.namespace, grant, certain)


def wildcards(grant: Grant) -> Iterator[str]:
    """The parts of a rule that are everything: `verbs`, `resources`, `apiGroups`."""
    for part in ("verbs", "resources", "apiGroups"):
        values = lookup(grant.rule, part) if not isinstance(grant.rule, Unknown) else None
        if isinstance(values, list | tuple) and "*" in values:
            yield part


def _gives(grant: Grant, request: Request, unless_named: bool) -> Truth:
    """Whether a grant gives a power. A rule about named things gives it over those, but nothing is created by name."""
    if request.verb == "*":
        # Everything on everything, in every group: cluster-admin by whatever name, where it is bound for every namespace.
        return all_of([grant.namespace == EVERYWHERE, covers(grant.rule, Request("any", "any", "any"))])
    if request.resource in _CLUSTER_SCOPED and grant.namespace != EVERYWHERE:
        return False
    names = lookup(grant.rule, "resourceNames")
    if isinstance(grant.rule, Mapping) and names and not isinstance(names, Unknown):
        if (unless_named and grant.namespace != EVERYWHERE) or (request.verb == "create" and not request.subresource):
            return False
        return covers({key: value for key, value in grant.rule.items() if key != "resourceNames"}, request)
    return covers(grant.rule, request)
