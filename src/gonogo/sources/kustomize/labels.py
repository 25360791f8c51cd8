"""Labels and annotations that a kustomization adds (the default field specs of kustomize's label transformer)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gonogo.sources.kustomize.item import Item
from gonogo.sources.located import Node

_TEMPLATES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    **dict.fromkeys(
        ("core/ReplicationController", "apps/Deployment", "apps/ReplicaSet", "apps/DaemonSet", "apps/StatefulSet", "batch/Job"),
        (("spec", "template", "metadata"),),
    ),
    "batch/CronJob": (("spec", "jobTemplate", "metadata"), ("spec", "jobTemplate", "spec", "template", "metadata")),
}
# (path to the selector, whether it is made where it is missing); `*` steps into every member of a list.
_TERMS = ("requiredDuringSchedulingIgnoredDuringExecution", "*", "labelSelector", "matchLabels")
_PREFERRED = ("preferredDuringSchedulingIgnoredDuringExecution", "*", "podAffinityTerm", "labelSelector", "matchLabels")
_SCHEDULING = tuple(
    ((("spec", "template", "spec", "affinity", affinity, *rest)), False)
    for affinity in ("podAffinity", "podAntiAffinity")
    for rest in (_TERMS, _PREFERRED)
) + ((("spec", "template", "spec", "topologySpreadConstraints", "*", "labelSelector", "matchLabels"), False),)
_SELECTORS: Mapping[str, tuple[tuple[tuple[str, ...], bool], ...]] = {
    "core/Service": ((("spec", "selector"), True),),
    "core/ReplicationController": ((("spec", "selector"), True),),
    "apps/Deployment": ((("spec", "selector", "matchLabels"), True), *_SCHEDULING),
    "apps/StatefulSet": ((("spec", "selector", "matchLabels"), True), *_SCHEDULING),
    "apps/ReplicaSet": ((("spec", "selector", "matchLabels"), True),),
    "apps/DaemonSet": ((("spec", "selector", "matchLabels"), True),),
    "batch/Job": ((("spec", "selector", "matchLabels"), False),),
    "batch/CronJob": ((("spec", "jobTemplate", "spec", "selector", "matchLabels"), False),),
    "policy/PodDisruptionBudget": ((("spec", "selector", "matchLabels"), False),),
    "networking.k8s.io/NetworkPolicy": (
        (("spec", "podSelector", "matchLabels"), False),
        (("spec", "ingress", "*", "from", "*", "podSelector", "matchLabels"), False),
        (("spec", "egress", "*", "to", "*", "podSelector", "matchLabels"), False),
    ),
}  # fmt: skip


def add_labels(items: Sequence[Item], labels: Node, selectors: bool, templates: bool, fields: Sequence[Node] = ()) -> None:
    """Set labels on every object; with `templates` on pod templates, with `selectors` in selectors and templates too."""
    for item in items:
        _set(item.node, ("metadata", "labels"), labels, create=True)
        if selectors or templates:
            _on_templates(item, labels, "labels")
            if item.kind == "apps/StatefulSet":
                _set(item.node, ("spec", "volumeClaimTemplates", "*", "metadata", "labels"), labels, create=True)
        if selectors:
            for path, create in _SELECTORS.get(item.kind, ()):
                _set(item.node, path, labels, create)
    set_fields(items, labels, fields)


def set_fields(items: Sequence[Item], values: Node, specs: Sequence[Node]) -> None:
    """Set `values` where field specs say (https://pkg.go.dev/sigs.k8s.io/kustomize/api/types#FieldSpec)."""
    for item in items:
        group, _, kind = item.kind.rpartition("/")
        for spec in specs:
            if spec.text("kind") in ("", kind) and spec.text("group") in ("", group):
                made = spec.get("create")
                path = tuple(spec.text("path").replace("[]", "/*").strip("/").split("/"))
                _set(item.node, path, values, made is not None and made.content is True)


def add_annotations(items: Sequence[Item], annotations: Node) -> None:
    """Set annotations on every object and its pod templates."""
    for item in items:
        _set(item.node, ("metadata", "annotations"), annotations, create=True)
        _on_templates(item, annotations, "annotations")


def _on_templates(item: Item, values: Node, member: str) -> None:
    for path in _TEMPLATES.get(item.kind, ()):
        _set(item.node, (*path, member), values, create=True)


def _set(node: Node, path: tuple[str, ...], values: Node, create: bool) -> None:
    for target in _at(node, path, create):
        if isinstance(target.content, dict):
            for key, value in values.fields.items():
                target.content[key] = value.copy()


def _at(node: Node, path: tuple[str, ...], create: bool) -> Iterator[Node]:
    if not path:
        if node.content is None and create:
            node.content = {}
        yield node
        return
    step, rest = path[0], path[1:]
    if step == "*":
        for child in node.items:
            yield from _at(child, rest, create)
    elif isinstance(node.content, dict):
        found = node.content.get(step)
        # A list is never made: there is nothing to set in an empty one.
        if found is None and create and "*" not in path:
            found = node.content[step] = Node({}, node.location)
        if found is not None:
            yield from _at(found, rest, create)
