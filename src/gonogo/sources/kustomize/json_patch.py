"""JSON Patch (RFC 6902) on located nodes, with the two liberties that kustomize's library takes.

`replace` of a missing member of an existing mapping adds it (evanphx/json-patch v4), and `metadata.annotations` always exists,
because kustomize keeps notes of its own there while it builds.
"""

from __future__ import annotations

from gonogo.model.location import Location
from gonogo.sources.kustomize.item import BuildError
from gonogo.sources.located import Node


def apply(target: Node, operations: Node) -> None:
    """Apply the operations in place. Raises `BuildError` where one does not fit, as kustomize does."""
    if not isinstance(operations.content, list):
        raise BuildError("a JSON patch is not a list of operations", operations.location)
    metadata = target.get("metadata")
    if metadata is not None and isinstance(metadata.content, dict):
        metadata.content.setdefault("annotations", Node({}, metadata.location))
    for operation in operations.items:
        _apply(target, operation)
    annotations = target.get("metadata", "annotations")
    if metadata is not None and annotations is not None and annotations.content == {}:
        metadata.fields.pop("annotations", None)


def _apply(target: Node, operation: Node) -> None:
    op, place = operation.text("op"), operation.location
    path = _pointer(operation, "path")
    value = operation.get("value")
    if op in ("add", "replace"):
        if value is None:
            value = Node(None, place)
        _set(target, path, value.copy(), place, insert=op == "add")
    elif op == "remove":
        _remove(target, path, place)
    elif op == "copy":
        _set(target, path, _find(target, _pointer(operation, "from"), place).copy(), place, insert=True)
    elif op == "move":
        source = _pointer(operation, "from")
        moved = _find(target, source, place)
        _remove(target, source, place)
        _set(target, path, moved, place, insert=True)
    elif op == "test":
        if _find(target, path, place).value() != (value.value() if value is not None else None):
            raise BuildError(f"the test of {operation.text('path')} in a JSON patch fails", place)
    else:
        raise BuildError(f"a JSON patch has no operation {op!r}", place)


def _pointer(operation: Node, member: str) -> list[str]:
    text = operation.text(member)
    if not text.startswith("/"):
        raise BuildError(f"{member} {text!r} of a JSON patch is not a JSON pointer", operation.location)
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _find(target: Node, path: list[str], place: Location | None) -> Node:
    node = target
    for step in path:
        found = node.get(int(step)) if isinstance(node.content, list) and step.isdigit() else node.get(step)
        if found is None:
            raise BuildError(f"a JSON patch names /{'/'.join(path)}, which does not exist", place)
        node = found
    return node


def _set(target: Node, path: list[str], value: Node, place: Location | None, insert: bool) -> None:
    parent, last = _find(target, path[:-1], place), path[-1]
    if isinstance(parent.content, dict):
        parent.content[last] = value
        return
    if isinstance(parent.content, list):
        index = len(parent.content) if last == "-" else int(last) if last.isdigit() else -1
        if 0 <= index < len(parent.content) + insert:
            if insert:
                parent.content.insert(index, value)
            else:
                parent.content[index] = value
            return
    raise BuildError(f"a JSON patch sets /{'/'.join(path)}, which cannot hold a value", place)


def _remove(target: Node, path: list[str], place: Location | None) -> None:
    parent, last = _find(target, path[:-1], place), path[-1]
    if isinstance(parent.content, dict) and last in parent.content:
        del parent.content[last]
    elif isinstance(parent.content, list) and last.isdigit() and int(last) < len(parent.content):
        del parent.content[int(last)]
    else:
        raise BuildError(f"a JSON patch removes /{'/'.join(path)}, which does not exist", place)
