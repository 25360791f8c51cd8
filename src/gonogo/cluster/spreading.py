"""Whether the scheduler keeps the pods of a workload apart, as the API reference says.

* A topology spread constraint counts the pods that its `labelSelector` selects; one that does not select the pod itself spreads
  others, and a null one selects none
  (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
* A term of `podAntiAffinity` keeps away from the pods of its namespaces, its own where it names none, that its `labelSelector`
  selects (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity).

What is preferred (`ScheduleAnyway`, `preferredDuringScheduling…`) counts as what is required does: it is asked of the scheduler.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gonogo.cluster.truth import Truth, all_of, any_of, truth_of
from gonogo.lang.selectors import selects
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list, lookup

_TOPOLOGIES = frozenset({
    "kubernetes.io/hostname", "topology.kubernetes.io/zone", "topology.kubernetes.io/region", "beta.kubernetes.io/hostname",
    "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region", "topology.gke.io/zone",
})  # fmt: skip
"""Labels that tell nodes, zones and regions apart (https://kubernetes.io/docs/reference/labels-annotations-taints/)."""
_REQUIRED: Path = ("affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
_PREFERRED: Path = ("affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution")
_CONSTRAINTS: Path = ("topologySpreadConstraints",)


@dataclass(frozen=True, slots=True)
class Apart:
    """One thing in a pod that keeps it from others like it: where it is below the pod's `spec`, and whether it does."""

    path: Path
    holds: Truth


@dataclass(frozen=True, slots=True)
class Spread:
    """The pods of a workload to keep apart: the `spec` and labels of its template, and the fewest there are at work."""

    spec: Value
    labels: Value
    namespace: str
    fewest: int | Unknown
    unset: Callable[[str], bool]
    """Tells texts that something fills in before they are applied."""

    def apart(self) -> tuple[Apart, ...]:
        """Everything that keeps the pods apart, or may."""
        found = [
            *(Apart(path, self._constraint(part)) for path, part in _members(self.spec, _CONSTRAINTS)),
            *(Apart(path, self._term(part)) for path, part in _members(self.spec, _REQUIRED)),
            *(Apart(path, self._term(lookup(part, "podAffinityTerm"))) for path, part in _members(self.spec, _PREFERRED)),
        ]
        return tuple(part for part in found if part.holds is not False)

    def left_to_the_scheduler(self) -> Truth:
        """Whether no constraint is written, so that the default ones of the cluster are applied."""
        return all_of(part if isinstance(part, Unknown) else False for _, part in _members(self.spec, _CONSTRAINTS))

    def _constraint(self, constraint: Value) -> Truth:
        if isinstance(constraint, Unknown):
            return constraint
        return all_of([
            self._topology(lookup(constraint, "topologyKey")),
            truth_of(selects(lookup(constraint, "labelSelector"), self.labels)),
            self._limits(constraint),
        ])  # fmt: skip

    def _limits(self, constraint: Value) -> Truth:
        """Whether a constraint limits anything: all pods together are no skew beyond a `maxSkew` as great as their number. One that
        only asks (`ScheduleAnyway`) has the scheduler prefer the emptier node all the same."""
        skew, otherwise = lookup(constraint, "maxSkew"), lookup(constraint, "whenUnsatisfiable")
        if isinstance(otherwise, Unknown) or otherwise == "ScheduleAnyway":
            return True if otherwise == "ScheduleAnyway" or skew == 1 else Unknown.merge([otherwise])
        if skew == 1:
            return True
        if not isinstance(skew, int) or isinstance(skew, bool):
            return skew if isinstance(skew, Unknown) else Unknown.because(f"a maxSkew of {skew} is no number")
        return self.fewest if isinstance(self.fewest, Unknown) else skew < self.fewest

    def _term(self, term: Value) -> Truth:
        if isinstance(term, Unknown):
            return term
        return all_of([
            self._topology(lookup(term, "topologyKey")),
            truth_of(selects(lookup(term, "labelSelector"), self.labels)),
            self._inside(term),
            self._like_itself(lookup(term, "mismatchLabelKeys")),
        ])  # fmt: skip

    def _topology(self, key: Value) -> Truth:
        if isinstance(key, Unknown):
            return key
        if not isinstance(key, str) or not key:
            return False  # the API server refuses it
        if key in _TOPOLOGIES:
            return True
        return Unknown.because(f"{key} is filled in before it is applied" if self.unset(key) else f"which nodes share a {key} is not known")

    def _inside(self, term: Value) -> Truth:
        """Whether a term is about the pods of this namespace."""
        names, selector = lookup(term, "namespaces"), lookup(term, "namespaceSelector")
        if isinstance(names, Unknown):
            return names
        listed = [*names] if isinstance(names, Sequence) and not isinstance(names, str) else []
        if not listed and selector is None:
            return names.unknown if isinstance(names, OpenList) else True
        if isinstance(selector, Mapping) and not any(selector.values()):
            return True
        return any_of([
            *(name if isinstance(name, Unknown) else name == self.namespace for name in listed),
            False if selector is None else Unknown.because("which namespaces a namespaceSelector selects is not known"),
            *([names.unknown] if isinstance(names, OpenList) else []),
        ])  # fmt: skip

    def _like_itself(self, keys: Value) -> Truth:
        """Whether a pod is not left out for its own label: `mismatchLabelKeys` are about pods whose labels differ."""
        if isinstance(keys, Unknown):
            return keys
        listed = [*keys] if is_list(keys) and isinstance(keys, Sequence) else []
        own = self.labels if isinstance(self.labels, Mapping) else {}
        return not any(isinstance(key, str) and key in own for key in listed)


def _members(spec: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    """The members of a list of a pod, and the unknown for those that are not known."""
    found = lookup(spec, *path)
    if isinstance(found, Unknown):
        yield path, found
    elif isinstance(found, Sequence) and not isinstance(found, str):
        yield from (((*path, at), member) for at, member in enumerate(found))
        if isinstance(found, OpenList):
            yield path, found.unknown
