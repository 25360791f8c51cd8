"""The composition root of an audit: what is live, beside what the code says of it, asked the same rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gonogo.app import Facts, judge, read_code
from gonogo.clusters import Clusters, cluster_drift, nothing_of_google, obeyed, read_clusters, unread_clusters
from gonogo.engine.inventory import Inventory
from gonogo.history.run import Surface
from gonogo.kinds.gke import CLUSTER_KIND
from gonogo.model.assessment import Assessment
from gonogo.model.drift import Difference
from gonogo.model.resource import Gap, Origin, Resource, Stage
from gonogo.questions import kinds_of, questions
from gonogo.request import AuditRequest
from gonogo.rules import RuleSet, load_rules
from gonogo.sources.gcp.collection import SOURCE, Collected
from gonogo.sources.gcp.problems import Cause
from gonogo.sources.gcp.resources import Live, live_resources
from gonogo.sources.gcp.surfaces import Surfaces, load_surfaces

# Not cloud.google.com and networking.gke.io: what those ask for is seen on the load balancer that GKE makes of them.
_IN_CLUSTERS = tuple(
    f"{group}/*"
    for group in (
        "apps", "batch", "core", "autoscaling", "rbac.authorization.k8s.io", "networking.k8s.io", "gateway.networking.k8s.io", "networking.istio.io",
        "argoproj.io", "monitoring.coreos.com", "external-secrets.io", "secrets-store.csi.x-k8s.io", "secrets.hashicorp.com", "bitnami.com",
    )
)  # fmt: skip
_ALL_OF_GOOGLE = ("*.googleapis.com/*",)
_NOTHING = Live((), (), frozenset(), {})


@dataclass(frozen=True, slots=True)
class Audited:
    """A decision, the resources that were judged or compared for it, and how completely each project was read."""

    assessment: Assessment
    resources: tuple[Resource, ...]
    surfaces: tuple[Surface, ...]


def audit(request: AuditRequest) -> Audited:
    """Read the cloud and the code, compare them, and decide.

    Raises what `examine` raises; `EndpointError` and `ExportError` on the user's errors, `Problem` where there are no credentials.
    """
    scan = request.scan
    started = scan.clock()
    rules = load_rules(scan.rule_dirs)
    asked = questions(scan, rules)
    facts = read_code(scan, asked) if request.code else None
    declared = facts.judged() if facts is not None else ()
    table = load_surfaces()
    wanted = {resource.kind for resource in declared}
    if request.assets is not None:
        # An export that lacks a kind may have been made without it: what a claim is about has to be in it.
        wanted |= kinds_of(rules, asked.bound)
    clusters = read_clusters(request, declared)
    collected = _collected(request, table)
    live = live_resources(collected, table, wanted) if request.google else _NOTHING
    live = replace(live, resources=_anchored(live, declared))
    surfaces = tuple(Surface(c.project, c.surface, c.kinds, c.complete) for c in collected.coverage)
    code_gaps = facts.judged_gaps() if facts is not None else ()
    there = {asset.name: asset.body for asset in collected.assets if asset.kind == CLUSTER_KIND}
    clusters = obeyed(clusters, there, live.resources)
    unread, remarks = _inside_clusters(request, collected, clusters, there)
    gaps = (*code_gaps, *live.gaps, *clusters.gaps, *_nothing_found(request, collected), *unread)
    seen = (*declared, *live.resources, *clusters.resources)
    inventory = Inventory((*seen, *scan.scans), gaps, rules.relations, live.kinds | clusters.kinds, _audited(surfaces, live), code=facts is not None)
    assessment = judge(scan, rules, asked, inventory, started, facts)
    drift = _owned((*_drift(facts, live, surfaces, rules), *cluster_drift(facts, clusters, rules)), facts.tree.root) if facts is not None else ()
    inputs = {**assessment.inputs, **_inputs(request, collected), **clusters.inputs}
    return Audited(
        replace(assessment, drift=drift, inputs=inputs, warnings=(*assessment.warnings, *clusters.warnings, *remarks)),
        seen,
        (*surfaces, *clusters.surfaces),
    )


def _collected(request: AuditRequest, table: Surfaces) -> Collected:
    if not request.google:
        return Collected((), (), (), {}, request.scan.clock(), dated=False)
    if request.assets is not None:
        from gonogo.sources.gcp.export import read_export

        return read_export(request.assets, table)
    from gonogo.sources.gcp.collect import collect
    from gonogo.sources.gcp.estate import projects_below
    from gonogo.sources.gcp.opening import open_session

    session = open_session(
        table, request.endpoints, request.variables, impersonate=request.impersonate, quota_project=request.quota_project
    )
    parents = [*(f"folders/{f}" for f in request.folders), *(f"organizations/{o}" for o in request.organizations)]
    below = projects_below(session, table, parents)
    collected = collect(session, table, (*request.projects, *below.ids))
    return replace(collected, shortfalls=tuple(sorted({*collected.shortfalls, *below.shortfalls})))


def _nothing_found(request: AuditRequest, collected: Collected) -> Iterator[Gap]:
    """An audit of no project has looked at nothing."""
    if not request.google:
        if not request.code:
            yield nothing_of_google()
    elif not collected.coverage:
        where = f"{request.assets} holds no asset that is judged" if request.assets is not None else "no active project was found"
        yield Gap("", 0, Stage.DISCOVER, f"{where}, so that nothing was looked at", SOURCE, _ALL_OF_GOOGLE, origin=Origin.LIVE)


def _inside_clusters(request: AuditRequest, collected: Collected, clusters: Clusters, there: Mapping[str, Mapping[str, Any]]) -> tuple[list[Gap], list[str]]:
    """What runs in a cluster is not among what Google answers: without its context, or its code where no cluster is read, nobody has looked at it."""
    if request.code and not request.contexts:
        return [], []
    names, remarks = unread_clusters(there.items(), clusters)
    how = "--kube-context" if request.contexts else "--kube-context, or its manifests with --repo"
    reasons = [f"{name}: what runs in the cluster was not looked at; give its context with {how}" for name in names]
    if not there and any(CLUSTER_KIND in s.kinds and s.cause is not Cause.API_DISABLED for s in collected.shortfalls):
        reasons = ["whether there are clusters is not known, nor what runs in them"]
    # Of the kinds that were read live, what is live is incomplete; else the code is what would have told.
    origin = Origin.LIVE if request.contexts else Origin.DECLARED
    return [Gap("", 0, Stage.READ, reason, SOURCE, _IN_CLUSTERS, origin=origin) for reason in reasons], remarks


def _anchored(live: Live, declared: Sequence[Resource]) -> tuple[Resource, ...]:
    """The live resources, each with the places of the one declaration that it is of."""
    from gonogo.history.compare.fields import load_field_rules
    from gonogo.history.compare.identity import match

    if not declared:
        return live.resources
    rules = load_field_rules()
    code = [r for r in declared if r.origin.view == Origin.DECLARED.view and r.kind in live.kinds and r.kind not in rules.unmatched]
    matched, _ = match(code, [r for r in live.resources if r.kind not in rules.unmatched], singletons=rules.singletons)
    places = {id(pair.live): pair.declared.locations for pair in matched if pair.live is not None}
    return tuple(replace(r, locations=places[id(r)]) if id(r) in places else r for r in live.resources)


def _drift(facts: Facts, live: Live, surfaces: Sequence[Surface], rules: RuleSet) -> tuple[Difference, ...]:
    """Declared against live: by the code with the plan of it, or where no code declares anything of Google's, by the state."""
    from gonogo.history.compare.declared import Sides, compare_declared
    from gonogo.history.compare.fields import load_field_rules
    from gonogo.history.compare.relied import relied_on

    declared = [r for r in facts.judged() if r.kind in live.kinds]
    code = [r for r in declared if r.origin.view == Origin.DECLARED.view]
    sides = Sides(code or declared, live.resources, surfaces, facts.judged_gaps(), _project(surfaces), relied_on(rules.rules, rules.relations), live.numbers)
    return compare_declared(sides, load_field_rules())


