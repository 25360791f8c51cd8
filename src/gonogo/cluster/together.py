"""Which objects are applied to one namespace, and which of their labels can be compared, where something is filled in or left open."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from os.path import commonprefix

from gonogo.cluster.truth import Truth
from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, lookup

_WHOLE = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}")
_PART = re.compile(r"[${}<>%@]|__")
"""Placeholders with an end of their own, and what may be a part of one."""
_NAMESPACE = ("metadata", "namespace")


def namespace_of(resource: Resource) -> str:
    """The namespace of an object, `default` where nothing says otherwise."""
    found = lookup(resource.attributes, *_NAMESPACE)
    return found if isinstance(found, str) else resource.name.rpartition("/")[0] or "default"


def are_samples(workloads: Iterable[Resource]) -> bool:
    """Whether plain manifests of different directories are applied one instead of another: they declare the same workload."""
    directories: dict[tuple[str, str], set[str]] = defaultdict(set)
    for workload in workloads:
        place = workload.locate()
        if place is not None and not lookup(workload.attributes, "bundle"):
            directories[workload.kind, workload.name].add(place.file.rpartition("/")[0])
    return any(len(found) > 1 for found in directories.values())


def meet(other: Resource, workload: Resource, unset: Callable[[str], bool], samples: bool = False) -> Truth:
    """Whether two objects are of one namespace. `samples`: the plain manifests of different directories of the root are not applied together.

    What leaves its namespace open goes where its own bundle goes, a release of a chart to its own namespace: that another bundle goes
    there as well is not known. The same placeholder is the same namespace whatever fills it in.
    """
    own, theirs = namespace_of(workload), namespace_of(other)
    if own != theirs:
        if any(unset(name) for name in (own, theirs)):
            return Unknown.because(f"whether {own} and {theirs} are one namespace is not known")
        return _put_together(other, workload)
    if not (_NAMESPACE in workload.silent or _NAMESPACE in other.silent) or _of_one_bundle(workload, other, samples):
        return True
    return Unknown.because(f"{other.locate()}: whether {other.name} is applied to the namespace of {workload.name} is not written")


def _put_together(other: Resource, workload: Resource) -> Truth:
    """Two objects of different namespaces, of which one is `default` for want of another word.

    What lies in one directory is applied by one command, which puts the silent one where the other says, or where its context stands:
    `kubectl apply -n shop -f k8s/` (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/).
    """
    silent = [r for r in (workload, other) if _NAMESPACE in r.silent]
    if len(silent) != 1 or any(lookup(r.attributes, "bundle") for r in (workload, other)):
        return False
    directories = {place.file.rpartition("/")[0] for r in (workload, other) if (place := r.locate()) is not None}
    named = other if silent[0] is workload else workload
    return Unknown.because(f"{silent[0].locate()}: whether {silent[0].name} is applied to {namespace_of(named)} is not written") if len(directories) == 1 else False


def _of_one_bundle(one: Resource, other: Resource, samples: bool) -> bool:
    bundles = [lookup(r.attributes, "bundle") for r in (one, other)]
    if bundles[0] != bundles[1] or bundles[0] or not samples:
        return bundles[0] == bundles[1]
    top = {place.file.split("/")[0] for r in (one, other) if (place := r.locate()) is not None and "/" in place.file}
    return len(top) < 2


def nearest(objects: Iterable[Resource], workload: Resource) -> list[Resource]:
    """The objects less those that another of their name stands closer to the workload: of its bundle, its file, its directory."""
    named: dict[tuple[str, str], list[Resource]] = defaultdict(list)
    for found in objects:
        named[found.kind, found.name].append(found)
    return [one for same in named.values() for one in (same if len(same) == 1 else _closest(same, workload))]


def _closest(same: Sequence[Resource], workload: Resource) -> list[Resource]:
    distances = [_distance(one, workload) for one in same]
    return [one for one, distance in zip(same, distances, strict=True) if distance == min(distances)]


def _distance(one: Resource, workload: Resource) -> tuple[bool, bool, bool]:
    files = [place.file if (place := r.locate()) is not None else "" for r in (one, workload)]
    directories = [file.rpartition("/")[0] for file in files]
    return lookup(one.attributes, "bundle") != lookup(workload.attributes, "bundle"), files[0] != files[1], directories[0] != directories[1]


def comparable(spec: Value, labels: Value, unset: Callable[[str], bool]) -> Value:
    """The spec of a policy with a podSelector that can be held against the labels of a pod: a text that is filled in equals itself, and
    otherwise may equal anything."""
    selector = lookup(spec, "podSelector")
    if not isinstance(spec, Mapping) or not isinstance(selector, Mapping) or not isinstance(labels, Mapping):
        return spec
    open_labels = {key for key, value in labels.items() if isinstance(value, str) and unset(value)}

    def settled(key: Value, wanted: Value) -> Value:
        theirs = lookup(labels, key) if isinstance(key, str) else None
        if wanted == theirs or not isinstance(wanted, str) or (key not in open_labels and not unset(wanted)):
            return wanted
        if isinstance(theirs, str) and _never_equal(wanted, theirs):
            return wanted
        return Unknown.because(f"whether the label {key} is {wanted} is not known before it is filled in")

    found = dict(selector)
    if isinstance(wanted := selector.get("matchLabels"), Mapping):
        found["matchLabels"] = {key: settled(key, value) for key, value in wanted.items()}
    if isinstance(expressions := selector.get("matchExpressions"), Sequence) and not isinstance(expressions, str):
        found["matchExpressions"] = [_expression(e, settled) for e in expressions]
    return {**spec, "podSelector": found}


def _never_equal(one: str, other: str) -> bool:
    """Whether two texts differ whatever fills them in: `${NAME}-web` and `${NAME}-api` do."""
    start = commonprefix([one, other])
    return not any(_PART.search(_WHOLE.sub("", text)) for text in (start, one[len(start) :], other[len(start) :])) and not any(
        _WHOLE.search(text[len(start) :]) for text in (one, other)
    )


def _expression(expression: Value, settled: Callable[[Value, Value], Value]) -> Value:
    values = lookup(expression, "values")
    if not isinstance(expression, Mapping) or not isinstance(values, Sequence) or isinstance(values, str):
        return expression
    return {**expression, "values": [settled(expression.get("key"), value) for value in values]}
