"""What the API server would refuse: the structure every object of a kind must have."""

from __future__ import annotations

import re

from gonogo.model.value import Unknown
from gonogo.sources.located import Node
from gonogo.sources.manifests.apis import apis
from gonogo.sources.manifests.objects import KubernetesObject
from gonogo.sources.manifests.openshift import triggered_images
from gonogo.sources.manifests.placeholders import has_placeholder
from gonogo.sources.manifests.pods import DEPLOYMENT_CONFIG, WORKLOADS, template

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\Z")
_REQUIRED: dict[str, tuple[str, ...]] = {
    "apps/Deployment": ("selector", "template"),
    "apps/StatefulSet": ("selector", "template"),
    "apps/DaemonSet": ("selector", "template"),
    DEPLOYMENT_CONFIG: ("template",),
    "batch/Job": ("template",),
    "batch/CronJob": ("schedule", "jobTemplate"),
    "core/Pod": ("containers",),
    "networking.k8s.io/NetworkPolicy": (),
    "networking.k8s.io/Ingress": (),
    "autoscaling/HorizontalPodAutoscaler": ("scaleTargetRef", "maxReplicas"),
    "gateway.networking.k8s.io/Gateway": ("gatewayClassName", "listeners"),
    "route.openshift.io/Route": ("to",),
}


def problems(found: KubernetesObject) -> list[Node]:
    """Each reason why the API server would refuse the object, at its place."""
    node = found.node
    out: list[Node] = []
    name = node.get("metadata", "name")
    if not found.name and (name is None or not isinstance(name.content, Unknown)):
        out.append(_problem("metadata.name is missing", node.get("metadata") or node))
    elif (own := node.text("metadata", "name")) and not has_placeholder(own) and not _NAME.match(own):
        out.append(_problem(f"metadata.name {found.name!r} is not a DNS name", name or node))
    version = node.text("apiVersion")
    life = apis().of(version, node.text("kind"))
    if life is not None and life.removed is not None:
        out.append(_problem(f"apiVersion {version} was removed in Kubernetes 1.{life.removed}", node.get("apiVersion") or node))
    spec = node.get("spec")
    if found.kind in _REQUIRED and (spec is None or not isinstance(spec.content, dict)):
        return [*out, _problem("spec is missing", node)]
    if spec is not None:
        out += [_problem(f"spec.{member} is missing", spec) for member in _REQUIRED.get(found.kind, ()) if spec.get(member) is None]
    if found.kind in WORKLOADS:
        out += _pod_problems(found)
    return out


def _pod_problems(found: KubernetesObject) -> list[Node]:
    source = template(found)
    if source is None:
        return []
    out: list[Node] = []
    containers = source.get("spec", "containers")
    if containers is None or not containers.items:
        out.append(_problem("the pod has no containers", source.get("spec") or source))
    seen: set[str] = set()
    of_triggers = triggered_images(found.node, found.streams)
    for container in containers.items if containers is not None else []:
        label = container.text("name")
        if not label:
            out.append(_problem("a container has no name", container))
        elif label in seen:
            out.append(_problem(f"two containers are called {label}", container))
        seen.add(label)
        # An image may be left to an admission webhook only in a Pod template that says so; the API needs one otherwise.
        # OpenShift leaves it to an image trigger.
        if container.get("image") is None and label not in of_triggers:
            out.append(_problem(f"container {label} has no image", container))
    return [*out, *_selector_problems(found, source)]


def _selector_problems(found: KubernetesObject, source: Node) -> list[Node]:
    if found.kind not in ("apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"):
        return []
    selector = found.node.get("spec", "selector", "matchLabels")
    labels = source.get("metadata", "labels")
    out = []
    for key, value in selector.fields.items() if selector is not None else ():
        own = labels.get(key) if labels is not None else None
        if own is None or (own.content != value.content and not isinstance(own.content, Unknown)):
            out.append(_problem(f"spec.selector asks for the label {key}={value.content}, which the pod template does not carry", value))
    return out


def _problem(text: str, at: Node) -> Node:
    return Node(text, at.location)
