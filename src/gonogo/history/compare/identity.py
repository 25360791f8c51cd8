"""Which declaration is which live resource: by project, location and name, as far as they are known."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gonogo.model.resource import Resource
from gonogo.model.value import Unknown, Value, lookup

_FULL = re.compile(r"//[^/]+/(.+)")
_PLACES = ("locations", "regions", "zones")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and what a thing is; None where it is not known: a declaration may leave its project and location to the provider."""

    project: str | None
    location: str | None
    name: str | None

    def agrees(self, other: Place) -> bool:
        """Whether both may be one thing: nothing that is known of both differs."""
        return all(a is None or b is None or a == b for a, b in self._beside(other))

    def _beside(self, other: Place) -> Iterator[tuple[str | None, str | None]]:
        return zip((self.project, self.location, self.name), (other.project, other.location, other.name), strict=True)


@dataclass(frozen=True, slots=True)
class Matched:
    """A declaration with the live resource it is; `rivals` where it may be any of them, and nobody can say which."""

    declared: Resource
    live: Resource | None
    rivals: tuple[Resource, ...] = ()


def place_of_live(resource: Resource) -> Place:
    """From its full resource name (`//cloudsql.googleapis.com/projects/p/instances/i`), and what its attributes say it is called.

    The server names an alert policy by a number: what both sides know is the name that people gave it.
    """
    if resource.live is not None:
        return place_of_object(resource)
    found = _FULL.match(resource.name)
    if found is None:
        return place_of_declared(resource)
    parts = found[1].split("/")
    owners = dict(zip(parts[::2], parts[1::2], strict=False))
    location = next((owners[key] for key in _PLACES if key in owners), None) or _text(resource, "region", "location")
    return Place(owners.get("projects"), location, _last(_text(resource, "name")) or parts[-1])


def place_of_declared(resource: Resource, project: str | None = None) -> Place:
    """From its attributes; `project` is that of the provider, where it is known."""
    if is_object(resource):
        return place_of_object(resource)
    name = _text(resource, "name")
    own = resource.project
    named = project if own is None else own if isinstance(own, str) and own and "${" not in own else None
    return Place(named, _text(resource, "region", "location", "zone"), _last(name))


def is_object(resource: Resource) -> bool:
    """Whether it is an object of a cluster, declared or live."""
    return not resource.kind.endswith(f".googleapis.com/{resource.kind.rpartition('/')[2]}") and isinstance(resource.attributes.get("metadata"), Mapping)


def place_of_object(resource: Resource) -> Place:
    """Of a Kubernetes object: its cluster, its namespace and its name. A manifest may leave the first two to whoever applies it."""
    named, inside = (lookup(resource.attributes, "metadata", key) for key in ("name", "namespace"))
    left = ("metadata", "namespace") in resource.silent and resource.live is None
    return Place(resource.cluster or None, None if left else _written(inside), _written(named))


def match(
    declared: Sequence[Resource], live: Sequence[Resource], project: str | None = None, singletons: Collection[str] = ()
) -> tuple[list[Matched], list[Resource]]:
    """Every declaration with what it is, and the live resources that no declaration is.

    Of a kind in `singletons` a project has one, whatever it is called. Where a declaration agrees with several live resources, or several declarations with one, none is guessed.
    """
    places = [(resource, _nameless(place_of_live(resource), resource, singletons)) for resource in live]
    wants = [_nameless(place_of_declared(resource, project), resource, singletons) for resource in declared]
    by_name = _indexed(places)
    candidates: dict[int, list[Resource]] = {}
    wanted: Counter[int] = Counter()
    for at, resource in enumerate(declared):
        place = wants[at]
        if place.name is not None:
            candidates[at] = [found for found, other in by_name[resource.kind, place.name] if place.agrees(other)]
            wanted.update(id(found) for found in candidates[at])
    taken = set(wanted)
    matched = []
    for at, resource in enumerate(declared):
        if at not in candidates:  # what it is called is not known: any that nothing else is
            place = wants[at]
            found = [r for r, other in places if r.kind == resource.kind and id(r) not in taken and place.agrees(other)]
            wanted.update(id(other) for other in found)
            matched.append(Matched(resource, None, tuple(found)))
        elif len(candidates[at]) == 1 and wanted[id(candidates[at][0])] == 1:
            matched.append(Matched(resource, candidates[at][0]))
        else:
            matched.append(Matched(resource, None, tuple(candidates[at])))
    return matched, [resource for resource in live if not wanted[id(resource)]]


def _nameless(place: Place, resource: Resource, singletons: Collection[str]) -> Place:
    return replace(place, name="") if resource.kind in singletons else place


def _indexed(places: Iterable[tuple[Resource, Place]]) -> dict[tuple[str, str | None], list[tuple[Resource, Place]]]:
    found: dict[tuple[str, str | None], list[tuple[Resource, Place]]] = defaultdict(list)
    for resource, place in places:
        found[resource.kind, place.name].append((resource, place))
    return found


def _text(resource: Resource, *names: str) -> str | None:
    for name in names:
        value: Value = resource.attributes.get(name)
        if isinstance(value, str) and value and "${" not in value:
            return value
        if isinstance(value, str | Unknown) and value:
            return None
    return None


def _written(value: Value) -> str | None:
    return value if isinstance(value, str) and value and "${" not in value else None


def _last(name: str | None) -> str | None:
    return name.rstrip("/").rpartition("/")[2] if name is not None else None
