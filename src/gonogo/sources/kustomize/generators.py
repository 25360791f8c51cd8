"""ConfigMaps and Secrets that a kustomization generates. The hash suffix of their names is left out: references follow the name."""

from __future__ import annotations

import base64
from collections.abc import Callable

from gonogo.model.value import Unknown
from gonogo.sources.kustomize.item import BuildError, Item
from gonogo.sources.located import Leaf, Node

ReadText = Callable[[str], str | Unknown]


def generate(items: list[Item], entry: Node, kind: str, options: Node | None, read: ReadText) -> list[Item]:
    """`items` with the generated object added, merged into one of its name, or replacing it, as `behavior` says."""
    name = entry.text("name")
    if not name:
        raise BuildError(f"a {kind} generator has no name", entry.location)
    data = {key: _encode(node, kind) for key, node in _pairs(entry, read)}
    made = Node(
        {
            "apiVersion": Node("v1", entry.location),
            "kind": Node(kind, entry.location),
            "metadata": Node({"name": Node(name, (entry.get("name") or entry).location)}, entry.location),
        },
        entry.location,
    )
    namespace = entry.get("namespace")
    if namespace is not None and namespace.content:
        made.fields["metadata"].fields["namespace"] = namespace.copy()
    if data:
        made.fields["data"] = Node(dict(data), entry.location)
    if kind == "Secret":
        made.fields["type"] = Node(entry.text("type") or "Opaque", entry.location)
    for source in (options, entry.get("options")):
        for member in ("labels", "annotations"):
            found = source.get(member) if source is not None else None
            if found is not None and found.fields:
                made.fields["metadata"].fields.setdefault(member, Node({}, found.location)).fields.update(found.copy().fields)
    new = Item(f"core/{kind}", made, [(entry.text("namespace"), name)])
    behavior = entry.text("behavior") or "create"
    old = next((i for i in items if i.is_called(new.kind, new.names[0][0], name)), None)
    if behavior == "create":
        if old is not None:
            raise BuildError(f"a generator creates the {kind} {name}, which already exists", entry.location)
        return [*items, new]
    if old is None:
        raise BuildError(f"a generator would {behavior} the {kind} {name}, which does not exist", entry.location)
    if behavior == "merge":
        old.node.fields.setdefault("data", Node({}, entry.location)).fields.update(made.fields.get("data", Node({})).fields)
    elif isinstance(old.node.content, dict):
        old.node.content["data"] = made.fields.get("data", Node({}, entry.location))
    return items


def _pairs(entry: Node, read: ReadText) -> list[tuple[str, Node]]:
    found: list[tuple[str, Node]] = []
    for member in ("literals",):
        listed = entry.get(member)
        for item in listed.items if listed is not None else []:
            if isinstance(item.content, str) and "=" in item.content:
                key, _, text = item.content.partition("=")
                found.append((key.strip(), Node(_unquote(text), item.location)))
    files = entry.get("files")
    for item in files.items if files is not None else []:
        if isinstance(item.content, str):
            key, _, path = item.content.rpartition("=") if "=" in item.content else (item.content.rpartition("/")[2], "", item.content)
            found.append((key, Node(read(path), item.location)))
    for member in ("env", "envs"):
        listed = entry.get(member)
        for item in (listed.items or [listed]) if listed is not None else []:
            if isinstance(item.content, str):
                found += _environment(read(item.content), item)
    return found


def _environment(text: str | Unknown, at: Node) -> list[tuple[str, Node]]:
    if isinstance(text, Unknown):
        # Which keys the file has is not known either; one unknown entry says that there is data.
        return [(str(at.content), Node(text, at.location))]
    pairs = []
    for line in text.splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            key, separator, value = stripped.partition("=")
            # A line without `=` takes the value that the variable has where the build runs.
            content: Leaf = value if separator else Unknown.because(f"{at.content}: {key} is taken from the environment of the build")
            pairs.append((key, Node(content, at.location)))
    return pairs


def _unquote(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _encode(node: Node, kind: str) -> Node:
    content: Leaf = node.content if isinstance(node.content, str | Unknown) else None
    if kind == "Secret" and isinstance(content, str):
        content = base64.b64encode(content.encode()).decode()
    return Node(content, node.location)
