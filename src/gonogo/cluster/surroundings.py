"""What of each workload depends on what stands around it: disruption, spread, priority, admission; and its images. As resources of
their own that rules ask, beside those of `gonogo.cluster.effective`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gonogo.cluster.disruption import Budget, blocks, blocks_always, protects
from gonogo.cluster.effective import SOURCE, TEMPLATES
from gonogo.cluster.google_identity import ANNOTATION, google_account, holds_key
from gonogo.cluster.images import pin_of
from gonogo.cluster.replicas import AUTOSCALERS, Count, Replicas, replicas_of
from gonogo.cluster.spreading import Spread
from gonogo.cluster.truth import Truth, all_of, any_of
from gonogo.kinds.surroundings import ADMISSION, BUILT_IMAGE, DISRUPTION, IDENTITY, IMAGES, PRIORITY, SPREAD
from gonogo.model.location import Location
from gonogo.model.resource import Origin, Resource
from gonogo.model.value import OpenList, Path, Unknown, Value, lookup

BUDGET = "policy/PodDisruptionBudget"
PRIORITY_CLASS = "scheduling.k8s.io/PriorityClass"
NAMESPACE = "core/Namespace"
SERVICE_ACCOUNT = "core/ServiceAccount"
REPLICATED = frozenset({"apps/Deployment", "apps/StatefulSet", "apps.openshift.io/DeploymentConfig", "argoproj.io/Rollout"})
"""Workloads that say how many pods they have."""
BUILT_IN_CLASSES = frozenset({"system-cluster-critical", "system-node-critical"})
"""https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/"""
_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_LABEL = "pod-security.kubernetes.io/"
"""https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces"""
_CONFINING = ("baseline", "restricted")

_Unset = Callable[[str], bool]


@dataclass(slots=True)
class _Around:
    """The objects of one view and cluster."""

    workloads: list[Resource] = field(default_factory=list)
    budgets: list[Resource] = field(default_factory=list)
    autoscalers: list[Resource] = field(default_factory=list)
    classes: list[Resource] = field(default_factory=list)
    namespaces: list[Resource] = field(default_factory=list)
    accounts: list[Resource] = field(default_factory=list)


def surroundings(resources: Iterable[Resource], unset: _Unset) -> Iterator[Resource]:
    """What of each workload among `resources` depends on the others; `unset` as `effective` has it."""
    groups: dict[tuple[str, str], _Around] = defaultdict(_Around)
    built: dict[str, str] = {}
    for resource in resources:
        group = groups[resource.origin.view, resource.cluster]
        if resource.kind in TEMPLATES and lookup(resource.attributes, "pod") is not None:
            group.workloads.append(resource)
        elif resource.kind == BUDGET:
            group.budgets.append(resource)
        elif resource.kind in AUTOSCALERS:
            group.autoscalers.append(resource)
        elif resource.kind == PRIORITY_CLASS:
            group.classes.append(resource)
        elif resource.kind == NAMESPACE:
            group.namespaces.append(resource)
        elif resource.kind == SERVICE_ACCOUNT:
            group.accounts.append(resource)
        elif resource.kind == BUILT_IMAGE:
            built[str(resource.attributes.get("image"))] = str(resource.attributes.get("by"))
    for group in groups.values():
        for workload in group.workloads:
            if workload.kind in REPLICATED:
                yield _disruption(workload, group)
                yield _spread(workload, group, unset)
            yield _images(workload, unset, {} if workload.origin is Origin.LIVE else built)
            yield _priority(workload, group, unset)
            yield _admission(workload, group, unset)
            yield _identity(workload, group, unset)


def _replicas(workload: Resource, group: _Around) -> Replicas:
    identity = lookup(workload.attributes, "identity")
    near = [a for a in group.autoscalers if _beside(a, workload) and _namespace(a) == _namespace(workload)]
    unknown = Unknown.merge(target for a in near if isinstance(target := lookup(a.attributes, "target"), Unknown))
    if unknown.reasons:
        return Replicas(unknown, unknown)
    return replicas_of(workload, [a for a in near if lookup(a.attributes, "target") == identity])


def _disruption(workload: Resource, group: _Around) -> Resource:
    labels, namespace = lookup(workload.attributes, "pod", "labels"), _namespace(workload)
    replicas = _replicas(workload, group)
    found: list[tuple[Resource, Budget, Truth]] = []
    for resource in group.budgets:
        if _beside(resource, workload) and _namespace(resource) == namespace:
            budget = _budget(resource)
            selected = protects(budget, labels)
            if selected is not False:
                found.append((resource, budget, selected))
    blocked = any_of(all_of([selected, _blocks(budget, replicas, workload, group)]) for _, budget, selected in found)
    several = replicas.fewest if isinstance(replicas.fewest, Unknown) else replicas.fewest > 1
    attributes: dict[str, Value] = {
        **_workload(workload),
        "fewest": replicas.fewest,
        "matters": any_of([several, blocked is True and replicas.most != 0]),
        "budgets": [resource.name.rpartition("/")[2] for resource, _, _ in found],
        "selected": any_of(selected for _, _, selected in found),
        "several": _several(workload, found),
        "blocked": blocked,
    }
    locations = _places(workload, ("replicas",))
    for at, (resource, _, _) in enumerate(found):
        if (place := resource.locate(("spec",))) is not None:
            locations["budgets", at] = place
    return _derived(DISRUPTION, workload, attributes, locations)


def _budget(resource: Resource) -> Budget:
    of = resource.attributes
    return Budget(resource.name.rpartition("/")[2], _namespace(resource), of.get("apiVersion"), of.get("spec"))


def _several(workload: Resource, found: Sequence[tuple[Resource, Budget, Truth]]) -> Truth:
    """Whether more than one budget selects a pod. What another bundle declares need not be applied beside this one."""
    bundle = lookup(workload.attributes, "bundle")
    sure = {budget.name for resource, budget, selected in found if selected is True and lookup(resource.attributes, "bundle") == bundle}
    names = {budget.name for _, budget, _ in found}
    if len(sure) > 1 or len(names) < 2:
        return len(sure) > 1
    return Unknown.because(f"whether all of {', '.join(sorted(names))} select the pods, and are applied together, is not known")


def _blocks(budget: Budget, replicas: Replicas, workload: Resource, group: _Around) -> Truth:
    """Whether a budget lets no pod of a workload go. It counts the pods of everything that it selects."""
    if blocks_always(budget):
        return True
    own, more = replicas.usual(), list[Count]()
    for other in group.workloads:
        if other is workload or _namespace(other) != budget.namespace or not _beside(other, workload) or other.name == workload.name and other.kind == workload.kind:
            continue
        selected = protects(budget, lookup(other.attributes, "pod", "labels"))
        if selected is not False:
            more.append(selected if isinstance(selected, Unknown) else _pods(other, group))
    counts = [own, *more]
    known = sum(count for count in counts if isinstance(count, int))
    unknown = [count for count in counts if isinstance(count, Unknown)]
    blocked = blocks(budget, known)
    # With more pods a budget blocks what it does not with fewer.
    return Unknown.merge([*unknown, blocked]) if unknown and blocked is not False else blocked


def _pods(workload: Resource, group: _Around) -> Count:
    if workload.kind in REPLICATED:
        return _replicas(workload, group).fewest
    return 1 if workload.kind == "core/Pod" else Unknown.because(f"how many pods the {workload.kind.rpartition('/')[2]} {workload.name} runs is not known")


def _spread(workload: Resource, group: _Around, unset: _Unset) -> Resource:
    start = TEMPLATES[workload.kind]
    fewest = _replicas(workload, group).fewest
    pod = Spread(lookup(workload.attributes, *start, "spec"), lookup(workload.attributes, "pod", "labels"), _namespace(workload), fewest, unset)
    found = pod.apart()
    attributes: dict[str, Value] = {
        **_workload(workload),
        "fewest": fewest,
        "spread": any_of(part.holds for part in found),
        "by": [".".join(map(str, part.path)) for part in found],
        "left": pod.left_to_the_scheduler(),
    }
    locations = _places(workload, (*start, "spec"))
    for at, part in enumerate(found):
        if (place := workload.locate((*start, "spec", *part.path))) is not None:
            locations["by", at] = place
    return _derived(SPREAD, workload, attributes, locations)


def _images(workload: Resource, unset: _Unset, built: Mapping[str, str]) -> Resource:
    start = (*TEMPLATES[workload.kind], "spec")
    rows: list[Value] = []
    without: dict[str, list[Value]] = {"moving": [], "undigested": []}
    unknown: list[Unknown] = []
    locations = _places(workload, start)
    for path, container in _containers(lookup(workload.attributes, *start)):
        if isinstance(container, Unknown):
            unknown.append(container)
            continue
        image = lookup(container, "image")
        pin = pin_of(image, unset, lambda name: built.get(name, ""))
        place = workload.locate((*start, *path, "image"))
        for key, said in (("moving", pin.pinned), ("undigested", pin.digest)):
            if said is False:
                if place is not None:
                    locations[key, len(without[key])] = place
                without[key].append(image)
        if place is not None:
            locations["images", len(rows)] = place
        rows.append({"container": lookup(container, "name"), "image": image, "tag": pin.tag, "digest": pin.digest, "pinned": pin.pinned})
    return _derived(IMAGES, workload, {**_workload(workload), **without, "images": OpenList(rows, Unknown.merge(unknown)) if unknown else rows}, locations)


def _containers(spec: Value) -> Iterator[tuple[Path, Value]]:
    for key in _CONTAINERS:
        found = lookup(spec, key)
        if isinstance(found, Unknown):
            yield (key,), found
        elif isinstance(found, Sequence) and not isinstance(found, str):
            yield from (((key, at), container) for at, container in enumerate(found))
            if isinstance(found, OpenList):
                yield (key,), found.unknown


def _priority(workload: Resource, group: _Around, unset: _Unset) -> Resource:
    start = (*TEMPLATES[workload.kind], "spec", "priorityClassName")
    name = lookup(workload.attributes, *start)
    classes = {c.name.rpartition("/")[2]: c for c in group.classes if _beside(c, workload)}
    default = next((key for key, c in sorted(classes.items()) if lookup(c.attributes, "globalDefault") is True), None)
    by_default = not name and default is not None
    if isinstance(name, str) and unset(name):
        name = Unknown.because(f"{name} is filled in before it is applied")
    chosen = default if by_default else name or None
    named: Truth
    if isinstance(chosen, Unknown):
        named = chosen
    elif chosen is None or chosen in classes or chosen in BUILT_IN_CLASSES:
        named = chosen is not None
    elif workload.origin is Origin.LIVE:
        named = False
    else:
        named = Unknown.because(f"the PriorityClass {chosen} is declared nowhere; whether the cluster has it is not known")
    attributes: dict[str, Value] = {**_workload(workload), "className": chosen, "byDefault": by_default, "named": named}
    locations = _places(workload, start)
    if isinstance(chosen, str) and chosen in classes and (place := classes[chosen].locate()) is not None:
        locations["named",] = place
    return _derived(PRIORITY, workload, attributes, locations)


def _admission(workload: Resource, group: _Around, unset: _Unset) -> Resource:
    namespace = _namespace(workload)
    found = [n for n in group.namespaces if lookup(n.attributes, "metadata", "name") == namespace and _beside(n, workload)]
    levels = [_level(n, "enforce", unset) for n in found]
    hints = [_level(n, mode, unset) for n in found for mode in ("warn", "audit")]
    locations = _places(workload, ("metadata", "namespace"))
    level: Value
    if ("metadata", "namespace") in workload.silent:
        level = Unknown.because("its namespace is chosen when it is applied")
    elif not found:
        level = Unknown.because(f"the namespace {namespace} is not declared here, and so its labels are not known")
    elif any(other != levels[0] for other in levels):
        level = Unknown.because(f"the namespace {namespace} is declared more than once, with different labels")
    else:
        level = levels[0]
        if (place := found[0].locate(("metadata", "labels"))) is not None:
            locations["level",] = locations["enforced",] = place
    attributes: dict[str, Value] = {
        **_workload(workload),
        "namespace": namespace,
        "level": level,
        "enforced": level if isinstance(level, Unknown) else level in _CONFINING,
        "hinted": any(hint in _CONFINING for hint in hints if not isinstance(hint, Unknown)),
    }
    return _derived(ADMISSION, workload, attributes, locations)


def _identity(workload: Resource, group: _Around, unset: _Unset) -> Resource:
    start = (*TEMPLATES[workload.kind], "spec")
    account = lookup(workload.attributes, "pod", "serviceAccount")
    found = [a for a in group.accounts if _beside(a, workload) and lookup(a.attributes, "identity") == account]
    acts = list(dict.fromkeys(google_account(a.attributes, unset) for a in found))
    acting: Value = acts[0] if len(acts) == 1 else None if not acts else Unknown.because(f"the ServiceAccount {account} is declared more than once, differently")
    attributes: dict[str, Value] = {**_workload(workload), "keyed": holds_key(lookup(workload.attributes, *start), unset), "googleAccount": acting}
    locations = _places(workload, start)
    if found and (place := found[0].locate(("metadata", "annotations", ANNOTATION))) is not None:
        locations["googleAccount",] = place
    return _derived(IDENTITY, workload, attributes, locations)


def _level(namespace: Resource, mode: str, unset: _Unset) -> Value:
    labels = lookup(namespace.attributes, "metadata", "labels")
    found = lookup(labels, _LABEL + mode)
    if isinstance(found, str) and unset(found):
        return Unknown.because(f"the level {found} is filled in before it is applied")
    return found


def _workload(workload: Resource) -> dict[str, Value]:
    of = workload.attributes
    return {"workload": of.get("identity"), "bundle": of.get("bundle"), "place": of.get("place")}




def _beside(other: Resource, workload: Resource) -> bool:
    """Whether an object is there where a workload is: what has no environment is there in each, and a bundle that stands in the place of
    the workload's is not applied with it."""
    rivals, bundle = lookup(workload.attributes, "rivals"), lookup(other.attributes, "bundle")
    rival = isinstance(rivals, Sequence) and not isinstance(rivals, str) and bundle in rivals
    return other.environment in ("", workload.environment) and not rival


def _derived(kind: str, workload: Resource, attributes: Mapping[str, Value], locations: Mapping[Path, Location]) -> Resource:
    name = f"{workload.kind} {workload.name}"
    return Resource(kind, name, attributes, locations, origin=workload.origin, source=SOURCE, environment=workload.environment, live=workload.live)


def _places(workload: Resource, path: Path) -> dict[Path, Location]:
    place = workload.locate(path)
    return {(): place} if place is not None else {}


def _namespace(resource: Resource) -> str:
    found = lookup(resource.attributes, "metadata", "namespace")
    return found if isinstance(found, str) else resource.name.rpartition("/")[0] or "default"
