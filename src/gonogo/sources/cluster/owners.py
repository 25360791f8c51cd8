"""Whose an object is: the controller that made it, and so is judged in its place, and the tool that installed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.sources.cluster.lists import Listed, OwnerMark
from gonogo.sources.manifests.objects import canonical_kind

REPLICAS = ("apps/ReplicaSet", "core/ReplicationController")
_MADE = frozenset({*REPLICAS, "batch/Job", "core/Pod"})
"""What controllers make."""
_JUDGED = frozenset({
    "apps/Deployment", "apps/StatefulSet", "apps/DaemonSet", "batch/Job", "batch/CronJob", "argoproj.io/Rollout", "apps.openshift.io/DeploymentConfig",
})  # fmt: skip
"""Controllers whose pod template is judged itself."""


@dataclass(frozen=True, slots=True)
class Controller:
    """The owner of an object that made it."""

    kind: str
    uid: str


class Wanted:
    """Tells which objects are looked at themselves, as they are listed: ReplicaSets and Jobs before pods.

    A pod that a Deployment made by way of a ReplicaSet is left to the Deployment. One that something made whose template nobody
    here reads (an operator's kind, a ReplicaSet of its own) is looked at itself.
    """

    def __init__(self) -> None:
        self._controllers: dict[str, Controller | None] = {}

    def take(self, listed: Listed, item: Mapping[str, Any]) -> bool:
        """Whether to look at `item`."""
        if listed.kind not in _MADE:
            return True
        metadata = item["metadata"]
        made_by = controller(metadata)
        self._controllers[str(metadata.get("uid"))] = made_by
        return made_by is None or not self._left_to(made_by)

    def _left_to(self, found: Controller) -> bool:
        for _ in range(len(REPLICAS) + 1):
            if found.kind in _JUDGED:
                return True
            above = self._controllers.get(found.uid, found) if found.kind in REPLICAS else None
            if above is found:  # made after the ReplicaSets were listed, or these could not be: then pods are incomplete
                return True
            if above is None:
                return False
            found = above
        return False


def controller(metadata: Mapping[str, Any]) -> Controller | None:
    """The controller among the `ownerReferences` of an object: at most one has `controller: true`."""
    references = metadata.get("ownerReferences")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("controller") is True:
            return Controller(canonical_kind(str(reference.get("apiVersion")), str(reference.get("kind"))), str(reference.get("uid")))
    return None


def installed_by(metadata: Mapping[str, Any], marks: Iterable[OwnerMark]) -> str:
    """Who installed an object: `Helm: shop/web`, `Argo CD: web`; `` where nothing says so."""
    for mark in marks:
        place, key = ("annotations", mark.annotation) if mark.annotation else ("labels", mark.label)
        table = metadata.get(place)
        name = table.get(key) if isinstance(table, dict) else None
        if isinstance(name, str) and name:
            namespace = table.get(mark.namespace) if isinstance(table, dict) and mark.namespace else None
            name = name.partition(mark.until)[0] if mark.until else name
            return f"{mark.by}: {namespace}/{name}" if isinstance(namespace, str) and namespace else f"{mark.by}: {name}"
    return ""
