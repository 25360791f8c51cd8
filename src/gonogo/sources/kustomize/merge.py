"""Strategic merge of a patch into an object (Kubernetes API conventions, "Strategic Merge Patch")."""

from __future__ import annotations

from gonogo.sources.kustomize.item import BuildError
from gonogo.sources.located import Node

# List fields of built-in kinds that merge by key, by the name of the field and of the field above it. From the
# `patchMergeKey`/`x-kubernetes-list-map-keys` of the API's OpenAPI document; every other list is replaced.
_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "imagePullSecrets": ("name",),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "ownerReferences": ("uid",),
    "conditions": ("type",),
    "webhooks": ("name",),
    "schedulingGates": ("name",),
    "resourceClaims": ("name",),
}
_BUILT_IN = frozenset({
    "core", "apps", "batch", "policy", "autoscaling", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
    "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io", "node.k8s.io", "coordination.k8s.io",
    "certificates.k8s.io", "discovery.k8s.io", "apiregistration.k8s.io",
})  # fmt: skip
_SETS = frozenset({"finalizers"})


def merge(target: Node, patch: Node, kind: str) -> bool:
    """Merge `patch` into `target` in place; False where the patch deletes the object."""
    if patch.text("$patch") == "delete":
        return False
    _merge_map(target, patch, kind.rpartition("/")[0] in _BUILT_IN, kind, ())
    return True


def _merge_map(target: Node, patch: Node, strategic: bool, kind: str, path: tuple[str, ...]) -> None:
    if patch.text("$patch") == "replace":
        target.content = _clean(patch).content
        target.location = patch.location
        return
    into = target.content
    if not isinstance(into, dict):
        target.content = into = {}
    for key, value in patch.fields.items():
        if key.startswith("$"):
            continue
        if value.content is None:
            into.pop(key, None)
            continue
        old = into.get(key)
        if isinstance(value.content, dict):
            if value.text("$patch") == "delete":
                into.pop(key, None)
            elif old is not None and isinstance(old.content, dict):
                _merge_map(old, value, strategic, kind, (*path, key))
            else:
                into[key] = _clean(value)
        elif isinstance(value.content, list) and old is not None and isinstance(old.content, list):
            into[key] = _merge_list(old, value, strategic, kind, (*path, key))
        else:
            into[key] = _clean(value)


def _merge_list(old: Node, new: Node, strategic: bool, kind: str, path: tuple[str, ...]) -> Node:
    if any(item.text("$patch") == "replace" for item in new.items):
        return Node([_clean(i) for i in new.items if "$patch" not in i.fields], new.location)
    if not strategic:
        return _clean(new)
    if path[-1] in _SETS and path[-2:-1] == ("metadata",):
        present = [i.content for i in new.items if isinstance(i.content, str)]
        return Node([*_clean(new).items, *(i for i in old.items if i.content not in present)], old.location)
    keys = _merge_keys(kind, path)
    if not keys:
        return _clean(new)
    keys = tuple(k for k in keys if all(k in i.fields for i in new.items)) or keys[:1]
    left = list(old.items)
    merged: list[Node] = []
    for item in new.items:
        if not isinstance(item.content, dict) or keys[0] not in item.content:
            raise BuildError(f"an entry of {path[-1]} in a patch has no {keys[0]}", item.location)
        match = next((m for m in left if all(_same(m.get(k), item.get(k)) for k in keys)), None)
        left = [m for m in left if m is not match]
        if item.text("$patch") == "delete":
            continue
        if match is not None:
            _merge_map(match, item, strategic, kind, path)
        merged.append(match if match is not None else _clean(item))
    # kustomize puts what the patch names first, in the patch's order.
    return Node([*merged, *left], old.location)


def _merge_keys(kind: str, path: tuple[str, ...]) -> tuple[str, ...]:
    name = path[-1]
    if name == "ports":
        return ("port", "protocol") if kind == "core/Service" else ("containerPort", "protocol") if path[-2:-1] != ("spec",) else ()
    if name == "secrets" and kind == "core/ServiceAccount":
        return ("name",)
    return _KEYS.get(name, ())


def _same(one: Node | None, other: Node | None) -> bool:
    return (one.content if one else None) == (other.content if other else None)


def _clean(node: Node) -> Node:
    """A copy without directives and without nulls (a null deletes, and there is nothing here to delete)."""
    if isinstance(node.content, dict):
        kept = {k: _clean(v) for k, v in node.content.items() if not k.startswith("$") and v.content is not None}
        return Node(kept, node.location)
    if isinstance(node.content, list):
        return Node([_clean(i) for i in node.content if i.text("$patch") != "delete"], node.location)
    return Node(node.content, node.location)
