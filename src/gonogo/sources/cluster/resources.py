"""What a cluster listed, as resources in the shape of declared objects, with what is in force of each workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from urllib.parse import quote

from gonogo.cluster.built_in import built_in_roles
from gonogo.cluster.effective import effective
from gonogo.cluster.surroundings import surroundings
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource
from gonogo.model.value import Unknown, Value, is_list, lookup
from gonogo.sources.cluster.collect import SOURCE, Collected, Object
from gonogo.sources.cluster.lists import Lists, System
from gonogo.sources.cluster.owners import installed_by
from gonogo.sources.located import written
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.resources import resources_of

_VALIDITY = "kubernetes/Object"
_BINDINGS = ("rbac.authorization.k8s.io/RoleBinding", "rbac.authorization.k8s.io/ClusterRoleBinding")
_ROLES = ("rbac.authorization.k8s.io/Role", "rbac.authorization.k8s.io/ClusterRole")
_EVERYBODY = frozenset({"system:authenticated", "system:unauthenticated"})


@dataclass(frozen=True, slots=True)
class LiveCluster:
    """What is live in a cluster. `own` are the places of what belongs to the cluster itself; it takes part in what is in force."""

    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    own: frozenset[str]
    undeclared: frozenset[str]
    """The places of what is judged although nobody declares it: a namespace's default ServiceAccount."""


def live_cluster(collected: Collected, table: Lists, *, judge_system: bool = False) -> LiveCluster:
    """The resources of one cluster. With `judge_system` only what the API server makes itself is `own`."""
    found: list[Resource] = []
    gaps = list(collected.gaps)
    for object_ in collected.objects:
        for result in _read(object_, collected, table):
            if isinstance(result, Gap):
                gaps.append(replace(result, file="", line=0, source=SOURCE, origin=Origin.LIVE))
            elif result.kind != _VALIDITY:
                found.append(result)
    system = replace(table.system, namespaces=()) if judge_system else table.system
    own = frozenset(_own(found, system, unheld=not collected.incomplete.isdisjoint(_BINDINGS)))
    undeclared = frozenset(_place(r) for r in found if _name(r) in table.system.undeclared.get(r.kind, ()))
    derived = effective(found, lambda _: False, built_in_roles())
    return LiveCluster((*found, *derived, *surroundings(found, lambda _: False)), tuple(sorted(gaps)), own, undeclared)


def live_kinds(table: Lists) -> frozenset[str]:
    """The kinds of which what is live decides."""
    return frozenset(listed.kind for listed in table.lists if listed.judged)


def named_after(resource: Resource, context: str) -> Resource:
    """The resource under a name that says its cluster, where several are read."""
    return replace(resource, name=f"{context}: {resource.name}")


def _read(object_: Object, collected: Collected, table: Lists) -> Iterator[Resource | Gap]:
    listed, metadata = object_.listed, object_.body["metadata"]
    path = listed.object_path(object_.version, quote(metadata.get("namespace") or "", safe=""), quote(metadata["name"], safe=""))
    place = Location("", resource=collected.cluster + path, note=installed_by(metadata, table.owners))
    kind = listed.kind.rpartition("/")[2]
    group = f"{listed.group}/" if listed.group else ""
    body = {**object_.body, "apiVersion": f"{group}{object_.version}", "kind": kind}
    if listed.metadata:
        body = {key: body[key] for key in ("apiVersion", "kind", "metadata")}
    for result in resources_of([KubernetesObject(listed.kind, written(body, Location("", resource=place.resource)))]):
        if isinstance(result, Gap):
            yield result
            continue
        unread = Unknown.because(f"{place.resource}: only its metadata is read")
        attributes = {**result.attributes, **dict.fromkeys(listed.unread, unread)} if listed.metadata else result.attributes
        name = metadata["name"] if not listed.namespaced else result.name
        yield replace(result, name=name, attributes=attributes, locations={}, origin=Origin.LIVE, source=SOURCE, live=place, silent=frozenset())


def _own(found: Iterable[Resource], system: System, *, unheld: bool) -> Iterator[str]:
    """The places of what is of the cluster itself. With `unheld` so is a role that nobody is seen to hold: not all
    bindings were read, which leaves every answer about roles open."""
    found = list(found)
    held: dict[str, bool] = {}
    for binding in (r for r in found if r.kind in _BINDINGS):
        own = _only_the_clusters(binding, system)
        if own:
            yield _place(binding)
        role = str(binding.attributes.get("role"))
        held[role] = held.get(role, True) and own
    for resource in found:
        if resource.kind in _BINDINGS:
            continue
        if resource.kind in _ROLES:
            # A role that nobody but the cluster's own accounts hold is as much of the cluster as they are.
            standard = resource.kind.endswith("/ClusterRole") and any(fnmatchcase(_name(resource), p) for p in system.cluster_roles)
            if standard or held.get(str(resource.attributes.get("identity")), unheld or system.namespace(_namespace(resource))):
                yield _place(resource)
        elif system.namespace(_name(resource) if resource.kind == "core/Namespace" else _namespace(resource)) or _name(resource) in system.made.get(resource.kind, ()):
            yield _place(resource)


def _only_the_clusters(binding: Resource, system: System) -> bool:
    """Whether a binding grants to nobody but the cluster's own users, groups and ServiceAccounts."""
    subjects = binding.attributes.get("subjects")
    members = [*subjects] if is_list(subjects) and not isinstance(subjects, str | Mapping) and subjects else []  # type: ignore[misc]
    return bool(members) and all(_of_the_cluster(member, _namespace(binding), system) for member in members)


def _of_the_cluster(subject: Value, namespace: str, system: System) -> bool:
    kind, name = lookup(subject, "kind"), lookup(subject, "name")
    if not isinstance(name, str):
        return False
    if kind == "ServiceAccount":
        inside = lookup(subject, "namespace")
        return system.namespace(inside if isinstance(inside, str) else namespace)
    if name.startswith("system:serviceaccount"):
        parts = name.split(":")
        return len(parts) > 2 and system.namespace(parts[2])
    return name.startswith("system:") and name not in _EVERYBODY


def _place(resource: Resource) -> str:
    return resource.live.resource if resource.live is not None else ""


def _name(resource: Resource) -> str:
    return str(lookup(resource.attributes, "metadata", "name"))


def _namespace(resource: Resource) -> str:
    found = lookup(resource.attributes, "metadata", "namespace")
    return found if isinstance(found, str) else ""
