"""What is in force of each workload: its isolation, its permissions, its confinement, as resources of their own that rules ask.

Objects belong together that are of one view and one environment and are applied together: a policy of a bundle that is applied
instead of a workload's protects nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.cluster.network import Direction, Isolation, PodEnd, Policy, isolation, reaches_metadata_server
from gonogo.cluster.pod_security import Level, Pod, breaches, meets
from gonogo.cluster.powers import powers_of, wildcards
from gonogo.cluster.rbac import Account, Binding, Grants, Role, RoleRef, grants_of
from gonogo.cluster.truth import Truth, any_of
from gonogo.kinds.effective import PERMISSIONS, POD_ISOLATION, POD_SECURITY
from gonogo.model.location import Location
from gonogo.model.resource import Resource
from gonogo.model.value import OpenList, OpenMap, Path, Unknown, Value, lookup

SOURCE = "kubernetes"
TEMPLATES: Mapping[str, Path] = {
    "apps/Deployment": ("spec", "template"),
    "apps/StatefulSet": ("spec", "template"),
    "apps/DaemonSet": ("spec", "template"),
    "apps.openshift.io/DeploymentConfig": ("spec", "template"),
    "argoproj.io/Rollout": ("spec", "template"),
    "batch/Job": ("spec", "template"),
    "batch/CronJob": ("spec", "jobTemplate", "spec", "template"),
    "core/Pod": (),
}
"""Where each workload has its pod."""
NETWORK_POLICY = "networking.k8s.io/NetworkPolicy"
OTHER_POLICIES = frozenset({
    "cilium.io/CiliumNetworkPolicy", "cilium.io/CiliumClusterwideNetworkPolicy", "crd.projectcalico.org/NetworkPolicy",
    "crd.projectcalico.org/GlobalNetworkPolicy", "projectcalico.org/NetworkPolicy", "projectcalico.org/GlobalNetworkPolicy",
    "policy.networking.k8s.io/AdminNetworkPolicy", "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
    "policy.networking.k8s.io/ClusterNetworkPolicy", "security.antrea.tanzu.vmware.com/ClusterNetworkPolicy", "crd.antrea.io/NetworkPolicy",
    "crd.antrea.io/ClusterNetworkPolicy",
})  # fmt: skip
"""Policies of network plugins, in languages of their own: they may isolate a pod, and we do not know whether."""
_ROLES = ("rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole")
_BINDINGS = ("rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding")
_SAID = frozenset({"spec", "rules"})
_READ = frozenset({*TEMPLATES, *_ROLES})
"""Names and labels are left as they are written: what is filled in is the same text wherever it stands."""


@dataclass(slots=True)
class _Applied:
    """The objects of one view and environment."""

    workloads: list[Resource] = field(default_factory=list)
    policies: list[Resource] = field(default_factory=list)
    others: list[Resource] = field(default_factory=list)
    roles: list[Resource] = field(default_factory=list)
    bindings: list[Resource] = field(default_factory=list)


def effective(resources: Iterable[Resource], unset: Callable[[str], bool], built_in: Sequence[Role] = ()) -> Iterator[Resource]:
    """What is in force of each workload among `resources`.

    `unset` tells texts that something fills in before they are applied (`${LEVEL}`): they are unknown. `built_in` are the
    ClusterRoles that every cluster has.
    """
    groups: dict[tuple[str, str], _Applied] = defaultdict(_Applied)
    for resource in resources:
        if resource.kind in _READ:
            resource = replace(resource, attributes=_filled(resource.attributes, unset, resource))
        group = groups[resource.origin.view, resource.environment]
        if resource.kind in TEMPLATES:
            if lookup(resource.attributes, "pod") is not None:
                group.workloads.append(resource)
        elif resource.kind == NETWORK_POLICY:
            group.policies.append(resource)
        elif resource.kind in OTHER_POLICIES:
            group.others.append(resource)
        elif resource.kind in _ROLES:
            group.roles.append(resource)
        elif resource.kind in _BINDINGS:
            group.bindings.append(resource)
    for group in groups.values():
        for workload in group.workloads:
            yield _isolation(workload, group)
            yield _permissions(workload, group, built_in)
            yield _security(workload)


def _filled(attributes: Mapping[str, Value], unset: Callable[[str], bool], owner: Resource) -> Mapping[str, Value]:
    """What an object says, without what something fills in. By its name it is still known."""
    return {key: _settled(value, unset, owner, (key,)) if key in _SAID else value for key, value in attributes.items()}


def _settled(value: Value, unset: Callable[[str], bool], owner: Resource, path: Path) -> Value:
    if isinstance(value, str):
        return Unknown.because(f"{owner.locate(path)}: {value} is filled in before it is applied") if unset(value) else value
    if isinstance(value, OpenList | OpenMap | Unknown):
        return value
    if isinstance(value, Mapping):
        return {key: _settled(inner, unset, owner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_settled(inner, unset, owner, (*path, at)) for at, inner in enumerate(value)]
    return value


def _isolation(workload: Resource, group: _Applied) -> Resource:
    namespace = _namespace(workload)
    pod = PodEnd(namespace, lookup(workload.attributes, "pod", "labels"), {})
    beside = [p for p in group.policies if _together(p, workload)]
    policies = [Policy(p.name, _namespace(p), lookup(p.attributes, "spec")) for p in beside]
    places = {policy.name: found.locate(("spec",)) for policy, found in zip(policies, beside, strict=True)}
    others = [o for o in group.others if _together(o, workload) and ("Cluster" in o.kind or "Global" in o.kind or "Admin" in o.kind or _namespace(o) == namespace)]
    doubt = [Unknown.because(f"{o.locate()}: what the {o.kind.rpartition('/')[2]} {o.name} lets through is not known") for o in others]
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "hostNetwork": lookup(workload.attributes, "pod", "hostNetwork"),
    }
    locations: dict[Path, Location] = _places(workload, ())
    for direction in Direction:
        found = isolation(pod, policies, direction)
        attributes[direction.rules] = _direction(found, doubt)
        for at, selected in enumerate(found.policies):
            if (place := places[selected.policy.name]) is not None:
                locations[direction.rules, "policies", at] = place
    attributes["metadataServer"] = _unless(reaches_metadata_server(pod, policies), doubt)
    return _derived(POD_ISOLATION, workload, attributes, locations)


def _direction(found: Isolation, doubt: Sequence[Unknown]) -> dict[str, Value]:
    names: list[Value] = [selected.policy.name for selected in found.policies]
    return {
        "isolated": any_of([found.isolated, *doubt]),
        "policies": OpenList(names, Unknown.merge(doubt)) if doubt else names,
        "unrestricted": _unless(found.unrestricted, doubt),
        "anywhere": _unless(found.anywhere, doubt),
        "anyPod": _unless(found.any_pod, doubt),
    }


def _unless(opened: Truth, doubt: Sequence[Unknown]) -> Truth:
    """What is open may be closed by a policy that is not understood; what is closed stays closed, for such a policy could only open more."""
    return Unknown.merge(doubt) if doubt and opened is not False else opened


def _permissions(workload: Resource, group: _Applied, built_in: Sequence[Role]) -> Resource:
    account = lookup(workload.attributes, "pod", "serviceAccount")
    locations = _places(workload, ("pod", "serviceAccount"))
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "account": account,
        "mountsToken": lookup(workload.attributes, "pod", "mountsToken"),
    }
    if not isinstance(account, str):
        unknown = account if isinstance(account, Unknown) else Unknown.because("its ServiceAccount is not known")
        attributes |= {"powers": OpenList((), unknown), "wildcards": OpenList((), unknown)}
        return _derived(PERMISSIONS, workload, attributes, locations)
    namespace, _, name = account.partition("/")
    roles = {(_role(r).namespace, _role(r).name): (_role(r), r) for r in group.roles if _together(r, workload)}
    found = [b for b in group.bindings if _together(b, workload)]
    known = {(role.namespace, role.name): role for role in built_in} | {key: role for key, (role, _) in roles.items()}
    made = [_binding(b) for b in found]
    grants = grants_of(Account(namespace, name), made, lambda ns, wanted: known.get((ns, wanted)), [r for r in known.values() if not r.namespace])
    powers, stars = list(_powers(grants)), list(_wildcards(grants))
    attributes["powers"] = _maybe_open([row for row, _ in powers], grants)
    attributes["wildcards"] = _maybe_open([row for row, _ in stars], grants)
    at = {(_namespace_of(b), b.name.rpartition("/")[2]): b for b in found}
    for key, rows in (("powers", powers), ("wildcards", stars)):
        for number, (_, binding) in enumerate(rows):
            place = at[binding.namespace, binding.name].locate(("roleName",)) if (binding.namespace, binding.name) in at else None
            if place is not None:
                locations[key, number] = place
    return _derived(PERMISSIONS, workload, attributes, locations)


def _powers(grants: Grants) -> Iterator[tuple[Value, Binding]]:
    seen: set[tuple[str, str, str, str]] = set()
    for held in powers_of(grants):
        key = (held.power, held.namespace, held.grant.role.name, held.grant.binding.name)
        if key not in seen:
            seen.add(key)
            row: dict[str, Value] = {"power": held.power, "namespace": held.namespace, "role": held.grant.role.name, "binding": held.grant.binding.name, "certain": held.certain}
            yield row, held.grant.binding


def _wildcards(grants: Grants) -> Iterator[tuple[Value, Binding]]:
    for grant in grants.grants:
        for part in wildcards(grant):
            row: dict[str, Value] = {"part": part, "namespace": grant.namespace, "role": grant.role.name, "binding": grant.binding.name}
            yield row, grant.binding


def _maybe_open(rows: Sequence[Value], grants: Grants) -> Value:
    return OpenList(rows, Unknown.merge(grants.unknown)) if grants.unknown else list(rows)


def _role(resource: Resource) -> Role:
    spec = resource.attributes
    namespaced = resource.kind.endswith("/Role")
    return Role(
        _namespace(resource) if namespaced else "", resource.name.rpartition("/")[2], lookup(spec, "rules"),
        lookup(spec, "metadata", "labels"), lookup(spec, "aggregationRule", "clusterRoleSelectors"),
    )  # fmt: skip


def _binding(resource: Resource) -> Binding:
    reference = lookup(resource.attributes, "roleRef")
    return Binding(
        _namespace_of(resource), resource.name.rpartition("/")[2],
        RoleRef(lookup(reference, "kind"), lookup(reference, "name")), lookup(resource.attributes, "subjects"),
    )  # fmt: skip


def _namespace_of(binding: Resource) -> str:
    return "" if binding.kind.endswith("ClusterRoleBinding") else _namespace(binding)


def _security(workload: Resource) -> Resource:
    start = TEMPLATES[workload.kind]
    template = lookup(workload.attributes, *start)
    pod = Pod(lookup(template, "spec"), lookup(template, "metadata", "annotations"))
    found = breaches(pod, Level.RESTRICTED)
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "baseline": meets(pod, Level.BASELINE),
        "restricted": meets(pod, Level.RESTRICTED),
        "breaches": [{"check": b.check, "level": b.level.value, "setting": ".".join(map(str, b.path)), "certain": b.certain} for b in found],
    }
    locations = _places(workload, start)
    for number, breach in enumerate(found):
        place = workload.locate((*start, "spec", *breach.path))
        if place is not None:
            locations["breaches", number] = place
    return _derived(POD_SECURITY, workload, attributes, locations)


def _derived(kind: str, workload: Resource, attributes: Mapping[str, Value], locations: Mapping[Path, Location]) -> Resource:
    name = f"{workload.kind} {workload.name}"
    return Resource(kind, name, attributes, locations, origin=workload.origin, source=SOURCE, environment=workload.environment, live=workload.live)


def _places(workload: Resource, path: Path) -> dict[Path, Location]:
    place = workload.locate(path)
    return {(): place} if place is not None else {}


def _namespace(resource: Resource) -> str:
    found = lookup(resource.attributes, "metadata", "namespace")
    return found if isinstance(found, str) else resource.name.rpartition("/")[0] or "default"


def _together(other: Resource, workload: Resource) -> bool:
    """Whether an object is applied with a workload, or by itself, and not by a bundle that stands in the workload's place."""
    rivals, bundle = lookup(workload.attributes, "rivals"), lookup(other.attributes, "bundle")
    return not isinstance(rivals, Sequence) or isinstance(rivals, str) or bundle not in rivals
