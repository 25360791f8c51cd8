"""What PodDisruptionBudgets protect and refuse, as the API reference and the disruption controller say.

* In policy/v1 an empty selector selects every pod of the namespace, in policy/v1beta1 none; a null one none in either
  (https://kubernetes.io/docs/reference/using-api/deprecation-guide/#poddisruptionbudget-v125).
* How many evictions are let through is what is healthy less what has to be; percentages round up; a budget without either limit
  lets none through (getExpectedPodCount and updatePdbStatus, kubernetes/pkg/controller/disruption/disruption.go).
* A pod that two budgets select is never evicted: "more than one PodDisruptionBudget, which the eviction subresource does not
  support" (kubernetes/pkg/registry/core/pod/storage/eviction.go).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gonogo.cluster.truth import Truth, truth_of
from gonogo.lang.selectors import selects
from gonogo.model.value import OpenMap, Unknown, Value, lookup

V1BETA1 = "policy/v1beta1"
_PERCENT = re.compile(r"([0-9]{1,9})%")


@dataclass(frozen=True, slots=True)
class Budget:
    """A PodDisruptionBudget; `spec` as it is written, `version` its `apiVersion`."""

    name: str
    namespace: str
    version: Value
    spec: Value


def protects(budget: Budget, labels: Value) -> Truth:
    """Whether a budget selects a pod of its namespace."""
    selector = lookup(budget.spec, "selector")
    if isinstance(selector, Mapping) and not isinstance(selector, OpenMap) and not any(selector.values()):
        return budget.version != V1BETA1
    return truth_of(selects(selector, labels))


def blocks(budget: Budget, pods: int) -> Truth:
    """Whether a budget that selects this many pods lets none of them be evicted while all are healthy.

    With more pods it never blocks what it does not with fewer.
    """
    most, least = lookup(budget.spec, "maxUnavailable"), lookup(budget.spec, "minAvailable")
    if most is not None:
        count = _scaled(most, pods)
        return count if isinstance(count, Unknown) else count <= 0
    if least is None:
        return True
    count = _scaled(least, pods)
    return count if isinstance(count, Unknown) else pods - count <= 0


def blocks_always(budget: Budget) -> bool:
    """Whether a budget lets nothing be evicted, however many pods there are."""
    most, least = lookup(budget.spec, "maxUnavailable"), lookup(budget.spec, "minAvailable")
    if most is not None:
        return _scaled(most, 1) == 0
    percent = _PERCENT.fullmatch(least) if isinstance(least, str) else None
    return least is None or (percent is not None and int(percent[1]) >= 100)


def _scaled(limit: Value, pods: int) -> int | Unknown:
    """A number of pods, or the percentage of them, rounded up."""
    if isinstance(limit, Unknown):
        return limit
    if isinstance(limit, int) and not isinstance(limit, bool):
        return limit
    percent = _PERCENT.fullmatch(limit) if isinstance(limit, str) else None
    if percent is None:
        return Unknown.because(f"{limit} is neither a number of pods nor a percentage of them")
    return -(-int(percent[1]) * pods // 100)
