"""The clusters of an audit: read, set beside what the code declares of them, and matched with the clusters that Google tells of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gonogo.history.run import CLUSTERS, Surface
from gonogo.kinds.effective import KINDS as EFFECTIVE
from gonogo.kinds.effective import POD_ISOLATION
from gonogo.kinds.gke import CLUSTER_KIND
from gonogo.kinds.surroundings import KINDS as SURROUNDINGS
from gonogo.model.drift import Difference
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.model.value import Value
from gonogo.request import AuditRequest
from gonogo.rules import RuleSet

if TYPE_CHECKING:
    from gonogo.app import Facts
    from gonogo.sources.cluster.collect import Collected
    from gonogo.sources.cluster.lists import Lists

SOURCE = "cluster"
_IN_FORCE = frozenset(kind.name for kind in (*EFFECTIVE, *SURROUNDINGS))
_ENDPOINTS = (
    ("endpoint",),
    ("privateClusterConfig", "privateEndpoint"),
    ("privateClusterConfig", "publicEndpoint"),
    ("controlPlaneEndpointsConfig", "dnsEndpointConfig", "endpoint"),
    ("controlPlaneEndpointsConfig", "ipEndpointsConfig", "publicEndpoint"),
    ("controlPlaneEndpointsConfig", "ipEndpointsConfig", "privateEndpoint"),
)
"""Where a GKE cluster says how its API server is reached."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """What was read of clusters. `resources` are judged; `compared` those that a declaration may be, or should."""

    resources: tuple[Resource, ...] = ()
    compared: tuple[Resource, ...] = ()
    gaps: tuple[Gap, ...] = ()
    kinds: frozenset[str] = frozenset()
    surfaces: tuple[Surface, ...] = ()
    warnings: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    """The hosts of the API servers by context."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the resources of a context call their cluster."""
    inputs: Mapping[str, object] = field(default_factory=dict)


def read_clusters(request: AuditRequest, declared: Sequence[Resource]) -> Clusters:
    """The clusters of the request. Raises `Problem` where one of them lets nobody in."""
    if not request.contexts:
        return Clusters()
    from gonogo.sources.cluster.collect import collect
    from gonogo.sources.cluster.lists import load_lists
    from gonogo.sources.cluster.opening import open_cluster
    from gonogo.sources.cluster.resources import live_cluster, live_kinds, named_after

    table = load_lists()
    sessions = [open_cluster(context, request.kubeconfig) for context in dict.fromkeys(request.contexts)]
    collected = [collect(session, table) for session in sessions]
    lives = [live_cluster(found, table, judge_system=request.system_namespaces) for found in collected]
    if len(lives) > 1:
        lives = [
            replace(live, resources=tuple(named_after(r, found.context) for r in live.resources))
            for live, found in zip(lives, collected, strict=True)
        ]
    resources = [r for live in lives for r in live.resources]
    places = _declarations(declared, resources, table)
    own = frozenset().union(*(live.own for live in lives)) - places.keys()
    undeclared = frozenset().union(*(live.undeclared for live in lives)) - places.keys()
    judged = [r for r in resources if _place(r) not in own]
    listed = {entry.kind for entry in table.lists}
    return Clusters(
        tuple(replace(r, locations=places[_place(r)].locations) if r.kind in listed and _place(r) in places else r for r in judged),
        tuple(r for r in judged if r.kind in listed and (_place(r) in places or _declarable(r, table, undeclared))),
        tuple(gap for live in lives for gap in live.gaps),
        live_kinds(table),
        tuple(_surfaces(collected, table)),
        (*_told(own, resources), *(f"the certificate of the cluster {c.context} is not checked (insecure-skip-tls-verify)" for c in collected if not c.verified)),
        {found.context: found.host for found in collected},
        {found.context: found.cluster for found in collected},
        _inputs(collected),
    )


def cluster_drift(facts: Facts, clusters: Clusters, rules: RuleSet) -> tuple[Difference, ...]:
    """What the code declares of objects against what is live."""
    from gonogo.history.compare.declared import Sides, compare_declared
    from gonogo.history.compare.fields import load_field_rules
    from gonogo.history.compare.relied import relied_on

    kinds = {kind for surface in clusters.surfaces for kind in surface.kinds} - _IN_FORCE
    declared = [r for r in facts.judged() if r.kind in kinds and r.origin.view == Origin.DECLARED.view]
    sides = Sides(declared, clusters.compared, clusters.surfaces, facts.judged_gaps(), None, relied_on(rules.rules, rules.relations))
    return compare_declared(sides, load_field_rules())


