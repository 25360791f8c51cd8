"""Patches of a kustomization: read, aimed and applied."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gonogo.formats.yaml_reader import read_yaml
from gonogo.sources.kustomize import json_patch
from gonogo.sources.kustomize.item import BuildError, Item, kind_of
from gonogo.sources.kustomize.merge import merge
from gonogo.sources.located import Node, located


def inline(text: Node) -> list[Node]:
    """The documents of YAML written inside a YAML string, located in the file that holds it."""
    place = text.location
    parsed = read_yaml(place.file if place else "", str(text.content))
    if parsed.error:
        raise BuildError(f"an inline patch is {parsed.error}", place)
    file, offset = (place.file, place.line) if place else ("", 0)
    return [located(d.value, d.locations, (), offset, file) for d in parsed.documents]


def apply_patch(items: list[Item], patch: Node, target: Node | None) -> list[Item]:
    """`items` after one patch document: a JSON patch (a list) or a strategic merge patch."""
    if isinstance(patch.content, list):
        if target is None:
            raise BuildError("a JSON patch needs a target", patch.location)
        for item in select(items, target):
            json_patch.apply(item.node, patch)
            item.renamed()
        return items
    if target is not None and target.fields:
        return _merge_into(items, select(items, target), patch)
    kind, namespace, name = kind_of(patch), patch.text("metadata", "namespace"), patch.text("metadata", "name")
    if not kind or not name:
        raise BuildError("a patch without a target must name apiVersion, kind and metadata.name", patch.location)
    chosen = [i for i in items if i.is_called(kind, namespace, name)]
    if not chosen:
        raise BuildError(f"a patch is aimed at {kind} {name}, which is not among the resources", patch.location)
    return _merge_into(items, chosen, patch)


def _merge_into(items: list[Item], chosen: Sequence[Item], patch: Node) -> list[Item]:
    deleted: list[Item] = []
    for item in chosen:
        body = patch.copy()
        # A patch names what it is aimed at; it does not rename it.
        for member in ("name", "namespace"):
            (body.get("metadata") or Node({})).fields.pop(member, None)
        for member in ("apiVersion", "kind"):
            body.fields.pop(member, None)
        if not merge(item.node, body, item.kind):
            deleted.append(item)
    return [i for i in items if i not in deleted]


def select(items: Sequence[Item], target: Node) -> list[Item]:
    """The items that a target selects; its members are anchored regular expressions, as in kustomize's selectors."""
    return [item for item in items if _selected(item, target)]


def _selected(item: Item, target: Node) -> bool:
    group, _, kind = item.kind.rpartition("/")
    version = item.node.text("apiVersion").rpartition("/")[2]
    own_group = item.node.text("apiVersion").rpartition("/")[0]
    names = [n for _, n in item.names] + [item.name]
    namespaces = [ns or "default" for ns, _ in item.names] + [item.namespace or "default"]
    wanted = target.text("group")
    if wanted and not (_match(target, "group", [own_group]) or _match(target, "group", [group])):
        return False
    if not (_match(target, "version", [version]) and _match(target, "kind", [kind])):
        return False
    if not (_match(target, "name", names) and _match(target, "namespace", namespaces)):
        return False
    labels = {k: str(v.value()) for k, v in (item.node.get("metadata", "labels") or Node({})).fields.items()}
    annotations = {k: str(v.value()) for k, v in (item.node.get("metadata", "annotations") or Node({})).fields.items()}
    return _chosen(target.text("labelSelector"), labels) and _chosen(target.text("annotationSelector"), annotations)


def _match(target: Node, member: str, values: Sequence[str]) -> bool:
    pattern = target.text(member)
    if not pattern:
        return True
    try:
        return any(re.fullmatch(pattern, value) for value in values)
    except re.error:
        return any(pattern == value for value in values)


_TERM = re.compile(r"\s*(?P<key>[^!=\s]+)\s*(?:(?P<operator>==|!=|=)\s*(?P<value>.*?))?\s*", re.S)
_SET = re.compile(r"\s*(?P<key>\S+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)\s*")


def _chosen(selector: str, values: dict[str, str]) -> bool:
    """Whether labels match a selector of the form `a=b,c!=d,e,!f,g in (h,i),j notin (k)`."""
    return all(_holds(term, values) for term in re.findall(r"[^,(]+(?:\([^)]*\))?", selector) if term.strip())


def _holds(term: str, values: dict[str, str]) -> bool:
    if term.strip().startswith("!"):
        return term.strip()[1:].strip() not in values
    within = _SET.fullmatch(term)
    if within is not None:
        listed = [v.strip() for v in within["values"].split(",")]
        return (values.get(within["key"]) in listed) is (within["operator"] == "in")
    match = _TERM.fullmatch(term)
    if match is None:
        return False
    if match["operator"] is None:
        return match["key"] in values
    return (values.get(match["key"]) == match["value"]) is (match["operator"] != "!=")
