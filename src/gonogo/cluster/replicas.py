"""How many pods a workload has: what its autoscalers say, else its `replicas`.

A HorizontalPodAutoscaler without `minReplicas` goes down to 1 in every version of its API
(https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/), a ScaledObject without
`minReplicaCount` to 0, and up to 100 (https://keda.sh/docs/latest/reference/scaledobject-spec/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, lookup

Count: TypeAlias = int | Unknown

_LIMITS: Mapping[str, tuple[tuple[str, int | None], tuple[str, int | None]]] = {
    "autoscaling/HorizontalPodAutoscaler": (("minReplicas", 1), ("maxReplicas", None)),
    "keda.sh/ScaledObject": (("minReplicaCount", 0), ("maxReplicaCount", 100)),
}
AUTOSCALERS = frozenset(_LIMITS)


@dataclass(frozen=True, slots=True)
class Replicas:
    """The fewest and the most pods that are at work when all is well."""

    fewest: Count
    most: Count

    def usual(self) -> Count:
        """How many there are that matter to who counts on one being left: the fewest, if that is more than one."""
        return self.fewest if isinstance(self.fewest, Unknown) or self.fewest > 1 else self.most


def replicas_of(workload: Resource, autoscalers: Iterable[Resource]) -> Replicas:
    """The replicas of a workload that these autoscalers target."""
    found = [*autoscalers]
    if not found:
        written = _count(lookup(workload.attributes, "replicas"), 1, workload.name)
        return Replicas(written, written)
    low = [_limit(scaler, 0) for scaler in found]
    high = [_limit(scaler, 1) for scaler in found]
    return Replicas(_of(low, min), _of(high, max))


def _limit(scaler: Resource, which: int) -> Count:
    key, default = _LIMITS[scaler.kind][which]
    return _count(lookup(scaler.attributes, "spec", key), default, scaler.name)


def _count(value: Value, default: int | None, name: str) -> Count:
    if value is None and default is not None:
        return default
    if isinstance(value, Unknown) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    return Unknown.because(f"{name}: {value} is no number of pods")


def _of(counts: Iterable[Count], choose: Callable[[list[int]], int]) -> Count:
    listed = [*counts]
    unknown = [count for count in listed if isinstance(count, Unknown)]
    return Unknown.merge(unknown) if unknown else choose([count for count in listed if isinstance(count, int)])
