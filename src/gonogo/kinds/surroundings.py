"""What of a workload depends on what stands around it, or is read out of it as a whole: worked out by `gonogo.cluster.surroundings`."""

from __future__ import annotations

from collections.abc import Mapping

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, INT, STRING, ListOf, Shape, record

DISRUPTION = "kubernetes/PodDisruption"
SPREAD = "kubernetes/PodSpread"
IMAGES = "kubernetes/PodImages"
PRIORITY = "kubernetes/PodPriority"
ADMISSION = "kubernetes/PodAdmission"
IDENTITY = "kubernetes/PodIdentity"
BUILT_IMAGE = "kubernetes/BuiltImage"

_SCALED = ("autoscaling/HorizontalPodAutoscaler", "keda.sh/ScaledObject")
DERIVED: Mapping[str, tuple[str, ...]] = {
    DISRUPTION: ("policy/PodDisruptionBudget", *_SCALED),
    SPREAD: _SCALED,
    PRIORITY: ("scheduling.k8s.io/PriorityClass",),
    ADMISSION: ("core/Namespace",),
    IDENTITY: ("core/ServiceAccount",),
}
"""What each is worked out of besides the workload, which a rule asks about it."""


def _of_workload(name: str, title: str, **fields: Shape) -> Kind:
    # workload: the identity of the workload, `apps/Deployment namespace/name`; bundle, place: which declaration of it.
    return Kind(name, title, record(workload=STRING, bundle=STRING, place=STRING, **fields))


KINDS = (
    # fewest: the pods at work when all is well, as its autoscaler or itself says. matters: it has several, or a budget that never lets
    # the only one go. budgets: the PodDisruptionBudgets that select the pod; selected: one does; several: more than one, of which
    # eviction makes an error; blocked: one of them lets no pod go while all are healthy.
    _of_workload(
        DISRUPTION,
        "disruption of a pod",
        fewest=INT,
        matters=BOOL,
        budgets=ListOf(STRING),
        selected=BOOL,
        several=BOOL,
        blocked=BOOL,
    ),
    # spread: something that is written in the pod keeps its likes on other nodes or in other zones; by: what, by its path below the
    # pod's spec. left: no constraint is written, so that the scheduler's default ones are applied.
    _of_workload(SPREAD, "spread of pods", fewest=INT, spread=BOOL, by=ListOf(STRING), left=BOOL),
    # Of all containers: initContainers, sidecars and ephemeral ones, too. moving, undigested: the images that are not pinned for
    # certain, respectively have no digest.
    _of_workload(
        IMAGES,
        "images of a pod",
        images=ListOf(record(container=STRING, image=STRING, tag=STRING, digest=BOOL, pinned=BOOL)),
        moving=ListOf(STRING),
        undigested=ListOf(STRING),
    ),
    # className: null where it names none; byDefault: the class is the cluster's default one; named: it has one, which exists.
    _of_workload(PRIORITY, "priority of a pod", className=STRING, byDefault=BOOL, named=BOOL),
    # What the namespace's labels have the API server do; level: of `enforce`. hinted: `warn` or `audit` is at baseline or restricted.
    _of_workload(ADMISSION, "admission of a pod", namespace=STRING, level=STRING, enforced=BOOL, hinted=BOOL),
    # Towards Google Cloud. keyed: a container reads a key from a Secret; googleAccount: whom its ServiceAccount acts as.
    _of_workload(IDENTITY, "identity of a pod", keyed=BOOL, googleAccount=STRING),
    # One per image that a tool builds and puts in the place of its name in manifests; by: the file that says so.
    Kind(BUILT_IMAGE, "image that is built as it is deployed", record(image=STRING, by=STRING)),
)
