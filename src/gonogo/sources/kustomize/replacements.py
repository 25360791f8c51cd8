"""Replacements of a kustomization: a field of one object copied into fields of others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gonogo.formats.yaml_reader import scalar
from gonogo.sources.kustomize.item import BuildError, Item
from gonogo.sources.located import Node, written

_STEP = re.compile(r"\[([^=\]]+)=([^\]]*)\]\Z")


def replace(items: Sequence[Item], entry: Node) -> None:
    """Apply one replacement in place. Raises `BuildError` where a source or a target does not exist, as kustomize does."""
    value = _source(items, entry)
    for target in entry.maps("targets"):
        select, rejects = target.get("select") or Node({}), target.maps("reject")
        chosen = [i for i in items if _selected(i, select) and not any(_selected(i, r) for r in rejects)]
        for item in chosen:
            for path in target.texts("fieldPaths") or ["metadata.name"]:
                _set(item, path, value, target)


def _source(items: Sequence[Item], entry: Node) -> Node:
    literal = entry.get("sourceValue")
    if literal is not None:
        return literal
    source = entry.get("source")
    if source is None:
        raise BuildError("a replacement has no source", entry.location)
    chosen = [i for i in items if _selected(i, source)]
    if len(chosen) != 1:
        raise BuildError(f"the source of a replacement selects {len(chosen)} objects", source.location)
    path = source.text("fieldPath") or "metadata.name"
    found = list(_find(chosen[0].node, _steps(path), create=False))
    if not found:
        raise BuildError(f"the source of a replacement has no {path}", source.location)
    delimiter = source.text("options", "delimiter")
    if delimiter and isinstance(found[0].content, str):
        parts = found[0].content.split(delimiter)
        index = _index(source)
        if not 0 <= index < len(parts):
            raise BuildError(f"the source of a replacement has no part {index}", source.location)
        return Node(parts[index], found[0].location)
    return found[0]


def _set(item: Item, path: str, value: Node, target: Node) -> None:
    create = target.get("options", "create")
    makes = create is not None and create.content is True
    found = list(_find(item.node, _steps(path), makes))
    if not found:
        raise BuildError(f"the target of a replacement has no {path}", target.location)
    delimiter = target.text("options", "delimiter")
    for node in found:
        new = value.copy()
        if delimiter and isinstance(node.content, str):
            parts, index = node.content.split(delimiter), _index(target)
            if index < 0:
                parts.insert(0, str(value.value()))
            elif index >= len(parts):
                parts.append(str(value.value()))
            else:
                parts[index] = str(value.value())
            new = Node(delimiter.join(parts), value.location)
        # A scalar keeps the type of the one it replaces, as only the text is put in its place.
        if isinstance(node.content, str) and isinstance(new.content, int | float):
            new.content = str(new.content).lower() if isinstance(new.content, bool) else str(new.content)
        elif isinstance(node.content, int | float) and isinstance(new.content, str):
            new.content = written(scalar(new.content), None).content
        node.content, node.location = new.content, new.location
    item.renamed()


def _index(options: Node) -> int:
    found = options.get("options", "index")
    return found.content if found is not None and isinstance(found.content, int) else 0


def _steps(path: str) -> list[str]:
    r"""The steps of `spec.containers.[name=a].image`; a dot within brackets or behind `\` does not part."""
    return [s.replace("\\.", ".") for s in re.findall(r"\[[^\]]*\]|(?:\\.|[^.\\])+", path)]


def _find(node: Node, steps: Sequence[str], create: bool) -> Iterator[Node]:
    if not steps:
        yield node
        return
    step, rest = steps[0], steps[1:]
    if isinstance(node.content, list):
        match = _STEP.match(step)
        if match is not None:
            members = [m for m in node.content if str((m.get(match[1]) or Node(None)).value()) == match[2]]
        elif step == "*":
            members = node.content
        else:
            members = [node.content[int(step)]] if step.isdigit() and int(step) < len(node.content) else []
        for member in members:
            yield from _find(member, rest, create)
    elif isinstance(node.content, dict):
        if step not in node.content and create:
            node.content[step] = Node({} if rest else None, node.location)
        if step in node.content:
            yield from _find(node.content[step], rest, create)


def _selected(item: Item, select: Node) -> bool:
    group, _, version = item.node.text("apiVersion").rpartition("/")
    own = {"group": group, "version": version, "kind": item.kind.rpartition("/")[2]}
    if any(select.text(member) not in ("", value) for member, value in own.items()):
        return False
    names = [*item.names, (item.namespace, item.name)]
    name, namespace = select.text("name"), select.text("namespace")
    return any((not name or n == name) and (not namespace or (ns or "default") == namespace) for ns, n in names)
