"""What is in force of each workload: its isolation, its permissions, its confinement, as resources of their own that rules ask.

Objects belong together that are of one view and one environment and are applied together: a policy of a bundle that is applied
instead of a workload's protects nothing of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gonogo.cluster.members import members
from gonogo.cluster.network import Direction, Isolation, PodEnd, Policy, isolation, reaches_metadata_server
from gonogo.cluster.pod_security import Level, Pod, breaches, meets
from gonogo.cluster.powers import Memory, powers_of, wildcards
from gonogo.cluster.rbac import Account, Binding, Grants, Role, RoleRef, grants_of
from gonogo.cluster.together import are_samples, comparable, meet, namespace_of, nearest
from gonogo.cluster.truth import Truth, all_of, any_of
from gonogo.kinds.effective import PERMISSIONS, POD_ISOLATION, POD_SECURITY
from gonogo.kinds.gke import CLUSTER_KIND
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
    "crd.antrea.io/ClusterNetworkPolicy", "networking.k8s.aws/ApplicationNetworkPolicy", "networking.k8s.aws/ClusterNetworkPolicy",
})  # fmt: skip
"""Policies of network plugins, in languages of their own: they may isolate a pod, and we do not know whether."""
EGRESS_POLICIES = frozenset({"networking.gke.io/FQDNNetworkPolicy", "k8s.ovn.org/EgressFirewall", "network.openshift.io/EgressNetworkPolicy"})
"""Those that are about egress only."""
_ROLES = ("rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole")
_ACCOUNT = "core/ServiceAccount"
_BINDINGS = ("rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding")
_NAMESPACE: Path = ("metadata", "namespace")
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
    accounts: list[Resource] = field(default_factory=list)
    clusters: list[Resource] = field(default_factory=list)
    samples: bool = False

    def beside(self, shared: _Applied) -> _Applied:
        """These workloads, with the objects of no named environment: those are applied in each."""
        if shared is self:
            return self
        return _Applied(
            self.workloads, self.policies + shared.policies, self.others + shared.others, self.roles + shared.roles,
            self.bindings + shared.bindings, self.accounts + shared.accounts,
        )  # fmt: skip


def effective(resources: Iterable[Resource], unset: Callable[[str], bool], built_in: Sequence[Role] = ()) -> Iterator[Resource]:
    """What is in force of each workload among `resources`; a GKE cluster among them is one that the workloads may go to.

    `unset` tells texts that something fills in before they are applied (`${LEVEL}`): they are unknown. `built_in` are the
    ClusterRoles that every cluster has.
    """
    groups: dict[tuple[str, str], _Applied] = defaultdict(_Applied)
    clusters: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        if resource.kind in _READ:
            resource = replace(resource, attributes=_filled(resource.attributes, unset, resource))
        group = groups[resource.origin.view, resource.environment]
        if resource.kind in TEMPLATES:
            if lookup(resource.attributes, "pod") is not None:
                group.workloads.append(resource)
        elif resource.kind == NETWORK_POLICY:
            group.policies.append(resource)
        elif resource.kind in OTHER_POLICIES | EGRESS_POLICIES:
            group.others.append(resource)
        elif resource.kind in _ROLES:
            group.roles.append(resource)
        elif resource.kind in _BINDINGS:
            group.bindings.append(resource)
        elif resource.kind == _ACCOUNT:
            group.accounts.append(resource)
        elif resource.kind == CLUSTER_KIND:
            clusters[resource.origin.view].append(resource)
    rules: Memory = {}
    for view, environment in [*groups]:
        group = groups[view, environment].beside(groups[view, ""])
        group.samples, group.clusters = are_samples(group.workloads), clusters[view]
        for workload in group.workloads:
            yield _isolation(workload, group, unset)
            yield _permissions(workload, group, unset, built_in, rules)
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


def _isolation(workload: Resource, group: _Applied, unset: Callable[[str], bool]) -> Resource:
    namespace = namespace_of(workload)
    labels = lookup(workload.attributes, "pod", "labels")
    pod = PodEnd(namespace, labels, {})
    beside = [(p, meets) for p in nearest(group.policies, workload) if _together(p, workload) and (meets := meet(p, workload, unset, group.samples)) is not False]
    policies = [Policy(p.name, namespace, comparable(lookup(p.attributes, "spec"), labels, unset), meets) for p, meets in beside]
    places = {policy.name: found.locate(("spec",)) for policy, (found, _) in zip(policies, beside, strict=True)}
    others = [o for o in group.others if _together(o, workload) and (_is_of_cluster(o) or meet(o, workload, unset, group.samples) is not False)]
    doubts = [(o.kind, Unknown.because(f"{o.locate()}: what the {o.kind.rpartition('/')[2]} {o.name} lets through is not known")) for o in others]
    of_egress = [unknown for _, unknown in doubts]
    of_ingress = [unknown for kind, unknown in doubts if kind not in EGRESS_POLICIES]
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "place": lookup(workload.attributes, "place"),
        "hostNetwork": lookup(workload.attributes, "pod", "hostNetwork"),
    }
    locations: dict[Path, Location] = _places(workload, ())
    for direction in Direction:
        found = isolation(pod, policies, direction)
        attributes[direction.rules] = _direction(found, of_ingress if direction is Direction.INGRESS else of_egress)
        for at, selected in enumerate(found.policies):
            if (place := places[selected.policy.name]) is not None:
                locations[direction.rules, "policies", at] = place
    attributes["metadataServer"] = _unless(reaches_metadata_server(pod, policies), of_egress)
    attributes["enforced"], place = _enforced(group)
    if place is not None:
        locations["enforced",] = place
    return _derived(POD_ISOLATION, workload, attributes, locations)


def _enforced(group: _Applied) -> tuple[Truth, Location | None]:
    """Whether NetworkPolicies are obeyed, as far as clusters are declared; where none is, nothing speaks against it.

    Which of several clusters a workload goes to is written nowhere; of samples even one says nothing.
    """
    doubtful = [(truth, c) for c in group.clusters if (truth := lookup(c.attributes, "enforcesNetworkPolicies")) is not True]
    if not doubtful or group.samples:
        return True, None
    truth, cluster = doubtful[0]
    place = cluster.locate()
    if len(doubtful) == len(group.clusters) and all(truth is False and lookup(c.attributes, "exists") is True for truth, c in doubtful):
        return False, place
    if isinstance(truth, Unknown):
        return truth, place
    return Unknown.because(f"{place}: the cluster {cluster.name} enforces no NetworkPolicy, and whether the workload goes there is not known"), place


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
    """What is open may be closed by a policy that is not understood, and what is closed may be opened by it: some allow before these deny."""
    return Unknown.merge(doubt) if doubt else opened


def _is_of_cluster(policy: Resource) -> bool:
    return any(word in policy.kind for word in ("/Cluster", "/CiliumClusterwide", "/Global", "Admin"))


def _permissions(workload: Resource, group: _Applied, unset: Callable[[str], bool], built_in: Sequence[Role], rules: Memory) -> Resource:
    account = lookup(workload.attributes, "pod", "serviceAccount")
    locations = _places(workload, ("pod", "serviceAccount"))
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "place": lookup(workload.attributes, "place"),
        "account": account,
        "mountsToken": _mounts_token(workload, group),
    }
    found = nearest((b for b in group.bindings if _together(b, workload)), workload)
    if isinstance(account, str) and unset(account) and found and not any(_names(b, account) for b in found):
        account = Unknown.because(f"{workload.locate(('pod', 'serviceAccount'))}: {account} is filled in before it is applied")
    if not isinstance(account, str):
        unknown = account if isinstance(account, Unknown) else Unknown.because("its ServiceAccount is not known")
        attributes |= {"powers": OpenList((), unknown), "held": [], "wildcards": OpenList((), unknown)}
        return _derived(PERMISSIONS, workload, attributes, locations)
    namespace, _, name = account.partition("/")
    roles: dict[tuple[str, str], list[Role]] = defaultdict(list)
    for declared in nearest((r for r in group.roles if _together(r, workload)), workload):
        role = _role(declared)
        roles[role.namespace, role.name].append(role)
    known = {(role.namespace, role.name): [role] for role in built_in} | roles
    made = [_binding(b) for b in found]
    grants = grants_of(Account(namespace, name, settled=_NAMESPACE not in workload.silent), made, lambda ns, wanted: known.get((ns, wanted), ()), [r for same in known.values() for r in same if not r.namespace])
    powers, stars = list(_powers(grants, rules)), list(_wildcards(grants))
    attributes["powers"] = _maybe_open([row for row, _ in powers], grants)
    attributes["held"] = [*dict.fromkeys(_told(row) for row, _ in powers if row["certain"] is True)]
    attributes["wildcards"] = _maybe_open([row for row, _ in stars], grants)
    at = {(_namespace_of(b), b.name.rpartition("/")[2]): b for b in found}
    for key, rows in (("powers", powers), ("wildcards", stars)):
        for number, (_, binding) in enumerate(rows):
            place = at[binding.namespace, binding.name].locate(("roleName",)) if (binding.namespace, binding.name) in at else None
            if place is not None:
                locations[key, number] = place
    return _derived(PERMISSIONS, workload, attributes, locations)


def _mounts_token(workload: Resource, group: _Applied) -> Truth:
    """Whether the pod has a token: what it says, else what its ServiceAccount says, else it has."""
    own = lookup(workload.attributes, "pod", "mountsToken")
    if isinstance(own, bool | Unknown):
        return own
    account = lookup(workload.attributes, "pod", "serviceAccount")
    said = [lookup(a.attributes, "mountsToken") for a in group.accounts if lookup(a.attributes, "identity") == account and _together(a, workload)]
    return any_of(True if token is None else token for token in said if token is None or isinstance(token, bool | Unknown)) if said else True


def _names(binding: Resource, account: str) -> bool:
    accounts = lookup(binding.attributes, "serviceAccounts")
    return isinstance(accounts, Sequence) and account in accounts


def _powers(grants: Grants, rules: Memory) -> Iterator[tuple[dict[str, Value], Binding]]:
    seen: set[tuple[str, str, str, str, bool]] = set()
    for held in powers_of(grants, rules):
        key = (held.power, held.namespace, held.grant.role.name, held.grant.binding.name, held.certain is True)
        if key not in seen:
            seen.add(key)
            row: dict[str, Value] = {"power": held.power, "namespace": held.namespace, "role": held.grant.role.name, "binding": held.grant.binding.name, "certain": held.certain}
            yield row, held.grant.binding


def _told(row: Mapping[str, Value]) -> str:
    return f"{row['power']} {'everywhere' if not row['namespace'] else 'in ' + str(row['namespace'])} by {row['binding']}"


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
        namespace_of(resource) if namespaced else "", resource.name.rpartition("/")[2], lookup(spec, "rules"),
        lookup(spec, "metadata", "labels"), lookup(spec, "aggregationRule", "clusterRoleSelectors"),
    )  # fmt: skip


def _binding(resource: Resource) -> Binding:
    reference = lookup(resource.attributes, "roleRef")
    return Binding(
        _namespace_of(resource), resource.name.rpartition("/")[2],
        RoleRef(lookup(reference, "kind"), lookup(reference, "name")), lookup(resource.attributes, "subjects"),
    )  # fmt: skip


def _namespace_of(binding: Resource) -> str:
    return "" if binding.kind.endswith("ClusterRoleBinding") else namespace_of(binding)


def _security(workload: Resource) -> Resource:
    start = TEMPLATES[workload.kind]
    template = lookup(workload.attributes, *start)
    pod = Pod(lookup(template, "spec"), lookup(template, "metadata", "annotations"))
    found = breaches(pod, Level.RESTRICTED)
    # What has no container is refused, or completed by something that is not seen.
    empty = [] if [*members(lookup(template, "spec", "containers"))] else [Unknown.because(f"{workload.locate(start)}: no container is written here")]
    attributes: dict[str, Value] = {
        "workload": lookup(workload.attributes, "identity"),
        "bundle": lookup(workload.attributes, "bundle"),
        "place": lookup(workload.attributes, "place"),
        "baseline": all_of([meets(pod, Level.BASELINE), *empty]),
        "restricted": all_of([meets(pod, Level.RESTRICTED), *empty]),
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


def _together(other: Resource, workload: Resource) -> bool:
    """Whether an object is applied with a workload, or by itself, and not by a bundle that stands in the workload's place."""
    rivals, bundle = lookup(workload.attributes, "rivals"), lookup(other.attributes, "bundle")
    return not isinstance(rivals, Sequence) or isinstance(rivals, str) or bundle not in rivals
