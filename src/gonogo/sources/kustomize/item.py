"""An object on its way through a build, with the names it has had."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from gonogo.model.location import Location
from gonogo.sources.located import Node
from gonogo.sources.manifests.objects import KubernetesObject, canonical_kind, is_object, objects_of


class BuildError(Exception):
    """kustomize would refuse to build; the message is one sentence."""

    def __init__(self, message: str, place: Location | None = None) -> None:
        super().__init__(message)
        self.place = place


@dataclass(slots=True, eq=False)
class Item:
    """`names` holds every (namespace, name) it has had, the original first; `affixes` the prefixes and suffixes it was given."""

    kind: str
    node: Node
    names: list[tuple[str, str]] = field(default_factory=list)
    affixes: tuple[str, ...] = ()

    @classmethod
    def of(cls, found: KubernetesObject) -> Item:
        return cls(found.kind, found.node, [(found.namespace, found.name)])

    @property
    def name(self) -> str:
        return self.node.text("metadata", "name")

    @property
    def namespace(self) -> str:
        return self.node.text("metadata", "namespace")

    @property
    def object(self) -> KubernetesObject:
        return KubernetesObject(self.kind, self.node)

    def copy(self) -> Item:
        """A copy that may be edited."""
        return Item(self.kind, self.node.copy(), list(self.names), self.affixes)

    def renamed(self) -> None:
        """Note the present name after a transformer changed it."""
        present = (self.namespace, self.name)
        if present not in self.names:
            self.names.append(present)

    def is_called(self, kind: str, namespace: str, name: str) -> bool:
        """Whether it is, or was at some step, this object; no namespace means `default`, as in kustomize's ids."""
        if self.kind != kind:
            return False
        had = (*self.names, (self.namespace, self.name))
        return any((ns or "default") == (namespace or "default") and n == name for ns, n in had)


def items_of(node: Node) -> Iterator[Item]:
    """The objects of one document of a resource file."""
    for found in objects_of(node):
        yield Item.of(found)


def kind_of(node: Node) -> str:
    """The canonical kind that a patch or an object names, `` where it does not."""
    return canonical_kind(node.text("apiVersion"), node.text("kind")) if is_object(node) else ""


def metadata(node: Node) -> Node:
    """The metadata of an object, created where it is missing."""
    return member(node, "metadata")


def member(node: Node, name: str) -> Node:
    """The mapping at `name` of a mapping, created where it is missing or null."""
    if not isinstance(node.content, dict):
        raise BuildError(f"{name} cannot be set on something that is not a mapping", node.location)
    found = node.content.get(name)
    if found is None or found.content is None:
        found = node.content[name] = Node({}, node.location)
    return found
