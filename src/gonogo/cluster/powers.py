"""What makes a permission dangerous: the ways from it to the rest of the cluster that Kubernetes itself warns of.

https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo.cluster.rbac import EVERYWHERE, Grant, Grants, Request, covers
from gonogo.cluster.truth import Truth, all_of, any_of
from gonogo.model.value import Unknown, lookup

_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, slots=True)
class Power:
    """A dangerous permission by its name, and any of the requests that shows it. `everywhere`: it is one only across namespaces."""

    name: str
    requests: tuple[Request, ...]
    everywhere: bool = False


def _each(verbs: str, group: str, resource: str, subresource: str = "") -> tuple[Request, ...]:
    return tuple(Request(verb, group, resource, subresource=subresource) for verb in verbs.split())


POWERS = (
    Power("cluster-admin", (Request("*", "*", "*"),)),
    Power("escalate-roles", (*_each("escalate", _RBAC, "roles"), *_each("escalate", _RBAC, "clusterroles"))),
    Power("bind-roles", (*_each("bind", _RBAC, "roles"), *_each("bind", _RBAC, "clusterroles"))),
    Power("impersonate", (*_each("impersonate", "", "users"), *_each("impersonate", "", "groups"), *_each("impersonate", "", "serviceaccounts"))),
    Power("read-secrets", _each("get list watch", "", "secrets")),
    Power("exec-into-pods", (*_each("create get", "", "pods", "exec"), *_each("create get", "", "pods", "attach"))),
    Power("create-tokens", _each("create", "", "serviceaccounts", "token")),
    Power("reach-kubelets", (*_each("get create", "", "nodes", "proxy"),)),
    Power("approve-certificates", (*_each("update patch", "certificates.k8s.io", "certificatesigningrequests", "approval"),)),
    Power(
        "change-admission",
        (
            *_each("create update patch", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
            *_each("create update patch", "admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        ),
    ),
    Power(
        "run-workloads",
        (
            *_each("create update patch", "", "pods"), *_each("create update patch", "apps", "deployments"),
            *_each("create update patch", "apps", "daemonsets"), *_each("create update patch", "apps", "statefulsets"),
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


def powers_of(grants: Grants) -> Iterator[Held]:
    """The powers of an account, each with the grants that give it."""
    for power in POWERS:
        for grant in grants.grants:
            certain = all_of([grant.certain, any_of(_gives(grant, request) for request in power.requests)])
            if certain is not False:
                yield Held(power.name, grant.namespace, grant, certain)


def wildcards(grant: Grant) -> Iterator[str]:
    """The parts of a rule that are everything: `verbs`, `resources`, `apiGroups`."""
    for part in ("verbs", "resources", "apiGroups"):
        values = lookup(grant.rule, part) if not isinstance(grant.rule, Unknown) else None
        if isinstance(values, list | tuple) and "*" in values:
            yield part


def _gives(grant: Grant, request: Request) -> Truth:
    """Whether a grant gives a power, which a rule about named things gives over those: what it may read by name it may read."""
    if request.verb == "*":
        # Everything on everything, in every group: cluster-admin by whatever name, where it is bound for every namespace.
        return all_of([grant.namespace == EVERYWHERE, covers(grant.rule, Request("any", "any", "any"))])
    names = lookup(grant.rule, "resourceNames") if not isinstance(grant.rule, Unknown) else None
    if names and not isinstance(names, Unknown):
        rule = {key: value for key, value in dict(grant.rule).items() if key != "resourceNames"}  # type: ignore[arg-type]
        return covers(rule, request)
    return covers(grant.rule, request)