def _owned(drift: Sequence[Difference], root: Path) -> tuple[Difference, ...]:
    """With who owns the file of each declaration."""
    from gonogo.sources.repository.codeowners import read_code_owners

    owners = read_code_owners(root)
    return tuple(replace(d, owners=owners.of([d.location.file])) if d.location is not None else d for d in drift)


def _audited(surfaces: Collection[Surface], live: Live) -> frozenset[str]:
    """The audited projects, by id and by number."""
    projects = {surface.scope for surface in surfaces}
    return frozenset(projects | {number for number, project in live.numbers.items() if project in projects})


def _project(surfaces: Collection[Surface]) -> str | None:
    """The project that declarations without one are of: the audited one, where it is only one."""
    projects = {surface.scope for surface in surfaces}
    return projects.pop() if len(projects) == 1 else None


def _inputs(request: AuditRequest, collected: Collected) -> dict[str, object]:
    """What was looked at. `lists` says how many of each project's lists were read to the end."""
    lists: dict[str, Counter[str]] = {}
    for coverage in collected.coverage:
        lists.setdefault(coverage.project, Counter())["complete" if coverage.complete else "incomplete"] += 1
    return {
        "projects": sorted(lists),
        "live": dict(sorted(Counter(asset.kind for asset in collected.assets).items())),
        "lists": {project: dict(sorted(counts.items())) for project, counts in sorted(lists.items())},
        **({"assets": str(request.assets)} if request.assets is not None else {}),
        **({"folders": sorted(request.folders)} if request.folders else {}),
        **({"organizations": sorted(request.organizations)} if request.organizations else {}),
    }
