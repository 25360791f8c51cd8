"""YAML data as a tree in which every value carries its own place, so that merging documents keeps the places right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from gonogo.model.location import Location, Locations
from gonogo.model.value import Path, Unknown, Value

Leaf: TypeAlias = None | bool | int | float | str | Unknown
Content: TypeAlias = Leaf | dict[str, "Node"] | list["Node"]


@dataclass(slots=True, eq=False)
class Node:
    """A value with the place it was written at (None for a value nobody wrote). Mutable: patches edit copies in place."""

    content: Content
    location: Location | None = None

    def copy(self) -> Node:
        """A deep copy."""
        if isinstance(self.content, dict):
            return Node({key: child.copy() for key, child in self.content.items()}, self.location)
        if isinstance(self.content, list):
            return Node([child.copy() for child in self.content], self.location)
        return Node(self.content, self.location)

    @property
    def fields(self) -> dict[str, Node]:
        """The members of a mapping; an empty mapping for anything else."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The members of a list; an empty list for anything else."""
        return self.content if isinstance(self.content, list) else []

    def get(self, *path: str | int) -> Node | None:
        """The node at `path`, None where there is none."""
        node: Node = self
        for step in path:
            found = node.fields.get(step) if isinstance(step, str) else node.items[step] if 0 <= step < len(node.items) else None
            if found is None:
                return None
            node = found
        return node

    def text(self, *path: str | int) -> str:
        """The string at `path`, `` where there is none."""
        node = self.get(*path)
        return node.content if node is not None and isinstance(node.content, str) else ""

    def texts(self, *path: str | int) -> list[str]:
        """The strings of the list at `path`; a single string counts as a list of one."""
        node = self.get(*path)
        if node is None:
            return []
        if isinstance(node.content, str):
            return [node.content]
        return [item.content for item in node.items if isinstance(item.content, str)]

    def maps(self, *path: str | int) -> list[Node]:
        """The members of the list at `path` that are mappings."""
        found = self.get(*path)
        return [item for item in found.items if isinstance(item.content, dict)] if found is not None else []

    def value(self) -> Value:
        """The plain value."""
        if isinstance(self.content, dict):
            return {key: child.value() for key, child in self.content.items()}
        if isinstance(self.content, list):
            return [child.value() for child in self.content]
        return self.content

    def locations(self) -> dict[Path, Location]:
        """The place of every value, by path from this node."""
        found: dict[Path, Location] = {}
        for path, node in self.walk():
            if node.location is not None:
                found[path] = node.location
        return found

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """This node and every node below it, in order."""
        pending: list[tuple[Path, Node]] = [(path, self)]
        while pending:
            at, node = pending.pop()
            yield at, node
            if isinstance(node.content, dict):
                pending.extend(((*at, key), child) for key, child in reversed(node.content.items()))
            elif isinstance(node.content, list):
                pending.extend(((*at, index), node.content[index]) for index in reversed(range(len(node.content))))


def located(value: Value, locations: Locations, path: Path = (), line_offset: int = 0, file: str = "") -> Node:
    """The tree of `value`. With `file`, places are moved into it by `line_offset` (YAML written inside a YAML string)."""
    place = locations.get(path)
    if file and place is not None:
        place = Location(file, place.line + line_offset, place.column, place.end_line + line_offset if place.end_line else 0)
    if isinstance(value, Mapping):
        return Node({k: located(v, locations, (*path, k), line_offset, file) for k, v in value.items()}, place)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Node([located(v, locations, (*path, i), line_offset, file) for i, v in enumerate(value)], place)
    return Node(value, place)


def written(value: Value, place: Location | None) -> Node:
    """A tree of `value` in which every node stands at `place`."""
    if isinstance(value, Mapping):
        return Node({k: written(v, place) for k, v in value.items()}, place)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Node([written(v, place) for v in value], place)
    return Node(value, place)