def unread_clusters(clusters: Iterable[tuple[str, Mapping[str, Any]]], read: Clusters) -> tuple[list[str], list[str]]:
    """The clusters of the audited projects (full name and answer) that no context leads to, and remarks.

    A context leads to a cluster by its endpoint. Through a proxy or a tunnel nothing tells; the only context and the only cluster
    are taken for each other then, which is said.
    """
    found = list(clusters)
    ours = {name for name, body in found if set(_endpoints(body)) & set(read.hosts.values())}
    if not ours and len(found) == 1 and len(read.hosts) == 1:
        context = next(iter(read.hosts))
        return [], [f"the context {context} is taken for {found[0][0]}, the only cluster; its server is not one of the cluster's endpoints"]
    return [name for name, _ in found if name not in ours], []


def obeyed(read: Clusters, clusters: Mapping[str, Mapping[str, Any]], answers: Iterable[Resource]) -> Clusters:
    """The same, with what Google tells of a cluster that does not enforce NetworkPolicies: a policy in it isolates nothing.

    `clusters` are the answers by full name, `answers` what was made of them. Which cluster a context leads to is asked as in
    `unread_clusters`; where nothing tells, the policies stand for themselves.
    """
    truths = {r.name: (r.attributes["enforcesNetworkPolicies"], r) for r in answers if r.kind == CLUSTER_KIND}
    idle: dict[str, tuple[Value, Location]] = {}
    for cluster, host in ((read.names[context], host) for context, host in read.hosts.items()):
        named = [name for name, body in clusters.items() if host in _endpoints(body)] or list(clusters if len(clusters) == len(read.hosts) == 1 else ())
        for truth, found in (truths[name] for name in named if name in truths):
            if truth is not True:
                idle[cluster] = truth, found.locate(("enforcesNetworkPolicies",)) or Location("", resource=found.name)
    return replace(read, resources=tuple(_unenforced(r, *idle[r.cluster]) if r.kind == POD_ISOLATION and r.cluster in idle else r for r in read.resources)) if idle else read


def _unenforced(isolation: Resource, truth: Value, place: Location) -> Resource:
    return replace(isolation, attributes={**isolation.attributes, "enforced": truth}, locations={**isolation.locations, ("enforced",): place})


def _endpoints(body: Mapping[str, Any]) -> Iterator[str]:
    for path in _ENDPOINTS:
        value: Any = body
        for step in path:
            value = value.get(step) if isinstance(value, Mapping) else None
        if isinstance(value, str) and value:
            yield value


def _declarations(declared: Sequence[Resource], live: Sequence[Resource], table: Lists) -> dict[str, Resource]:
    """The one declaration that a live object is of, by the object's place."""
    from gonogo.history.compare.identity import match

    kinds = {entry.kind for entry in table.lists}
    code = [r for r in declared if r.origin.view == Origin.DECLARED.view and r.kind in kinds]
    matched, _ = match(code, [r for r in live if r.kind in kinds])
    return {_place(pair.live): pair.declared for pair in matched if pair.live is not None}


def _declarable(resource: Resource, table: Lists, undeclared: Collection[str]) -> bool:
    """Whether somebody would declare an object: not what a controller makes, nor what every namespace has."""
    metadata = resource.attributes.get("metadata")
    made = isinstance(metadata, Mapping) and metadata.get("ownerReferences")
    return not made and _place(resource) not in undeclared and any(e.kind == resource.kind and (e.judged or not e.metadata) for e in table.lists)


def _surfaces(collected: Iterable[Collected], table: Lists) -> Iterator[Surface]:
    short = frozenset().union(*(found.incomplete for found in collected))
    for entry in table.lists:
        yield Surface(CLUSTERS, entry.kind, (entry.kind,), entry.kind not in short)
    yield Surface(CLUSTERS, "what is in force", tuple(sorted(_IN_FORCE)), not short)


def _told(own: frozenset[str], resources: Sequence[Resource]) -> Iterator[str]:
    """What was not judged because it is of the cluster itself."""
    for cluster in sorted({r.cluster for r in resources}):
        left = [r for r in resources if r.cluster == cluster and _place(r) in own and r.kind.partition("/")[0] != "kubernetes"]
        spaces = sorted({str(m.get("namespace")) for r in left if isinstance(m := r.attributes.get("metadata"), Mapping) and m.get("namespace")})
        if left:
            named = ", ".join(spaces[:8]) + (f" and {len(spaces) - 8} more" if len(spaces) > 8 else "")
            yield f"{cluster}: {len(left)} objects of the cluster itself are not judged (of {named or 'no namespace'}); --system-namespaces judges those of namespaces"


def _inputs(collected: Sequence[Collected]) -> dict[str, object]:
    return {
        "clusters": {found.context: {"server": found.host, "requests": found.requests, "incomplete": sorted(found.incomplete)} for found in collected},
        "objects": dict(sorted(Counter(object_.listed.kind for found in collected for object_ in found.objects).items())),
    }


def _place(resource: Resource) -> str:
    return resource.live.resource if resource.live is not None else ""


def nothing_of_google() -> Gap:
    """An audit of clusters alone has not looked at Google Cloud."""
    return Gap("", 0, Stage.READ, "Google Cloud was not looked at; give its project with --project, or its code with --repo", SOURCE, ("*.googleapis.com/*",))
