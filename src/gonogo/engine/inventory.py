"""All resources and gaps of a run, indexed, with the declared relations between resources resolved on reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from gonogo.model.finding import Subject
from gonogo.model.location import Location
from gonogo.model.resource import Gap, Origin, Resource
from gonogo.model.value import OpenList, Path, Unknown, Value, is_list, lookup
from gonogo.rules.rule import Relation

Key = tuple[Value, ...]


class ResourceView(Mapping[str, Value]):
    """A resource as rules see it: its attributes, and one list per relation of its kind, joined when it is read."""

    __slots__ = ("_inventory", "_joined", "resource")

    def __init__(self, resource: Resource, inventory: Inventory) -> None:
        self.resource = resource
        self._inventory = inventory
        self._joined: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        joined = self._joined.get(name)
        if joined is not None:
            return joined
        relation = self._inventory.relation(self.resource.kind, name)
        if relation is None:
            return self.resource.attributes[name]
        value = self._joined[name] = self._inventory.related(self.resource, relation)
        return value

    def __iter__(self) -> Iterator[str]:
        yield from self.resource.attributes
        yield from self._inventory.relation_names(self.resource.kind)

    def __len__(self) -> int:
        return len(self.resource.attributes) + len(self._inventory.relation_names(self.resource.kind))


@dataclass(frozen=True, slots=True)
class _Index:
    """The views on one side of a relation, by key; `uncertain` are those whose key is not known."""

    by_key: Mapping[Key, tuple[ResourceView, ...]]
    uncertain: tuple[ResourceView, ...]


class Inventory:
    """The judged resources of a run. Immutable after construction but for memoised views and indexes.

    `live_kinds` are the kinds that `projects` were asked for: of those, what is live is judged, and a declaration is drift at
    most, but for one of another project. Without `code` no repository was looked at.
    """

    def __init__(
        self,
        resources: Iterable[Resource],
        gaps: Iterable[Gap],
        relations: Sequence[Relation],
        live_kinds: Set[str] = frozenset(),
        projects: Set[str] = frozenset(),
        *,
        code: bool = True,
    ) -> None:
        self.gaps = tuple(sorted(set(gaps)))
        self.live_kinds = live_kinds
        self.code = code
        self._elsewhere: set[tuple[str, str]] = set()
        by_kind: dict[str, list[ResourceView]] = defaultdict(list)
        for resource in sorted(resources, key=_order):
            by_kind[resource.kind].append(ResourceView(resource, self))
            if isinstance(resource.project, str) and "${" not in resource.project and resource.project not in projects:
                self._elsewhere.add((resource.kind, resource.name))
        self._by_kind = {kind: tuple(views) for kind, views in by_kind.items()}
        self._relations: dict[str, dict[str, Relation]] = defaultdict(dict)
        for relation in relations:
            for kind in relation.from_kinds:
                self._relations[kind][relation.name] = relation
        self._indexes: dict[tuple[str, ...], _Index] = {}

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_kind))

    def of(self, kind: str) -> tuple[ResourceView, ...]:
        """The resources of a kind, by name."""
        return self._by_kind.get(kind, ())

    def gaps_in(self, kind: str, view: str) -> tuple[Gap, ...]:
        """The gaps that leave a kind incomplete in a view: a module that was not read hides nothing of the cloud."""
        live = view == Origin.LIVE.view
        return tuple(gap for gap in self.gaps if (gap.origin is Origin.LIVE) == live and gap.touches(kind))

    def read_live(self, subject: Subject) -> bool:
        """Whether what is live was asked for where the subject would be."""
        return subject.kind in self.live_kinds and (subject.kind, subject.name) not in self._elsewhere

    def relation(self, kind: str, name: str) -> Relation | None:
        found = self._relations.get(kind)
        return found.get(name) if found else None

    def relation_names(self, kind: str) -> tuple[str, ...]:
        return tuple(sorted(self._relations.get(kind, ())))

    def related(self, resource: Resource, relation: Relation) -> Value:
        """The resources that `relation` joins to `resource`; an open list where a key or a kind is incomplete."""
        index = self._index(relation)
        unknowns: list[Value] = []
        found: dict[int, ResourceView] = {}
        for key in _keys(resource, [own for own, _ in relation.keys]):
            if isinstance(key, Unknown):
                unknowns.append(key)
                continue
            for view in index.by_key.get(key, ()):
                if _beside(view.resource, resource):
                    found[id(view)] = view
        for view in index.uncertain:
            if not _beside(view.resource, resource):
                continue
            unknowns.append(Unknown.because(f"{view.resource.name}: the value that would relate it is not known"))
        for gap in self.gaps_in(relation.to_kind, resource.origin.view):
            unknowns.append(Unknown.because(describe(gap)))
        if unknowns:
            return OpenList(found.values(), Unknown.merge(unknowns))
        return tuple(found.values())

    def _index(self, relation: Relation) -> _Index:
        paths = tuple(other for _, other in relation.keys)
        identity = (relation.to_kind, *(".".join(map(str, p)) for p in paths))
        index = self._indexes.get(identity)
        if index is None:
            by_key: dict[Key, list[ResourceView]] = defaultdict(list)
            uncertain: dict[int, ResourceView] = {}
            for view in self.of(relation.to_kind):
                for key in _keys(view.resource, paths):
                    if isinstance(key, Unknown):
                        uncertain[id(view)] = view
                    else:
                        by_key[key].append(view)
            index = _Index({key: tuple(views) for key, views in by_key.items()}, tuple(uncertain.values()))
            self._indexes[identity] = index
        return index


def _beside(one: Resource, other: Resource) -> bool:
    """Whether two resources can have to do with each other: they are of one view, and of one cluster where they are of any."""
    return one.origin.view == other.origin.view and (one.cluster == other.cluster or not one.cluster or not other.cluster)


def _order(resource: Resource) -> tuple[str, str, str, str, Location]:
    place = resource.locate() or Location("")
    return (resource.kind, resource.name, resource.origin, resource.environment, place)


def _keys(resource: Resource, paths: Sequence[Path]) -> Iterator[Key | Unknown]:
    """Every key of a resource: a list at a path joins on each of its members; null joins with nothing."""
    keys: list[Key | Unknown] = [()]
    for path in paths:
        value = lookup(resource.attributes, *path)
        members: list[Value] = [*value] if is_list(value) and isinstance(value, Sequence) else [value]
        if isinstance(value, OpenList):
            members.append(value.unknown)
        extended: list[Key | Unknown] = []
        for key in keys:
            for member in members:
                if isinstance(key, Unknown):
                    extended.append(key)
                elif isinstance(member, Unknown):
                    extended.append(member)
                elif member is not None and not isinstance(member, Mapping) and not is_list(member):
                    extended.append((*key, member))
        keys = extended
    yield from keys


def describe(gap: Gap) -> str:
    """A gap as a reason: where and why."""
    place = f"{gap.file}:{gap.line}" if gap.line else gap.file
    return f"{place}: {gap.reason}" if place else gap.reason
