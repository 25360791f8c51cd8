"""Image and replica overrides of a kustomization."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gonogo.sources.kustomize.item import BuildError, Item, member
from gonogo.sources.located import Node

_IMAGE = re.compile(r"(?P<name>(?:[^/@]+(?::\d+)?/)*[^:@/]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?\Z")
_SCALED = frozenset({"apps/Deployment", "apps/ReplicaSet", "apps/StatefulSet", "core/ReplicationController"})


def set_images(items: Sequence[Item], entries: Sequence[Node]) -> None:
    """Rewrite the images of every `containers` and `initContainers` list, wherever it is in an object."""
    for item in items:
        if item.kind == "apiextensions.k8s.io/CustomResourceDefinition":
            continue
        for path, node in item.node.walk():
            if path and path[-1] in ("containers", "initContainers"):
                for container in node.items:
                    image = container.get("image")
                    if image is not None and isinstance(image.content, str):
                        for entry in entries:
                            _rewrite(image, entry)


def _rewrite(image: Node, entry: Node) -> None:
    match = _IMAGE.match(str(image.content))
    if match is None or match["name"] != entry.text("name"):
        return
    name = entry.text("newName") or match["name"]
    new_tag, digest = entry.get("newTag"), entry.text("digest")
    tag = match["tag"]
    kept = match["digest"]
    if new_tag is not None and new_tag.content not in (None, ""):
        tag, kept = str(new_tag.value()), None
    if digest:
        tag, kept = None, digest
    if entry.text("tagSuffix") and tag is not None:
        tag, kept = tag + entry.text("tagSuffix"), None
    text = name + (f":{tag}" if tag else "") + (f"@{kept}" if kept else "")
    if text != image.content:
        image.content, image.location = text, entry.location


def set_replicas(items: Sequence[Item], entries: Sequence[Node]) -> None:
    """Set `spec.replicas` of the workloads named by each entry. Raises `BuildError` where one names none."""
    for entry in entries:
        count = entry.get("count")
        chosen = [i for i in items if i.kind in _SCALED and any(n == entry.text("name") for _, n in (*i.names, ("", i.name)))]
        if not chosen:
            raise BuildError(f"replicas names {entry.text('name')}, which is not among the resources", entry.location)
        for item in chosen:
            spec = member(item.node, "spec")
            if isinstance(spec.content, dict) and count is not None:
                spec.content["replicas"] = Node(count.content, count.location)
